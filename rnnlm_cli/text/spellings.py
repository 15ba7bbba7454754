"""How programs for n-gram models spell line edges, unknown words and white space."""

from __future__ import annotations

BEGIN, END, UNKNOWN = "<s>", "</s>", "<unk>"

UNKNOWN_SPELLINGS = (UNKNOWN, "<UNK>")
"""Both mean the same word, as in KenLM; Kaldi and CMU's toolkit write the second."""

NAMES = {" ": "<space>", "\t": "<tab>", "\n": "<newline>"}
"""Names of the characters that would break a format of words separated by spaces."""


def others_name(token: str) -> str:
    """Return how other programs spell a token that does not end a line."""
    return NAMES.get(token, token)
