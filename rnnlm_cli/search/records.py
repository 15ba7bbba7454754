"""What a study records of its trials, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rnnlm_cli.config import Config
from rnnlm_cli.evaluate.measure import Measure
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
        value: The objective; of a pruned trial its last one, if any.
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


@dataclass(frozen=True)
class Objective:
    """The figure of the validation text that a search makes as good as it can.

    Attributes:
        name: Its name in tables.
        measure: Tells which of two figures is better.
        per_byte: Whether it is bits per byte, which models of different subwords share; else it is
            the figure by which a training ranks its models.
    """

    name: str
    measure: Measure
    per_byte: bool = False

    @classmethod
    def of(cls, config: Config, space: Space) -> Objective:
        """Return the objective of a search."""
        measure = measure_of(config)
        if measure.of_text and retokenizes(space):
            return cls("valid bits per byte", measure, per_byte=True)
        return cls(f"valid {measure.name}", measure)

    @property
    def key(self) -> str:
        """Its name in JSON."""
        return self.name.replace(" ", "_").replace("-", "_")

    @property
    def form(self) -> str:
        """How it is printed; bits per byte differ in the third digit."""
        return ",.3f" if self.measure.of_text else self.measure.form

    def cost(self, record: Record) -> float | None:
        """Return a number that is lower the better a trial is; ``None`` without a figure."""
        value = record.outcome.value
        return None if value is None else self.measure.cost(value)

    def best_of(self, records: Sequence[Record]) -> Record | None:
        """Return the complete trial with the best value, the earliest of equal ones."""
        found = [(self.cost(r), r.number, r) for r in records if r.state == "complete"]
        costs = [(cost, number, r) for cost, number, r in found if cost is not None]
        return min(costs, key=lambda one: one[:2])[2] if costs else None

    def value(self, figure: float | None, figures: TextFigures | None) -> float:
        """Return it from what a validation reports."""
        found: Any = figure
        if self.per_byte:
            found = figures and figures.bits_per_byte
        assert found is not None, "a search needs a validation text"
        return float(found)


def retokenizes(space: Space) -> bool:
    """Whether trials divide the texts into other tokens."""
    return any(axis.key.startswith(COMPARABLE) for axis in space.axes)
