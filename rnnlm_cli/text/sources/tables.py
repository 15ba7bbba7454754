"""Tables as text, with commas or tabs between fields; the first row names the fields."""

from __future__ import annotations

import csv
from collections.abc import Sequence

from rnnlm_cli.errors import quoted
from rnnlm_cli.text.sources.records import MOST_RECORD, SPLIT, TOO_LONG, RecordFile, Texts

QUOTED = "write a field with a separator, a quote or a line end in quotes, and its quotes twice"


def csv_texts(given: RecordFile, delimiter: str) -> Texts:
    """Yield the texts of a table; blank lines are ignored, and a quoted field may have several.

    Raises:
        CorpusError: A row is not valid, is too long, or has more or fewer fields than the first.
    """
    if csv.field_size_limit() < MOST_RECORD:  # a limit of the process; here rows have the limit
        csv.field_size_limit(MOST_RECORD)
    lines = _RowLines(given)
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    header: list[str] | None = None
    try:
        for row in rows:
            place = f"line {lines.first}"
            if not row:
                pass
            elif header is None:
                header, column = row, _column(given, place, row)
            elif len(row) != len(header):
                reason = f"has {_count(row)} where the first row has {_count(header)}"
                raise given.error(place, reason, QUOTED)
            elif text := given.text_of(place, row[column]):
                yield place, text
            lines.next_row()
    except csv.Error as error:
        raise given.error(f"line {lines.first}", f"not a valid row ({error})", QUOTED) from None


class _RowLines:
    """The lines of a table, with the place and the size of the row that is being read.

    Attributes:
        first: The number of the line in which the row begins.
    """

    def __init__(self, given: RecordFile) -> None:
        self._given, self._lines = given, iter(given.lines)
        self._number = self._size = 0
        self.first = 1

    def next_row(self) -> None:
        """Note that a row has ended."""
        self.first, self._size = self._number + 1, 0

    def __iter__(self) -> _RowLines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._number += 1
        self._size += len(line)
        if self._size > MOST_RECORD:
            reason = f"{TOO_LONG}; a closing quote may be missing"
            raise self._given.error(f"line {self.first}", reason, SPLIT)
        return line


def _column(given: RecordFile, place: str, header: list[str]) -> int:
    """Return where the field is.

    Raises:
        CorpusError: There is none or more than one.
    """
    times = header.count(given.field)
    if times == 0:
        raise given.no_field(place, header)
    if times > 1:
        reason = f"{times} fields are named {quoted(given.field)}"
        raise given.error(place, reason, "rename all but one")
    return header.index(given.field)


def _count(row: Sequence[str]) -> str:
    return "1 field" if len(row) == 1 else f"{len(row):,} fields"
