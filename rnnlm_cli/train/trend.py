"""Signs of divergence in the losses of a training, judged by figures alone."""

from __future__ import annotations

from statistics import fmean
from typing import Annotated, Literal

import msgspec

RECENT_STEPS = 20
"""Steps of a window: losses are judged by their means over one."""

RECENT_NORMS = 100
"""Steps over which the median gradient norm is taken."""

RECENT_WINDOWS = 5
"""Windows in a row that must be bad for a rise; a spike that clipping ends is shorter."""

SETTLED_WINDOWS = 2
"""Windows before a loss is compared with guessing: at a high rate, or without clipping, the first
steps of a good training can be at 2.7 times the loss of guessing."""

WORSE_THAN_GUESSING = 1.5
"""In units of ``ln V``: a loss above it is a warning. The trainings in ``docs/logs`` stay below
0.93 once they are settled."""

FORGOTTEN = 1 / 3
"""Share of what was learned, ``ln V`` minus the lowest loss, that is lost in a rise. Of five
windows in a row of the trainings in ``docs/logs``, at least one has lost less than 0.16."""

Figure = Annotated[float, msgspec.Meta(ge=0, le=1e300)]
Warned = Literal["loss", "norm", "rise"]


class Memory(msgspec.Struct, forbid_unknown_fields=True):
    """What the guard remembers: a part of a training's state."""

    losses: Annotated[list[Figure], msgspec.Meta(max_length=RECENT_STEPS)] = []  # nats per token
    norms: Annotated[list[Figure], msgspec.Meta(max_length=RECENT_NORMS)] = []  # before clipping
    warned: Annotated[list[Warned], msgspec.Meta(max_length=3)] = []  # and not over since
    windows: Annotated[list[Figure], msgspec.Meta(max_length=RECENT_WINDOWS)] = []  # means
    steps: Annotated[int, msgspec.Meta(ge=0, lt=RECENT_STEPS)] = 0  # of the running window
    lowest: Figure | None = None  # of all windows

    def add(self, nats: float, norm: float) -> None:
        """Take in a step's mean loss and gradient norm."""
        self.losses.append(float(nats))
        self.norms.append(float(norm))
        del self.losses[:-RECENT_STEPS], self.norms[:-RECENT_NORMS]
        self.steps = (self.steps + 1) % RECENT_STEPS
        if self.steps == 0:
            self.windows.append(fmean(self.losses))
            del self.windows[:-RECENT_WINDOWS]
            self.lowest = min(self.windows[-1:] + [x for x in [self.lowest] if x is not None])

    def new(self, kind: Warned, found: bool, over: bool) -> bool:
        """Whether a warning is due: found, and not already given since it was last over."""
        if over and kind in self.warned:
            self.warned.remove(kind)
        due = found and kind not in self.warned
        if due:
            self.warned.append(kind)
        return due

    @property
    def settled(self) -> bool:
        """Whether the first steps, in which a loss may be high, are over."""
        return len(self.windows) >= SETTLED_WINDOWS

    def worse_than_guessing(self, guessing: float, ends_epoch: bool) -> bool:
        """Whether to warn that the mean loss is far above ``guessing``, in nats per token.

        Args:
            guessing: The loss of the uniform distribution, ``ln V``.
            ends_epoch: The step is the last of its epoch, so a short training is judged, too.
        """
        recent = fmean(self.losses)
        judged = ends_epoch or (self.settled and len(self.losses) == RECENT_STEPS)
        found = judged and recent > WORSE_THAN_GUESSING * guessing
        return self.new("loss", found, over=recent < guessing)

    def rises(self, guessing: float) -> bool:
        """Whether to warn that the loss rises away from its lowest value.

        So it is if every recent window has lost a third of what was learned, and the last one is
        worse than the first: a spike is shorter, and after a change in the text the loss falls.
        """
        if self.steps or self.lowest is None or self.lowest >= guessing:
            return False
        high = self.lowest + FORGOTTEN * (guessing - self.lowest)
        found = (
            len(self.windows) == RECENT_WINDOWS
            and min(self.windows) > high
            and self.windows[-1] > self.windows[0]
        )
        return self.new("rise", found, over=self.windows[-1] < high)
