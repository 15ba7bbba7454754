"""What a training appends to while it runs: its log, and TensorBoard's event file if wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from rnnlm_cli.checkpoint import TrainingState
from rnnlm_cli.evaluate.measure import Measure
from rnnlm_cli.model.history import EpochRecord
from rnnlm_cli.model.network import Network
from rnnlm_cli.train.appended import AppendedFile
from rnnlm_cli.train.events import Report, Sampled
from rnnlm_cli.train.files import RunFiles
from rnnlm_cli.train.log import Log
from rnnlm_cli.train.tensorboard import EventFile

REPORTED = ("nats_per_token", "gradient_norm", "learning_rate", "tokens_per_second")
"""The fields of a report that are scalars in TensorBoard."""


class Lengths(NamedTuple):
    """The bytes of both files that belong to a state."""

    log: int = 0
    events: int = 0

    @classmethod
    def of(cls, state: TrainingState) -> Lengths:
        """Return those that a state holds."""
        return cls(state.log_length, state.events_length)


START = Lengths()


class Logs:
    """The files, which are cut together and have the same steps."""

    def __init__(self, files: RunFiles) -> None:
        """Open the files.

        Raises:
            UsageError: tensorboardX is not installed.
            OSError: One cannot be opened.
        """
        self._log, self._events = Log(files.log), None
        self._files: list[AppendedFile] = [self._log]
        try:
            if files.events is not None:
                self._events = EventFile(files.events)
                self._files.append(self._events)
        except BaseException:
            self.close()
            raise

    @property
    def lengths(self) -> Lengths:
        """Their sizes in bytes."""
        return Lengths(self._log.length, self._events.length if self._events else 0)

    def cut(self, lengths: Lengths) -> None:
        """Cut both to the lengths in a state; see ``AppendedFile.cut``."""
        for file, length in zip(self._files, lengths, strict=False):
            file.cut(length)

    def check(self) -> None:
        """Check that both are still in their places; see ``AppendedFile.check``."""
        for file in self._files:
            file.check()

    def take_restored(self) -> list[str]:
        """Return the paths of files that were removed and restored since the last call."""
        return [file.path for file in self._files if file.take_restored()]

    def close(self) -> None:
        """Close both."""
        for file in self._files:
            file.close()

    def write(self, event: str, values: dict[str, Any]) -> None:
        """Append a line to the log."""
        self._log.write(event, values)

    def report(self, report: Report) -> None:
        """Write the means since the last report."""
        values = asdict(report)
        self._log.write("step", values)
        if self._events is not None:
            self._events.scalars(report.step, {f"train/{key}": values[key] for key in REPORTED})

    def validated(
        self, event: str, record: EpochRecord, measure: Measure, seconds: float, model: Network
    ) -> None:
        """Write the figures of a validation, and the distributions of the weights."""
        self._log.write(event, {**measure.values(record), "seconds": seconds})
        if self._events is not None and record.step is not None:
            self._events.scalars(record.step, dict(_figures(record, measure)))
            weights = {f"weights/{name}": one for name, one in model.weights().items()}
            self._events.histograms(record.step, weights)

    def sampled(self, sampled: Sampled, step: int) -> None:
        """Write a text of the model."""
        self._log.write("sample", asdict(sampled))
        if self._events is not None:
            self._events.text(step, "sample", sampled.text)


def _figures(record: EpochRecord, measure: Measure) -> Mapping[str, float | None]:
    """Return the figures of a validation by their tags, which group training and validation."""
    found: dict[str, float | None] = {}
    for split, figure, figures in (
        ("train", record.train, record.train_figures),
        ("valid", record.valid, record.valid_figures),
    ):
        found[f"{measure.key()}/{split}"] = figure
        for name, value in measure.text_values(figures).items():
            found[f"{name}/{split}"] = value
    return found
