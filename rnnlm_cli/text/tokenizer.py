"""Text to tokens: words between white space, or characters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnnlm_cli.text.opened import MOST_EXPANSION
from rnnlm_cli.text.reader import MOST_TOKEN_BYTES, Limits, Piece


@dataclass(frozen=True)
class Tokenizer:
    """How a text is cut; a checkpoint keeps it, so that every text is cut alike.

    Attributes:
        unit: ``word`` (separated by white space) or ``char``.
        end_of_line: The token put at each line's end. With ``None`` a line's end is nothing
            among words, and a character like any other among characters.
        lowercase: Whether all is made lower case first.
        max_token_bytes: Of a word; characters are short.
        max_expansion: Times its compressed size that a text may be.
    """

    unit: Literal["word", "char"] = "word"
    end_of_line: str | None = "<eos>"
    lowercase: bool = False
    max_token_bytes: int = MOST_TOKEN_BYTES
    max_expansion: float = MOST_EXPANSION

    @property
    def limits(self) -> Limits:
        """What a text is read with: a line of characters can be cut anywhere."""
        return Limits(None if self.unit == "char" else self.max_token_bytes, self.max_expansion)

    def tokens(self, piece: Piece) -> list[str]:
        """Cut one piece of a text, with the line's end where it has one."""
        tokens = self.words(piece.text)
        if piece.ends_line and self.end_of_line is not None:
            tokens.append(self.end_of_line)
        return tokens

    def words(self, text: str) -> list[str]:
        """Cut a string into what stands in it, without a token for a line's end."""
        if self.lowercase:
            text = text.lower()
        if self.unit == "word":
            return text.split()
        return list(text if self.end_of_line is None else text.removesuffix("\n"))

    def part(self, piece: Piece, start: int, stop: int) -> Piece:
        """Return the tokens ``start`` to ``stop - 1`` of a piece as a piece of its own.

        It ends its line if the piece does and its last token is among them.
        """
        words = self.words(piece.text)
        last = len(words) + (self.end_of_line is not None)
        ends_line = piece.ends_line and stop >= last
        separator = " " if self.unit == "word" else ""
        text = separator.join(words[start:stop])
        return Piece(text if ends_line else text + separator, ends_line)

    @property
    def line_end(self) -> str | None:
        """The token that ends a line: the one put there, or a newline among characters."""
        newline = "\n" if self.unit == "char" else None
        return self.end_of_line or newline
