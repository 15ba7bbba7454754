"""``NAME.jsonl``: one JSON object a line, with neither gaps nor doubles after a resume."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from rnnlm_cli.errors import UsageError, named
from rnnlm_cli.json_line import json_line, with_measure
from rnnlm_cli.locks import try_lock


class Log:
    """A file of JSON lines that knows how long it is.

    A state that is saved carries the log's length; going on from it cuts away what was written
    after, for it will be written again.
    """

    def __init__(self, path: str, measure: str) -> None:
        """Open the file, and keep other trainings from it and the files beside it.

        Args:
            path: The file.
            measure: What perplexity is called.

        Raises:
            UsageError: Another training has it open.
            OSError: It cannot be opened.
        """
        self._measure, self._path = measure, path
        self._file = Path(path).open("ab")  # noqa: SIM115 (closed by close)
        if not (try_lock(self._file.fileno()) and self._is_there()):
            self._file.close()
            raise UsageError(
                f"{path}: another training is writing it; wait for it, stop it, or set another "
                "checkpoint.path"
            )

    def write(self, event: str, values: dict[str, Any]) -> None:
        """Add one line.

        Raises:
            OSError: There is no room for it.
        """
        line = json_line({"event": event, **with_measure(values, self._measure)})
        with named(self._path):
            self._file.write(f"{line}\n".encode())
            self._file.flush()

    def cut(self, length: int) -> None:
        """Forget all after so many bytes."""
        self._file.truncate(length)

    @property
    def length(self) -> int:
        """Bytes so far."""
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Close the file; one in which nothing was written goes."""
        if self.length == 0 and self._is_there():
            Path(self._path).unlink()
        self._file.close()

    def _is_there(self) -> bool:
        """Whether the path still leads to this file: another training may have taken it away."""
        with contextlib.suppress(OSError):
            return os.path.samestat(os.fstat(self._file.fileno()), os.stat(self._path))
        return False
