"""Arguments as Python has them: checked, and turned into what the library takes."""

from __future__ import annotations

import os
from collections.abc import Iterable

from rnnlm_cli.checks import check_text
from rnnlm_cli.errors import UsageError, is_unicode, quoted
from rnnlm_cli.system.text_encodings import is_encoding, near_encodings

Path = str | os.PathLike[str]


def path_of(name: str, value: Path) -> str:
    """Return a path as a string.

    Raises:
        UsageError: It is none, or empty.
    """
    path = os.fspath(value) if isinstance(value, os.PathLike) else value
    check_text(name, path, empty=False)
    return path


def check_encoding(value: str) -> None:
    """Check the encoding of a text.

    Raises:
        UsageError: It is not ``auto`` or an encoding that Python knows.
    """
    check_text("encoding", value, empty=False)
    if not is_encoding(value):
        near = near_encodings(value)
        raise UsageError(
            "is not auto or an encoding that Python knows",
            field="encoding",
            place=quoted(value),
            remedy=f"did you mean {' or '.join(near)}?" if near else "",
        )


def tokens_of(name: str, value: Iterable[str]) -> list[str]:
    """Return several tokens as a list.

    Raises:
        UsageError: They are a single string, or no strings.
    """
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise UsageError(f"{quoted(value)} is not a list of tokens; use [...]", field=name)
    tokens = list(value)
    for token in tokens:
        check_text(name, token)
    return tokens


def lines_of(text: str | Iterable[str]) -> list[str]:
    """Return the lines of a text, without their ends.

    Raises:
        UsageError: It is neither a string nor strings.
    """
    if isinstance(text, str):
        lines = text.removesuffix("\n").split("\n")
    elif isinstance(text, Iterable):
        lines = list(text)
    else:
        raise UsageError(f"text: {quoted(text)} is not text; give a string, or lines")
    for line in lines:
        check_text("text", line)
    return [without_end(line) for line in lines]


def content_of(text: str | Iterable[str]) -> str:
    """Return a text as a file would have it.

    Raises:
        UsageError: It is neither a string nor strings, or cannot be encoded.
    """
    content = text if isinstance(text, str) else "".join(f"{line}\n" for line in lines_of(text))
    if not is_unicode(content):
        raise UsageError("has half a character (a lone surrogate); remove it", field="text")
    return content


def without_end(line: str) -> str:
    """Return a line without the newline that a file has at its end."""
    return line.removesuffix("\n").removesuffix("\r")
