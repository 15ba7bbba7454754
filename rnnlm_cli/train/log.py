"""``NAME.jsonl``: one JSON object per line, without gaps or duplicates after a resume."""

from __future__ import annotations

from typing import Any

from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.train.appended import AppendedFile


class Log(AppendedFile):
    """A file of JSON lines."""

    def write(self, event: str, values: dict[str, Any]) -> None:
        """Append one line.

        Raises:
            TrainingError: The log was replaced by another file.
            OSError: The disk is full.
        """
        self.append(f"{json_line({'event': event, **values})}\n".encode())

    def _whole(self, length: int) -> int:
        if self.length >= length:
            return length
        self._file.seek(0)
        return self._file.read().rfind(b"\n") + 1
