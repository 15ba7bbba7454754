"""The codec of words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rnnlm_cli.text.codec.base import Codec

NO_SPACE_BEFORE = frozenset([*".,;:!?)]}%…'”’", "...", "''", "n't"])
"""Closing punctuation, and the second part of a contraction as the Penn Treebank splits it."""

NO_SPACE_AFTER = frozenset([*"([{$#`“‘£€", "``"])
"""Opening punctuation, and signs before a number."""


class WordCodec(Codec):
    """Each word between white space is a token."""

    unit = "word"
    separator = " "
    marks = ("<s>", "</s>")
    finer_unit = "char"

    def split(self, text: str) -> list[str]:
        """Return the words."""
        return self.normalized(text).split()

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
        """Find the words that become longer or shorter by ``normalized``.

        NFKC may make several words of one: its original goes with the first of them.
        """
        place = 0
        for original in text.split():
            words = [original] if original.isascii() else self.normalized(original).split()
            if words != [original]:
                for k, word in enumerate(words):
                    yield (place, original, word) if k == 0 else (place + k, "", f" {word}")
            place += len(words)


def attached(last: str, token: str) -> bool:
    """Whether two words are written without a space between them."""
    return (
        token in NO_SPACE_BEFORE
        or last in NO_SPACE_AFTER
        or (len(token) > 1 and token[0] in "'’" and token[1].isalpha())
    )
