"""Characters, each a token."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.sizes import size_changing


class CharCodec(Codec):
    """Each character is a token, the newline too where ``end_of_line`` puts no token there."""

    unit = "char"
    separator = ""
    newline = "\n"
    one_character = True

    def split(self, text: str) -> list[str]:
        """Return the characters."""
        if self.lowercase:
            text = text.lower()
        return list(text if self.end_of_line is None else text.removesuffix("\n"))

    def decoder(self) -> Callable[[str], str]:
        """Return what writes characters as they are."""
        return lambda token: "\n" if token == self.end_of_line else token

    def changed_sizes(self, text: str) -> Iterator[tuple[int, str, str]]:
        """Give the characters that lower case makes longer or shorter.

        Where a character becomes several, it belongs to the first of them.
        """
        more = 0  # characters that lower case has added so far
        for found in size_changing().finditer(text):
            place, lower = found.start() + more, found.group().lower()
            yield place, found.group(), lower[0]
            for k, extra in enumerate(lower[1:], 1):
                yield place + k, "", extra
            more += len(lower) - 1
