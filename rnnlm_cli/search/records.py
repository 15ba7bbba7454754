"""What a study records of its trials, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rnnlm_cli.config import Config
from rnnlm_cli.model.history import TextFigures
from rnnlm_cli.search.axis import COMPARABLE
from rnnlm_cli.search.space import Space, Values
from rnnlm_cli.tasks import measure_of

State = Literal["complete", "pruned", "diverged", "failed", "running", "stopped"]
"""``running``: in some process. ``stopped``: its process was stopped or killed; it is resumed."""

ENDED: tuple[State, ...] = ("complete", "pruned", "diverged", "failed")


@dataclass(frozen=True)
class Outcome:
    """How a trial ended.

    Attributes:
        state: One of ``ENDED``.
        value: The objective, lower is better; of a pruned trial its last one, if any.
        reason: Why it was not completed, or of which earlier trial it is a copy.
        epochs: Finished epochs, with a part of the last one.
        seconds: Seconds of training.
    """

    state: State
    value: float | None
    reason: str = ""
    epochs: float = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Record:
    """A trial as the study has it; ``outcome`` is that of a trial that has ended, or its state."""

    number: int  # from 0, in the order of their beginnings
    values: Values
    outcome: Outcome

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.outcome.state


def best_of(records: Sequence[Record]) -> Record | None:
    """Return the complete trial with the lowest value, the earliest of equal ones."""
    complete = [r for r in records if r.state == "complete" and r.outcome.value is not None]
    return min(complete, key=lambda r: (r.outcome.value, r.number), default=None)


@dataclass(frozen=True)
class Objective:
    """The figure of the validation text that a search minimizes.

    Attributes:
        name: Its name in tables.
        per_byte: Whether it is bits per byte, which models of different subwords share; else it is
            the figure by which a training ranks its models.
    """

    name: str
    per_byte: bool = False

    @classmethod
    def of(cls, config: Config, space: Space) -> Objective:
        """Return the objective of a search."""
        if any(axis.key.startswith(COMPARABLE) for axis in space.axes):
            return cls("valid bits per byte", per_byte=True)
        return cls(f"valid {measure_of(config).name}")

    @property
    def key(self) -> str:
        """Its name in JSON."""
        return self.name.replace(" ", "_").replace("-", "_")

    def value(self, figure: float | None, figures: TextFigures | None) -> float:
        """Return it from what a validation reports."""
        found: Any = figure
        if self.per_byte:
            found = figures and figures.bits_per_byte
        assert found is not None, "a search needs a validation text"
        return float(found)
