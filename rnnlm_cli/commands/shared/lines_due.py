"""Which lines a training prints, so that short and long ones can be read afterwards."""

from __future__ import annotations

from dataclasses import dataclass

LEAST_SECONDS = 30.0
"""Between two lines about steps."""

MOST_SECONDS = 600.0
"""After so long there is a line, however little of a long epoch is done."""

PARTS = 10
"""Lines about the steps of an epoch, at most; unless the epoch takes more than 100 minutes."""

EPOCHS = 20
"""Every epoch has its line if a training has fewer than twice as many."""

EPOCH_SECONDS = 10.0
"""After so long the next epoch has its line, however many there are."""


@dataclass
class LinesDue:
    """Decides by time and place whether a step or an epoch is reported.

    A training of 3 seconds has a line for each epoch, or about 20 if it has many. One of 3 minutes
    has also a line every 30 seconds, one of 3 days a line every 10 minutes.

    Attributes:
        blocks: Steps per epoch.
        epochs: Epochs of the training.
        started: When the training began, in seconds of any clock.
    """

    blocks: int
    epochs: int
    started: float

    def __post_init__(self) -> None:
        """Begin without a line."""
        self._last = self._last_epoch = self.started
        self._last_step: int | None = None

    def step(self, number: int, now: float) -> bool:
        """Whether a step is reported; not the last of its epoch, which has a line of its own.

        Args:
            number: The step, counted over all epochs.
            now: The time.
        """
        since = now - self._last
        far = self._last_step is None or PARTS * (number - self._last_step) >= self.blocks
        due = since >= MOST_SECONDS or (since >= LEAST_SECONDS and far)
        due = due and number % self.blocks != 0
        if due:
            self._last, self._last_step = now, number
        return due

    def epoch(self, epoch: int, step: int, now: float) -> bool:
        """Whether the end of an epoch is reported.

        Args:
            epoch: The epoch, from 1.
            step: Its last step, counted over all epochs.
            now: The time.
        """
        every = max(1, self.epochs // EPOCHS)
        due = epoch % every == 0 or now - self._last_epoch >= EPOCH_SECONDS
        if due:
            self._last, self._last_step, self._last_epoch = now, step, now
        return due
