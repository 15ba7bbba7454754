"""Base class of what splits text into subwords: the file of another program's tokenizer."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from rnnlm_cli.errors import CorpusError, RnnlmError
from rnnlm_cli.text.codec.subword_names import content_of
from rnnlm_cli.text.codec.tokenizer_json import Part, TokenizerJson

MOST_BYTES = 64_000_000
"""Maximum bytes of a tokenizer's file; the largest in use have 35 MB."""

REMEDY = "give a file that its program can use, or let corpus.subword learn one"


IN_MODEL = "the model's tokenizer"
"""The place of errors in a tokenizer that a model file holds."""


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

    @abstractmethod
    def renumbered(self, names: Sequence[str], end: int, forms: list[Part]) -> TokenizerJson:
        """Return a ``tokenizer.json`` that gives other ids to the same tokens.

        Args:
            names: The names by id; all tokens are among them.
            end: The id of a newline.
            forms: Normalizers that come first.
        """

    def groups(self, text: str) -> list[Group]:
        """Split a line; return tokens together that stand for one character.

        Text without a token belongs to the group before it.
        """
        if self.lossless:
            parts = iter([Spelled([name], "") for name in self.split(text)])
        else:
            parts = self.spelled(text)
        found: list[Group] = []
        tokens, content, stretch = 0, b"", ""
        for names, part in parts:
            tokens, stretch = tokens + len(names), stretch + part
            content += b"".join(map(content_of, names))
            with contextlib.suppress(UnicodeDecodeError):
                read = content.decode()
                found.append(Group(tokens, read if self.lossless else stretch, read))
                tokens, content, stretch = 0, b"", ""
                if found[-1].tokens == 0 and len(found) > 1:
                    rest, before = found.pop(), found.pop()
                    found.append(before._replace(stretch=before.stretch + rest.stretch))
        if tokens:
            found.append(Group(tokens, stretch, content.decode("utf-8", "replace")))
        return found


def guarded(work: Callable[[], Any], place: str = IN_MODEL) -> Any:
    """Run a package's code on a file that may be damaged, and return its result.

    Args:
        work: What to do.
        place: The file, for messages.

    Raises:
        CorpusError: The code failed.
    """
    try:
        return work()
    except CorpusError as error:
        error.place = error.place.replace(IN_MODEL, place) or place
        raise
    except (KeyboardInterrupt, SystemExit, MemoryError, RnnlmError):
        raise
    except BaseException as error:  # such as a panic in Rust
        said = " ".join(str(error).split())
        raise CorpusError(f"not a valid tokenizer ({said})", place=place, remedy=REMEDY) from None
