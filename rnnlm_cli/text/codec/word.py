"""The codec of words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rnnlm_cli.text.codec.base import Codec, Decoder
from rnnlm_cli.text.sizes import size_changing

NO_SPACE_BEFORE = frozenset([*".,;:!?)]}%…'”’", "...", "''", "n't"])
"""Closing punctuation, and the second part of a contraction as the Penn Treebank splits it."""

NO_SPACE_AFTER = frozenset([*"([{$#`“‘£€", "``"])
"""Opening punctuation, and signs before a number."""

REST_OF_WORD = re.compile(r"\S+")


class WordCodec(Codec):
    """Each word between white space is a token."""

    unit = "word"
    separator = " "
    marks = ("<s>", "</s>")
    finer_unit = "char"

    def split(self, text: str) -> list[str]:
        """Return the words."""
        return (text.lower() if self.lowercase else text).split()

    def decoder(self) -> Decoder:
        """Return a decoder that puts spaces between words and attaches punctuation."""
        return _WordDecoder(self.end_of_line)

    def changed_sizes(self, text: str) -> Iterator[tuple[int, str, str]]:
        """Find the words that become longer or shorter in lower case."""
        end = next_word = 0  # the end of the last word found; the index of the next word
        for found in size_changing().finditer(text):
            if found.start() < end:
                continue
            between = text[end : found.start()].split()
            begun = found.start() > end and not text[found.start() - 1].isspace()
            rest = REST_OF_WORD.match(text, found.start())
            assert rest is not None
            word = (between[-1] if begun else "") + rest.group()
            next_word += len(between) - begun
            yield next_word, word, word.lower()
            next_word, end = next_word + 1, rest.end()


class _WordDecoder(Decoder):
    """Writes a word after the space that belongs before it."""

    def __init__(self, end_of_line: str | None) -> None:
        self._end = end_of_line
        self._last: str | None = None  # the word before; none at the beginning of a line

    def __call__(self, token: str) -> str:
        before = self._last
        if token == self._end:
            self._last = None
            return "\n"
        self._last = token
        return token if before is None or attached(before, token) else f" {token}"


def attached(last: str, token: str) -> bool:
    """Whether two words are written without a space between them."""
    return (
        token in NO_SPACE_BEFORE
        or last in NO_SPACE_AFTER
        or (len(token) > 1 and token[0] in "'’" and token[1].isalpha())
    )
