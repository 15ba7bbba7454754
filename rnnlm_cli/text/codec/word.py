"""The codec of words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rnnlm_cli.text.codec.base import Codec
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

    def decoder(self) -> Callable[[str], str]:
        """Return a function that puts spaces between words and attaches punctuation."""
        last: str | None = None

        def write(token: str) -> str:
            nonlocal last
            before, last = last, token
            if token == self.end_of_line:
                return "\n"
            begins_line = before is None or before == self.end_of_line
            return token if begins_line or attached(str(before), token) else f" {token}"

        return write

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


def attached(last: str, token: str) -> bool:
    """Whether two words are written without a space between them."""
    return (
        token in NO_SPACE_BEFORE
        or last in NO_SPACE_AFTER
        or (len(token) > 1 and token[0] in "'’" and token[1].isalpha())
    )
