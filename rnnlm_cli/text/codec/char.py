"""The codec of characters."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlm_cli.text.codec.base import Codec, Decoder
from rnnlm_cli.text.sizes import size_changing


class CharCodec(Codec):
    """Each character is a token; so is the newline if ``end_of_line`` is ``None``."""

    unit = "char"
    separator = ""
    newline = "\n"
    noun = "character"
    one_character = True

    def split(self, text: str) -> list[str]:
        """Return the characters."""
        if self.lowercase:
            text = text.lower()
        return list(text if self.end_of_line is None else text.removesuffix("\n"))

    def decoder(self) -> Decoder:
        """Return a decoder that writes characters unchanged and a newline at a line's end."""
        return _CharDecoder(self.end_of_line)

    def changed_sizes(self, text: str) -> Iterator[tuple[int, str, str]]:
        """Find the characters that become longer or shorter in lower case.

        If a character becomes several, its original goes with the first of them.
        """
        more = 0  # characters added by lower case so far
        for found in size_changing().finditer(text):
            place, lower = found.start() + more, found.group().lower()
            yield place, found.group(), lower[0]
            for k, extra in enumerate(lower[1:], 1):
                yield place + k, "", extra
            more += len(lower) - 1


class _CharDecoder(Decoder):
    """Writes characters unchanged."""

    def __init__(self, end_of_line: str | None) -> None:
        self._end = end_of_line

    def __call__(self, token: str) -> str:
        return "\n" if token == self._end else token
