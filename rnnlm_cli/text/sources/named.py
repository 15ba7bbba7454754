"""A file of a text, and what a directory, a pattern or an archive stands for."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import BinaryIO

from rnnlm_cli.text.opened import decompressed_size, open_bytes, part_of_file
from rnnlm_cli.text.sources.archive import Archive


@dataclass(frozen=True, eq=False)
class Group:
    """The files that one name stands for: a directory, a pattern or an archive.

    Attributes:
        name: The name as given, a directory's with a slash.
        files: How many files of text it stands for.
        left_out: Which files in it are left out, in words; empty for none.
    """

    name: str
    files: int
    left_out: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.files:,} {'file' if self.files == 1 else 'files'})"


@dataclass(frozen=True)
class File:
    """A file of a text.

    Attributes:
        path: Where it is, or the archive that has it.
        field: The field of a record that is the text, if the file holds records; ``None`` reads
            such a file like any other, line by line.
        group: What it was found in; ``None`` for a file that was named itself.
        archive: The archive that has it.
        member: Which member of the archive it is.
        span: Its first byte, and the one after its last, if only a part of a file is meant.
    """

    path: str
    field: str | None = None
    group: Group | None = None
    archive: Archive | None = None
    member: zipfile.ZipInfo | None = None
    span: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """Its name in messages."""
        return self.path if self.member is None else f"{self.path}/{self.member.filename}"

    def open(self, expansion: float) -> BinaryIO:
        """Open it for reading, decompressed.

        Args:
            expansion: Maximum of decompressed over compressed size.

        Raises:
            UsageError, CorpusError, OSError, ValueError: As ``open_bytes`` and ``Archive.open``.
        """
        if self.archive is None or self.member is None:
            opened = open_bytes(self.path, expansion)
            return opened if self.span is None else part_of_file(opened, *self.span)
        return self.archive.open(self.member, expansion)

    def size(self, most: int) -> int:
        """Return its decompressed size in bytes, counted up to ``most``; 0 for a pipe."""
        return decompressed_size(self.path, most) if self.member is None else self.member.file_size
