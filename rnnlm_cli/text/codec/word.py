"""The codec of words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rnnlm_cli.text.codec.base import LINE_END, Codec, Decoder
from rnnlm_cli.text.codec.tokenizer_json import (
    BLANK,
    TokenizerJson,
    by_words,
    document,
    normal_form,
    replaced,
    split,
)
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.vocabulary import Vocabulary

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
    between_blanks = True

    def split(self, text: str) -> list[str]:
        """Return the words."""
        return self.normalized(text).split()

    def split_block(self, block: Piece) -> Iterable[str]:
        """Return the words and the lines' ends."""
        text = self.ended(block)
        if self.end_of_line is None:
            return text.split()
        *lines, last = text.split(LINE_END)
        tokens = list[str]()
        for line in lines:
            tokens += line.split()
            tokens.append(LINE_END)
        return tokens + last.split()

    def decoder(self) -> Decoder:
        """Return a decoder that puts spaces between words and attaches punctuation."""
        return _WordDecoder(self.end_of_line)

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

    def as_json(self, vocabulary: Vocabulary) -> TokenizerJson:
        """Return a table of words. A newline is the word that ends a line, if there is one."""
        ends = [replaced({"String": "\n"}, f" {self.end_of_line} ")] if self.end_of_line else []
        return document(
            by_words(vocabulary.index, vocabulary.unknown),
            [*normal_form(self.normalize, self.lowercase), *ends],
            [split({"Regex": f"[{BLANK}]+"}, "Removed")],
            decoder=None,  # which puts a space between words
        )


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
