"""``NAME.jsonl``: one JSON object a line, with neither gaps nor doubles after a resume."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

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
            OSError: It cannot be opened.
        """
        self._measure = measure
        self._file = Path(path).open("ab")  # noqa: SIM115 (closed by close)
        self._file.truncate(min(keep, os.path.getsize(path)))

    def write(self, event: str, values: dict[str, Any]) -> None:
        """Add one line."""
        line = json_line({"event": event, **with_measure(values, self._measure)})
        self._file.write(f"{line}\n".encode())
        self._file.flush()

    @property
    def length(self) -> int:
        """Bytes so far."""
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Close the file."""
        self._file.close()
