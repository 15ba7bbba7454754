"""How programs for n-gram models spell line edges, unknown words and white space."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlm_cli.text.vocabulary import Vocabulary

BEGIN, END, UNKNOWN = "<s>", "</s>", "<unk>"

UNKNOWN_SPELLINGS = (UNKNOWN, "<UNK>")
"""Both mean the same word, as in KenLM; Kaldi and CMU's toolkit write the second."""

NAMES = {" ": "<space>", "\t": "<tab>", "\n": "<newline>", "\r": "<return>"}
"""Names of the characters that would break a format of words separated by spaces."""


def others_name(token: str) -> str:
    """Return how other programs spell a token that does not end a line."""
    return NAMES.get(token, token)


def others_names(vocabulary: Vocabulary, line_end: str | None) -> Sequence[str]:
    """Return how programs for n-gram models spell each token, by id.

    Args:
        vocabulary: The tokens.
        line_end: The token that ends a line.
    """
    names = [END if t == line_end else others_name(t) for t in vocabulary.tokens]
    names[vocabulary.unknown_id] = UNKNOWN
    return names
