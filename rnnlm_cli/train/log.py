"""``NAME.jsonl``: one JSON object per line, without gaps or duplicates after a resume."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from rnnlm_cli.errors import TrainingError, named
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.system.locks import leads_to


class Log:
    """A file of JSON lines that knows its length.

    A saved state holds the log's length. A resume cuts off the lines after that length, because
    they will be written again.
    """

    def __init__(self, path: str) -> None:
        """Open the file.

        Raises:
            OSError: It cannot be opened.
        """
        self._path = path
        self._file = Path(path).open("a+b")  # noqa: SIM115 (closed by close)
        self._restored = False

    def write(self, event: str, values: dict[str, Any]) -> None:
        """Append one line.

        Raises:
            TrainingError: The log was replaced by another file.
            OSError: The disk is full.
        """
        self.check()
        line = json_line({"event": event, **values})
        with named(self._path):
            self._file.write(f"{line}\n".encode())
            self._file.flush()

    def check(self) -> None:
        """Check that the path still leads to the open log; restore a log that was removed.

        Raises:
            TrainingError: The log was replaced by another file.
            OSError: It cannot be written again.
        """
        if leads_to(self._path, self._file.fileno()):
            return
        try:
            again = Path(self._path).open("x+b")  # noqa: SIM115 (closed by close)
        except FileExistsError:
            raise TrainingError(
                "another file has taken its place while training wrote it",
                place=self._path,
                remedy="move it away and use {resume=True} to continue from the last saved state",
            ) from None
        with named(self._path), self._file as gone:
            self._file = again
            gone.seek(0)
            shutil.copyfileobj(gone, again)
            again.flush()
        self._restored = True

    def take_restored(self) -> bool:
        """Whether the log was removed and restored since the last call."""
        restored, self._restored = self._restored, False
        return restored

    def cut(self, length: int) -> None:
        """Cut the log to ``length`` bytes; if it is shorter, cut off an incomplete last line."""
        if self.length < length:
            self._file.seek(0)
            length = self._file.read().rfind(b"\n") + 1
        self._file.truncate(length)
        self._file.seek(0, os.SEEK_END)

    @property
    def length(self) -> int:
        """Size in bytes."""
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Close the file; remove it if it is empty."""
        if self.length == 0 and leads_to(self._path, self._file.fileno()):
            Path(self._path).unlink()
        self._file.close()
