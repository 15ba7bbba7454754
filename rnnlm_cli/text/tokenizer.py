"""Text to tokens: words between white space, or characters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnnlm_cli.text.reader import Piece


@dataclass(frozen=True)
class Tokenizer:
    """How a text is cut; a checkpoint keeps it, so that every text is cut alike.

    Attributes:
        unit: ``word`` (separated by white space) or ``char``.
        end_of_line: The token put at each line's end. With ``None`` a line's end is nothing
            among words, and a character like any other among characters.
        lowercase: Whether all is made lower case first.
    """

    unit: Literal["word", "char"] = "word"
    end_of_line: str | None = "<eos>"
    lowercase: bool = False

    def tokens(self, piece: Piece) -> list[str]:
        """Cut one piece of a text, with the line's end where it has one."""
        text = piece.text.lower() if self.lowercase else piece.text
        if self.unit == "char" and self.end_of_line is None:
            return list(text)
        tokens = text.split() if self.unit == "word" else list(text.removesuffix("\n"))
        if piece.ends_line and self.end_of_line is not None:
            tokens.append(self.end_of_line)
        return tokens

    def words(self, text: str) -> list[str]:
        """Cut a string that is no line, such as the start of a text to generate."""
        return self.tokens(Piece(text, ends_line=False))

    def characters(self, token: str) -> int:
        """Return how many characters a token stands for: its own, and a separator after a word.

        An end of line is one character.
        """
        if token == self.end_of_line:
            return 1
        return len(token) + (self.unit == "word")

    def bytes(self, token: str) -> int:
        """Return the same in bytes of UTF-8."""
        if token == self.end_of_line:
            return 1
        return len(token.encode()) + (self.unit == "word")

    @property
    def line_end(self) -> str | None:
        """The token that ends a line: the one put there, or a newline among characters."""
        newline = "\n" if self.unit == "char" else None
        return self.end_of_line or newline
