"""What the formats of records share: an open file, its texts, and errors about a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, NamedTuple

from rnnlm_cli.errors import CorpusError, is_unicode, quoted, shortened

MOST_RECORD = 16_000_000
"""Maximum characters of a record; the Bible has four million."""

MOST_FIELDS = 10
"""How many fields an error names."""

HOW = "(corpus.field in a config, {field} beside {corpus})"


class RecordFile(NamedTuple):
    """An open file of records.

    Attributes:
        name: Its name in messages.
        field: The field that is the text.
        file: The file, decompressed.
        lines: Its lines, with line ends; decoded when they are used.
        most: Maximum characters of all its texts, if the format is compressed itself.
    """

    name: str
    field: str
    file: BinaryIO
    lines: Iterable[str]
    most: float

    def error(self, place: str, reason: str, remedy: str = "") -> CorpusError:
        """Return an error about a record."""
        return CorpusError(reason, place=f"{self.name}: {place}", remedy=remedy)

    def no_field(self, place: str, fields: Sequence[str]) -> CorpusError:
        """Return the error for a record without the field."""
        named = ", ".join(shortened(name) for name in fields[:MOST_FIELDS])
        more = f" and {len(fields) - MOST_FIELDS:,} more" if len(fields) > MOST_FIELDS else ""
        reason = f"has no field {quoted(self.field)}; its fields are {named}{more}"
        return self.error(place, reason if fields else reason.partition(";")[0], f"name one {HOW}")

    def not_text(self, place: str, found: str) -> CorpusError:
        """Return the error for a field that is a number, a list and so on."""
        reason = f"the field {quoted(self.field)} is not a string but {found}"
        return self.error(place, reason, f"name one that is text {HOW}")

    def text_of(self, place: str, value: object) -> str:
        """Return a field's value if it is a text, or an empty string for null.

        Raises:
            CorpusError: It is a number, a list and so on, or too long.
        """
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.not_text(place, quoted(value))
        if not is_unicode(value):
            reason = f"the field {quoted(self.field)} holds half a character (a lone surrogate)"
            raise self.error(place, reason, "write the file again")
        if "\0" in value:
            reason = f"the field {quoted(self.field)} holds a NUL character"
            raise self.error(place, reason, "remove it")
        if len(value) > MOST_RECORD:
            raise self.error(place, TOO_LONG, SPLIT)
        return value


TOO_LONG = f"is longer than {MOST_RECORD:,} characters"
SPLIT = "split the record into several"

Texts = Iterator[tuple[str, str]]
"""The texts of a file, each with its place, such as ``line 3``; empty ones are left out."""
