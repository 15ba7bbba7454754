"""``NAME.jsonl``: one JSON object a line, with neither gaps nor doubles after a resume."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, BinaryIO

from rnnlm_cli.errors import UsageError
from rnnlm_cli.json_line import json_line, with_measure


class Log:
    """A file of JSON lines that knows how long it is.

    A state that is saved carries the log's length; going on from it cuts away what was written
    after, for it will be written again.
    """

    def __init__(self, path: str, measure: str, keep: int = 0) -> None:
        """Open the file; all after its first ``keep`` bytes goes.

        Args:
            path: The file.
            measure: What perplexity is called.
            keep: Bytes.

        Raises:
            UsageError: Another training has it open.
            OSError: It cannot be opened.
        """
        self._measure, self._path = measure, path
        self._file = Path(path).open("ab")  # noqa: SIM115 (closed by close)
        try:
            lock(self._file, path)
            self.cut(min(keep, self.length))
        except BaseException:
            self._file.close()
            raise

    def write(self, event: str, values: dict[str, Any]) -> None:
        """Add one line.

        Raises:
            OSError: There is no room for it.
        """
        line = json_line({"event": event, **with_measure(values, self._measure)})
        try:
            self._file.write(f"{line}\n".encode())
            self._file.flush()
        except OSError as error:
            error.filename = self._path
            raise

    def cut(self, length: int) -> None:
        """Forget all after so many bytes."""
        self._file.truncate(length)

    @property
    def length(self) -> int:
        """Bytes so far."""
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def lock(file: BinaryIO, path: str) -> None:
    """Keep other trainings from the same files, for as long as this one has its log open.

    The system lets go of the lock when the process ends, however it ends. Where there are no such
    locks (Windows, some network file systems) nothing is kept.

    Raises:
        UsageError: Another training has it.
    """
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        pass
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            raise UsageError(
                f"{path}: another training is writing it; wait for it, stop it, or set another "
                "checkpoint.path"
            ) from None
