"""Base class of what splits text into subwords: the file of another program's tokenizer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text.codec.subword_names import content_of

MOST_BYTES = 64_000_000
"""Maximum bytes of a tokenizer's file; the largest in use have 35 MB."""

REMEDY = "give a file that its program can use, or let corpus.subword learn one"


class Spelled(NamedTuple):
    """Tokens, and the part of the text that they stand for."""

    names: list[str]
    stretch: str


class Group(NamedTuple):
    """The fewest tokens that stand for whole characters.

    Attributes:
        tokens: Number of tokens.
        stretch: The part of the text.
        read: The text that the tokens stand for; it differs where the tokenizer changes text.
    """

    tokens: int
    stretch: str
    read: str


@dataclass(frozen=True)
class Tokenizer(ABC):
    """Splits a line into names of tokens (see ``subword_names.py``).

    The package that does the work is imported when a text is first split.

    Attributes:
        content: The file as text, or in base64.
        prefixed: Whether a line's first token begins with a space that the text does not have.
        lossless: Whether the tokens of every line give it back, character by character.
    """

    content: str
    prefixed: bool = False
    lossless: bool = True

    form: ClassVar[str]

    @property
    @abstractmethod
    def types(self) -> tuple[str, ...]:
        """The names of all tokens; each byte is among them, so that no text is unknown."""

    @abstractmethod
    def split(self, text: str) -> list[str]:
        """Return the names of the tokens of a line."""

    @abstractmethod
    def spelled(self, text: str) -> Iterator[Spelled]:
        """Split a line; yield each token with its part of the line, nothing left out."""

    def groups(self, text: str) -> Iterator[Group]:
        """Split a line; yield tokens together that stand for one character."""
        parts = (
            (Spelled([name], "") for name in self.split(text))
            if self.lossless
            else self.spelled(text)
        )
        tokens, content, stretch, read = 0, b"", "", ""
        for names, part in parts:
            tokens += len(names)
            content += b"".join(map(content_of, names))
            stretch += part
            try:
                read = content.decode()
            except UnicodeDecodeError:
                continue
            yield Group(tokens, read if self.lossless else stretch, read)
            tokens, content, stretch = 0, b"", ""
        if tokens:
            yield Group(tokens, stretch, content.decode("utf-8", "replace"))


def guarded(work: Callable[[], Any], place: str = "the model's tokenizer") -> Any:
    """Run a package's code on a file that may be damaged, and return its result.

    Args:
        work: What to do.
        place: The file, for messages.

    Raises:
        CorpusError: The code failed.
    """
    try:
        return work()
    except (KeyboardInterrupt, SystemExit, MemoryError, CorpusError):
        raise
    except BaseException as error:  # such as a panic in Rust
        said = " ".join(str(error).split())
        raise CorpusError(f"cannot be used: {said}", place=place, remedy=REMEDY) from None
