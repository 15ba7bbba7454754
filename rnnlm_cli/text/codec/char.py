"""The codec of characters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rnnlm_cli.text.codec.base import Codec, Decoder
from rnnlm_cli.text.codec.tokenizer_json import (
    NEWLINES,
    TokenizerJson,
    by_words,
    document,
    normal_form,
    split,
)
from rnnlm_cli.text.normal import by_character, stretches
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.vocabulary import Vocabulary


class CharCodec(Codec):
    """Each character is a token; so is the newline if ``end_of_line`` is ``None``."""

    unit = "char"
    separator = ""
    newline = "\n"
    noun = "character"
    one_character = True

    def split(self, text: str) -> list[str]:
        """Return the characters."""
        text = self.normalized(text)
        return list(text if self.end_of_line is None else text.removesuffix("\n"))

    def split_block(self, block: Piece) -> Iterable[str]:
        """Return the characters; the newline is ``LINE_END``, and without it a character."""
        return self.ended(block)

    def decoder(self) -> Decoder:
        """Return a decoder that writes characters unchanged and a newline at a line's end."""
        return _CharDecoder(self.end_of_line)

    def changed_sizes(self, text: str) -> Iterator[tuple[int, str, str]]:
        """Find the characters that become longer or shorter by ``normalized``.

        If a stretch becomes more characters or fewer, its original goes with the first of them.
        """
        place = 0
        for original in stretches(text) if self.normalize else text:
            read = self.normalized(original)
            if read != original:
                for k, whole in enumerate(by_character(original, len(read))):
                    yield place + k, whole, read[k]
            place += len(read)

    def as_json(self, vocabulary: Vocabulary) -> TokenizerJson:
        """Return a table of characters, in which the token that ends a line is a newline."""
        ids = {("\n" if t == self.end_of_line else t): k for t, k in vocabulary.index.items()}
        return document(
            by_words(ids, vocabulary.unknown),
            [NEWLINES, *normal_form(self.normalize, self.lowercase)],
            [split({"Regex": r"[\s\S]"}, "Isolated")],
            decoder={"type": "Fuse"},
        )


class _CharDecoder(Decoder):
    """Writes characters unchanged."""

    def __init__(self, end_of_line: str | None) -> None:
        self._end = end_of_line

    def __call__(self, token: str) -> str:
        return "\n" if token == self._end else token
