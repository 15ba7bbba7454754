"""``NAME.jsonl``: one JSON object a line, with neither gaps nor doubles after a resume."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from rnnlm_cli.errors import TrainingError, named
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.system.locks import leads_to


class Log:
    """A file of JSON lines that knows how long it is.

    A state that is saved carries the log's length; going on from it cuts away what was written
    after, for it will be written again.
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
        """Add one line.

        Raises:
            TrainingError: Another file has taken its place.
            OSError: There is no room for it.
        """
        self.check()
        line = json_line({"event": event, **values})
        with named(self._path):
            self._file.write(f"{line}\n".encode())
            self._file.flush()

    def check(self) -> None:
        """Make sure that the path leads to what is written; write it again where it was removed.

        Raises:
            TrainingError: Another file has taken its place.
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
        """Whether the file was removed, and written again, since this was last asked."""
        restored, self._restored = self._restored, False
        return restored

    def cut(self, length: int) -> None:
        """Forget all after so many bytes; of a file that is shorter, a last line that is torn."""
        if self.length < length:
            self._file.seek(0)
            length = self._file.read().rfind(b"\n") + 1
        self._file.truncate(length)
        self._file.seek(0, os.SEEK_END)

    @property
    def length(self) -> int:
        """Bytes so far."""
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Close the file; one in which nothing was written goes."""
        if self.length == 0 and leads_to(self._path, self._file.fileno()):
            Path(self._path).unlink()
        self._file.close()
