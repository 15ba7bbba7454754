"""How programs for n-gram models write what is no word: edges of lines, unknown words, blanks."""

from __future__ import annotations

BEGIN, END, UNKNOWN = "<s>", "</s>", "<unk>"

UNKNOWN_SPELLINGS = (UNKNOWN, "<UNK>")
"""One word, as in KenLM: Kaldi and CMU's toolkit write the second."""

NAMES = {" ": "<space>", "\t": "<tab>", "\n": "<newline>"}
"""What characters are called that would break a format of words with blanks between."""


def others_name(token: str) -> str:
    """Return how other programs write a token that is no end of a line."""
    return NAMES.get(token, token)
