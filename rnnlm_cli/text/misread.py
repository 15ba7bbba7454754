"""The error for bytes that are not valid in a text's encoding: where, and what reads them well."""

from __future__ import annotations

from typing import NamedTuple

from rnnlm_cli.errors import CorpusError, literal, printable
from rnnlm_cli.system.text_encodings import UTF8, canonical
from rnnlm_cli.system.width import around
from rnnlm_cli.text.encodings import decoded, readings, wide_encoding

MOST_SHOWN = 3
"""Encodings that a message names."""

COLUMNS = 32
"""Columns of a terminal for the line as an encoding reads it; Korean letters take two."""

NAMES = {UTF8: "UTF-8"}
"""Encodings whose name in prose is not Python's."""


class Bad(NamedTuple):
    """A byte that is not valid in a text's encoding, or a NUL character.

    Attributes:
        where: File, line and byte.
        byte: Its value.
        encoding: The encoding.
        line: The bytes of its line, or of a part of a long one.
        place: The index of the byte among them.
    """

    where: str
    byte: int
    encoding: str
    line: bytes
    place: int


def refusal(bad: Bad, beginning: bytes, more: bytes, proven: bool, remedy: str) -> CorpusError:
    """Return the error for a byte.

    Args:
        bad: The byte.
        beginning: The first bytes of the text, if the byte is in its first lines: a text in UTF-16
            fails there, because each line end has a NUL byte.
        more: Bytes after the line; empty where none may be read.
        proven: Whether the text before the byte shows that the encoding is right.
        remedy: How a user sets another encoding, before its name.
    """
    if wide := wide_encoding(beginning):
        shown = [wide] if canonical(wide) != bad.encoding else []
        bad = bad._replace(line=beginning, place=0)
    elif bad.byte == 0:
        return CorpusError(
            f"{bad.where}: a NUL byte is not allowed; remove it, for example with tr -d '\\000'"
        )
    else:
        sample = bad.line if proven else bad.line + more
        shown = [one.encoding for one in readings(sample, bad.encoding)]
    name = NAMES.get(bad.encoding, bad.encoding)
    shown = shown[:MOST_SHOWN]
    read = ", as ".join(f"{other} {_line_in(other, bad)!r}" for other in shown)
    if proven:
        alone = f"; this line alone reads well as {read}" if shown else ""
        return CorpusError(
            f"{bad.where}: not {name}, though the text before it is{alone}",
            remedy=f"correct the line, or convert it to {name}",
        )
    if not shown:
        return CorpusError(
            f"{bad.where}: not {name}, and it reads well in no other encoding that is tried",
            remedy=f"if it is a text, {remedy} the name of its encoding",
        )
    return CorpusError(
        f"{bad.where}: not {name}; it reads well as {read}", remedy=f"{remedy} {literal(shown[0])}"
    )


def _line_in(encoding: str, bad: Bad) -> str:
    """Return the part around the byte of its line as an encoding reads it."""
    before = decoded(bad.line[: bad.place], encoding) or ""
    text = decoded(bad.line, encoding) or ""
    line = len(text[: len(before)].rpartition("\n")[0])
    one, _, _ = text[line:].lstrip("\ufeff\n").partition("\n")
    return printable(around(one, len(before) - line, COLUMNS))
