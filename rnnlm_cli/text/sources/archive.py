"""Zip archives: their members are read like the files of a directory."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from functools import cached_property
from typing import BinaryIO, cast

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text.opened import open_regular
from rnnlm_cli.text.sources.compression import decompressed, expands_too_much, most_bytes
from rnnlm_cli.text.sources.guarded import Stream, guarded, of_the_system

ENDING = ".zip"

ZIP_DAMAGES = (
    zipfile.BadZipFile,
    struct.error,
    ValueError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OverflowError,
    OSError,
)
"""What ``zipfile`` raises for archives that are damaged, encrypted or of an unknown compression."""

TOO_LONG = ValueError("a member is longer than declared")


class Archive:
    """A zip archive; it is opened when it is first read."""

    def __init__(self, path: str) -> None:
        self.path = path

    def members(self) -> Iterator[zipfile.ZipInfo]:
        """Yield the files in it, sorted by name as those of a directory.

        Raises:
            UsageError: It is a device, a pipe or a socket.
            CorpusError: It is not a zip archive.
            OSError, ValueError: It does not exist or cannot be opened.
        """
        files = (info for info in self._zip.infolist() if info.filename.rpartition("/")[2])
        yield from sorted(files, key=lambda info: info.filename.split("/"))

    def open(self, info: zipfile.ZipInfo, expansion: float) -> BinaryIO:
        """Open a member for reading; decompress it if its name has such an ending.

        Args:
            info: The member.
            expansion: Maximum of the size of all members over that of the archive.

        Raises:
            CorpusError: The archive expands too much, or is damaged or encrypted; also while the
                member is read.
        """
        if self._expanded > most_bytes(self._size, expansion):
            raise expands_too_much(self.path, expansion, "unzip")
        name = f"{self.path}/{info.filename}"

        def damaged(error: Exception) -> CorpusError:
            reason = f"cannot be read from the zip archive ({error})"
            return CorpusError(f"{name}: {reason}; extract the archive, or make it again")

        try:
            member = self._zip.open(info)
        except ZIP_DAMAGES as error:
            if of_the_system(error):
                raise
            raise damaged(error) from None
        # zipfile reads no more than the size that the archive declares, which is checked above
        stream = cast(Stream, member)
        plain = guarded(stream, member, damaged, info.file_size, lambda place: damaged(TOO_LONG))
        return decompressed(plain, name, info.file_size, expansion)

    @cached_property
    def _zip(self) -> zipfile.ZipFile:
        open_regular(self.path).close()  # a pipe would be waited for
        try:
            return zipfile.ZipFile(self.path)
        except ZIP_DAMAGES as error:
            if of_the_system(error):
                raise
            said = f"{self.path}: not a valid zip archive ({error}); make it again"
            raise CorpusError(said) from None

    @cached_property
    def _expanded(self) -> int:
        return sum(info.file_size for info in self._zip.infolist())

    @cached_property
    def _size(self) -> int:
        file = self._zip.fp
        assert file is not None
        return file.seek(0, 2)
