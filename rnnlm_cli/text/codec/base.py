"""What a codec is: the one object that turns text into tokens and ids, and tokens into text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.system.arrays import Ids
from rnnlm_cli.text.reader import DEFAULT_LIMITS, Limits, Piece
from rnnlm_cli.text.sizes import byte_length
from rnnlm_cli.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class Codec(ABC):
    """How a text is cut into tokens; a model file keeps it, so that every text is cut alike.

    Subclasses say what a token is. Which tokens have an id of their own is the vocabulary's matter.

    Attributes:
        end_of_line: The token put at each line's end. With ``None`` a line's end is nothing
            among words, and a character like any other among characters.
        lowercase: Whether all is made lower case first.
        unit: Its name in ``corpus.unit``.
        separator: What stands between two tokens of a line in the text: a blank, or nothing.
        newline: The token of a line's end where ``end_of_line`` puts none; ``None`` for nothing.
        one_character: Whether each token is one character.
        marks: Tokens that other programs put at the edges of lines.
        finer_unit: The unit to take where too many tokens are unknown; ``None`` if this is it.
    """

    end_of_line: str | None = "<eos>"
    lowercase: bool = False

    unit: ClassVar[str]
    separator: ClassVar[str]
    newline: ClassVar[str | None] = None
    one_character: ClassVar[bool] = False
    marks: ClassVar[tuple[str, ...]] = ()
    finer_unit: ClassVar[str | None] = None

    def train(self, pieces: Iterable[Piece]) -> Codec:
        """Return a codec that has learned how to cut from a training text.

        Args:
            pieces: The text. One that has nothing to learn, as here, does not read it.
        """
        return self

    @abstractmethod
    def split(self, text: str) -> list[str]:
        """Cut a string into tokens, without one for a line's end that ``end_of_line`` puts."""

    @abstractmethod
    def decoder(self) -> Callable[[str], str]:
        """Return what writes a text as it is generated.

        It is called with one token after another, and returns what to write for each: the
        separator before it, where one belongs there, and its text; a line's end is a newline.
        """

    @abstractmethod
    def changed_sizes(self, text: str) -> Iterator[tuple[int, str, str]]:
        """Give the tokens of a text that lower case makes longer or shorter.

        Yields:
            The place among the text's tokens, the characters that the text has, and the token.
        """

    def normalized(self, token: str) -> str:
        """Return a token as it would be read from a text."""
        return token.lower() if self.lowercase else token

    def tokens(self, piece: Piece) -> list[str]:
        """Cut one piece of a text, with the line's end where it has one."""
        tokens = self.split(piece.text)
        if piece.ends_line and self.end_of_line is not None:
            tokens.append(self.end_of_line)
        return tokens

    def encode(self, text: str, vocabulary: Vocabulary, ends_line: bool = False) -> Ids:
        """Return the ids ``(n,)`` of a line, or of a part of one.

        Args:
            text: The line without its newline.
            vocabulary: Gives the ids; a token that is not in it gets that of the unknown token.
            ends_line: Add the token that ends a line, if there is one.
        """
        tokens = self.split(text)
        if ends_line and self.line_end is not None:
            tokens.append(self.line_end)
        return vocabulary.ids_of(tokens)

    def decode(self, tokens: Iterable[str]) -> str:
        """Join tokens readably."""
        return "".join(map(self.decoder(), tokens))

    def join(self, tokens: Iterable[str]) -> str:
        """Join tokens of a line to a text that ``split`` cuts into the same tokens."""
        return self.separator.join(tokens)

    def part(self, piece: Piece, start: int, stop: int) -> Piece:
        """Return the tokens ``start`` to ``stop - 1`` of a piece as a piece of its own.

        It ends its line if the piece does and its last token is among them.
        """
        tokens = self.split(piece.text)
        last = len(tokens) + (self.end_of_line is not None)
        ends_line = piece.ends_line and stop >= last
        text = self.join(tokens[start:stop])
        return Piece(text if ends_line else text + self.separator, ends_line)

    def sizes(self, types: Sequence[str]) -> tuple[Ids, Ids]:
        """Return the characters and the UTF-8 bytes of a text ``(types,)`` that tokens stand for.

        Separators, and what lower case changes, are apart: see ``text/sizes.py``.
        """
        characters = np.fromiter(map(len, types), np.int64, len(types))
        return characters, np.fromiter(map(byte_length, types), np.int64, len(types))

    def reading_limits(self, limits: Limits = DEFAULT_LIMITS) -> Limits:
        """Return the limits of a text as they hold for it: characters may be parted anywhere."""
        return limits._replace(token_bytes=None) if self.one_character else limits

    @property
    def line_end(self) -> str | None:
        """The token that ends a line: the one put there, or a newline among characters."""
        return self.end_of_line or self.newline

    def to_plain(self) -> dict[str, Any]:
        """Return all of it as plain values, for the model file; what it has learned too."""
        return {"unit": self.unit, "end_of_line": self.end_of_line, "lowercase": self.lowercase}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Codec:
        """Return what ``to_plain`` was called on.

        Raises:
            CheckpointError: The values are not those of a codec.
        """
        end, lowercase = plain.get("end_of_line"), plain.get("lowercase")
        if (
            plain.keys() != {"unit", "end_of_line", "lowercase"}
            or not isinstance(end, str | None)
            or not isinstance(lowercase, bool)
        ):
            raise CheckpointError("its codec is not sound")
        return cls(end, lowercase)
