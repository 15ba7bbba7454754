"""A file that a training only appends to, and that a resume cuts back."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import IO

from rnnlm_cli.errors import TrainingError, named
from rnnlm_cli.system.locks import leads_to


class AppendedFile:
    """A file that knows its length.

    A saved state holds the length. A resume cuts off what was written after it, because it will be
    written again.
    """

    def __init__(self, path: str) -> None:
        """Open the file.

        Raises:
            OSError: It cannot be opened.
        """
        self.path = path
        self._file: IO[bytes] = Path(path).open("a+b")  # noqa: SIM115 (closed by close)
        self._restored = False

    def append(self, data: bytes) -> None:
        """Append bytes.

        Raises:
            TrainingError: The file was replaced by another one.
            OSError: The disk is full.
        """
        self.check()
        with named(self.path):
            self._file.write(data)
            self._file.flush()

    def check(self) -> None:
        """Check that the path still leads to the open file; restore one that was removed.

        Raises:
            TrainingError: The file was replaced by another one.
            OSError: It cannot be written again.
        """
        if leads_to(self.path, self._file.fileno()):
            return
        try:
            again = Path(self.path).open("x+b")  # noqa: SIM115 (closed by close)
        except FileExistsError:
            raise TrainingError(
                "another file has taken its place while training wrote it",
                place=self.path,
                remedy="move it away and use {resume=True} to continue from the last saved state",
            ) from None
        with named(self.path), self._file as gone:
            self._file = again
            gone.seek(0)
            shutil.copyfileobj(gone, again)
            again.flush()
        self._restored = True

    def take_restored(self) -> bool:
        """Whether the file was removed and restored since the last call."""
        restored, self._restored = self._restored, False
        return restored

    def cut(self, length: int) -> None:
        """Cut the file to ``length`` bytes, or to the end of the last whole entry before."""
        self._file.truncate(self._whole(length))
        self._file.seek(0, os.SEEK_END)

    def _whole(self, length: int) -> int:
        """Return where the last entry ends that is whole within ``length`` bytes."""
        raise NotImplementedError

    @property
    def length(self) -> int:
        """Size in bytes."""
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Close the file; remove it if it is empty."""
        if self.length == 0 and leads_to(self.path, self._file.fileno()):
            Path(self.path).unlink()
        self._file.close()
