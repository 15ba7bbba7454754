"""What a rank that writes no file has instead of a lock and of logs; rank 0 has the real ones."""

from __future__ import annotations

from typing import Any

from rnnlm_cli.evaluate.measure import Measure
from rnnlm_cli.model.history import EpochRecord
from rnnlm_cli.model.network import Network
from rnnlm_cli.train.events import Report, Sampled
from rnnlm_cli.train.files import RunFiles, Seen
from rnnlm_cli.train.lock import RunLock
from rnnlm_cli.train.logs import START, Lengths, Logs


class NoLock(RunLock):
    """Locks nothing."""

    def __init__(self, files: RunFiles, before: Seen | None = None) -> None:
        self.excludes = True

    def check(self) -> None:
        """There is nothing to check."""

    def wrote(self) -> None:
        """Nothing was written."""

    def close(self) -> None:
        """There is nothing to release."""


class NoLogs(Logs):
    """Writes nothing."""

    def __init__(self, files: RunFiles) -> None:
        self._files = []

    @property
    def lengths(self) -> Lengths:
        """As of files that do not exist."""
        return START

    def write(self, event: str, values: dict[str, Any]) -> None:
        """Rank 0 writes it."""

    def report(self, report: Report) -> None:
        """Rank 0 writes it."""

    def validated(
        self, event: str, record: EpochRecord, measure: Measure, seconds: float, model: Network
    ) -> None:
        """Rank 0 writes it."""

    def sampled(self, sampled: Sampled, step: int) -> None:
        """Rank 0 writes it."""
