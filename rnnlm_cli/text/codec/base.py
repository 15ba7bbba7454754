"""Base class of codecs, which turn text into tokens and ids, and tokens into text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.system.arrays import Ids
from rnnlm_cli.text.codec.spacing import Spacing
from rnnlm_cli.text.codec.tokenizer_json import TokenizerJson
from rnnlm_cli.text.normal import FORMS, is_normal, to_form
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.reader import DEFAULT_LIMITS, Limits
from rnnlm_cli.text.sizes import byte_length, size_changing
from rnnlm_cli.text.vocabulary import Vocabulary

LINE_END = "\n"
"""The type of the token added at each line's end. No word or character within a line equals it, so
a word of the text that is spelled like the token stays distinct."""


class Decoder(ABC):
    """Turns tokens into text while they come, one after another."""

    @abstractmethod
    def __call__(self, token: str) -> str:
        """Return the text to write for a token: a separator, if one belongs before it, and it.

        A line's end is a newline. Text that depends on the next token is held back.
        """

    def end(self) -> str:
        """Return the text that was held back, when no token follows."""
        return ""

    def whole(self, tokens: Iterable[str]) -> str:
        """Return the text of all tokens."""
        return "".join([*map(self, tokens), self.end()])


@dataclass(frozen=True)
class Codec(ABC):
    """Splits text into tokens; a model file stores its codec, so every text is split alike.

    Subclasses define what a token is. The vocabulary decides which tokens have their own id.

    Attributes:
        end_of_line: The token added at each line's end. With ``None``, words have no token there
            and characters have the newline.
        lowercase: Whether text is made lower case first.
        normalize: The Unicode form that text is brought into first; ``None`` leaves it as it is.
        unit: Its name in ``corpus.unit``.
        separator: The text between two tokens of a line: a space, or nothing.
        newline: The token of a line's end without ``end_of_line``; ``None`` for no token.
        noun: What a token is, in messages.
        one_character: Whether each token is one character, or a part of one.
        marks: Tokens that other programs put at the edges of lines.
        finer_unit: The unit to suggest if too many tokens are unknown; ``None`` if there is none.
        parts_of_words: Whether a token may be a part of a word.
        cut_by_characters: Whether the fraction of a text that is held out is one of characters, so
            that it does not depend on what the codec learns from the rest.
        between_blanks: Whether its tokens are what is between white space, and lines' ends.
        preparation: What it does with the training text, for a message while the user waits.
    """

    end_of_line: str | None = "<eos>"
    lowercase: bool = False
    normalize: str | None = "nfc"

    unit: ClassVar[str]
    separator: ClassVar[str]
    newline: ClassVar[str | None] = None
    noun: ClassVar[str] = "word"
    one_character: ClassVar[bool] = False
    marks: ClassVar[tuple[str, ...]] = ()
    finer_unit: ClassVar[str | None] = None
    parts_of_words: ClassVar[bool] = False
    cut_by_characters: ClassVar[bool] = False
    between_blanks: ClassVar[bool] = False
    preparation: ClassVar[str] = "reading the texts"

    def planned(self, subword: Mapping[str, Any]) -> Codec:
        """Return the codec with what ``train`` is to learn, the section ``corpus.subword``."""
        return self

    @property
    def learns(self) -> bool:
        """Whether ``train`` has something to learn, and so reads the text."""
        return False

    def train(self, pieces: Iterable[Piece]) -> Codec:
        """Return a codec that has learned from a training text how to split.

        Args:
            pieces: The text. A codec that has nothing to learn, as here, does not read it.
        """
        return self

    @property
    def types(self) -> tuple[str, ...]:
        """The tokens that every vocabulary has, whatever the training text."""
        return ()

    @abstractmethod
    def split(self, text: str) -> list[str]:
        """Split a string into tokens, without the token ``end_of_line``."""

    def start_of(self, text: str) -> list[str]:
        """Split a text that is to be continued."""
        return self.split(text)

    @abstractmethod
    def decoder(self) -> Decoder:
        """Return what turns the tokens of one text into text."""

    @abstractmethod
    def changed_sizes(self, text: str) -> Iterator[tuple[int, str, str]]:
        """Find the tokens of a text that become longer or shorter by ``normalized``.

        Yields:
            The token's index in the text, its original characters, and the token, after a space
            if the text has no separator where the tokens have one.
        """

    def normalized(self, text: str) -> str:
        """Return a text, or a token, as it is before it is split: in its form, in lower case.

        A text may be cut where ``starts_anew`` says: its parts are normalised as the whole is.
        """
        text = to_form(text, self.normalize)
        # lower case may leave the form: a dotted capital I becomes two characters
        return to_form(text.lower(), self.normalize) if self.lowercase else text

    def changes_sizes(self, text: str) -> bool:
        """Whether ``changed_sizes`` may find something; it looks at all text, so it is fast."""
        if text.isascii():
            return False
        if not is_normal(text, self.normalize):
            return True
        if not self.lowercase:
            return False
        # a capital J and a caron are two characters in NFC, and one in lower case
        return bool(size_changing().search(text)) or not is_normal(text.lower(), self.normalize)

    def forms(self, token: str) -> list[str]:
        """Return the tokens of a text that a user means by one: those that are written like it."""
        return [self.normalized(token)]

    def split_blanks(self, text: str, blank: str) -> list[str | None]:
        """Split a line in which ``blank`` stands for a token; ``None`` for each of these."""
        first, *rest = map(self.split, text.split(blank))
        return [*first, *(token for part in rest for token in (None, *part))]

    def is_letter(self, character: str) -> bool:
        """Whether a character beside a blank would make it a part of a word."""
        return character.isalnum()

    def split_piece(self, piece: Piece) -> list[str]:
        """Split one piece of a text, without the token ``end_of_line``."""
        return self.split(piece.text)

    def split_block(self, block: Piece) -> Iterable[str]:
        """Split a block of a text; each line's end is ``LINE_END`` if the codec has a token there.

        This is what reads a whole text. Subclasses may be faster than a line at a time.
        """
        tokens = list[str]()
        for piece in block.lines():
            tokens += self.split_piece(piece)
            if piece.ends_line and self.end_of_line is not None:
                tokens.append(LINE_END)
        return tokens

    def ended(self, block: Piece) -> str:
        """Return a block's text, ``normalized``, with all newlines that are to be a ``LINE_END``.

        Lines may be normalised together: nothing joins a newline, and case does not depend on one.
        """
        text = self.normalized(block.text)
        lacks = block.ends_line and self.end_of_line is not None and not text.endswith(LINE_END)
        return text + LINE_END if lacks else text

    def tokens(self, piece: Piece) -> list[str]:
        """Split one piece of a text, and add ``end_of_line`` if the piece ends a line."""
        tokens = self.split_piece(piece)
        if piece.ends_line and self.end_of_line is not None:
            tokens.append(self.end_of_line)
        return tokens

    def encode(self, text: str, vocabulary: Vocabulary, ends_line: bool = False) -> Ids:
        """Return the ids ``(n,)`` of a line, or of a part of a line.

        Args:
            text: The line without its newline.
            vocabulary: The ids; tokens outside it get the id of the unknown token.
            ends_line: Add the token that ends a line, if the codec has one.
        """
        tokens = self.split(text)
        if ends_line and self.line_end is not None:
            tokens.append(self.line_end)
        return vocabulary.ids_of(tokens)

    def decode(self, tokens: Iterable[str]) -> str:
        """Join tokens to readable text."""
        return self.decoder().whole(tokens)

    def join(self, tokens: Iterable[str]) -> str:
        """Join tokens of a line to a text that ``split`` splits into the same tokens.

        They are all tokens of a line, or those from one to another of which each ``begins`` anew.
        """
        return self.separator.join(tokens)

    def begins(self, before: str, token: str) -> bool:
        """Whether a text may be cut between two tokens, and its parts have the same tokens."""
        return True

    def part(self, piece: Piece, start: int, stop: int) -> Piece:
        """Return the tokens ``start`` to ``stop - 1`` of a piece as a new piece.

        The text may be cut at both (see ``begins``). The new piece ends its line if the given
        piece does and the last token is included.
        """
        tokens = self.split_piece(piece)
        last = len(tokens) + (self.end_of_line is not None)
        ends_line = piece.ends_line and stop >= last
        text = self.join(tokens[start:stop])
        begins_line = piece.begins_line and start == 0
        return Piece(text if ends_line else text + self.separator, ends_line, begins_line)

    def surface(self, token: str) -> str:
        """Return the text that a token stands for within a line, without a separator before it."""
        return token

    def spacing(self, types: Sequence[str]) -> Spacing:
        """Return where the text has a separator between two tokens of a line."""
        return Spacing.constant(len(types), bool(self.separator))

    def sizes(self, types: Sequence[str]) -> tuple[Ids, Ids]:
        """Return the number of characters and of UTF-8 bytes of each token, ``(types,)`` each.

        Separators and what ``normalized`` changes are counted separately: see ``text/sizes.py``.
        """
        surfaces = list(map(self.surface, types))
        characters = np.fromiter(map(len, surfaces), np.int64, len(types))
        return characters, np.fromiter(map(byte_length, surfaces), np.int64, len(types))

    def reading_limits(self, limits: Limits = DEFAULT_LIMITS) -> Limits:
        """Return the limits that apply: characters have no limit on a token's size."""
        return limits._replace(token_bytes=None) if self.one_character else limits

    @property
    def line_end(self) -> str | None:
        """The token that ends a line: ``end_of_line``, else the newline among characters."""
        return self.end_of_line or self.newline

    def as_json(self, vocabulary: Vocabulary) -> TokenizerJson:
        """Return what gives other programs the same ids; here it cannot be said.

        Args:
            vocabulary: The ids.
        """
        return TokenizerJson(None, f"how corpus.unit: {self.unit} splits a text")

    def to_plain(self) -> dict[str, Any]:
        """Return the whole codec as plain values for the model file."""
        return {
            "unit": self.unit,
            "end_of_line": self.end_of_line,
            "lowercase": self.lowercase,
            "normalize": self.normalize,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Codec:
        """Return the codec that ``to_plain`` was called on.

        Earlier versions had no ``normalize``: they left text as it was.

        Raises:
            CheckpointError: The values are not those of a codec.
        """
        end, lowercase = plain.get("end_of_line"), plain.get("lowercase")
        form = plain.get("normalize")
        if (
            plain.keys() | {"normalize"} != {"unit", "end_of_line", "lowercase", "normalize"}
            or not isinstance(end, str | None)
            or not isinstance(lowercase, bool)
            or not (form is None or (isinstance(form, str) and form in FORMS))
        ):
            raise CheckpointError("its codec is not valid")
        return cls(end, lowercase, form)
