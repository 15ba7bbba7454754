"""``rnnlm`` with a training in which some blocks are bad, and which can be killed at a poll.

What ``kill_resume.py`` starts. The bad blocks have a loss that is no number until the learning rate
has been halved often enough, on every processor alike. Polls come after each block, in validation
too, and in the last evaluation. ``POLL_AT`` in the environment is the poll (from 1) at which the
process ends with SIGKILL; ``POLL_COUNT`` names a file that gets their number.
"""

from __future__ import annotations

import math
import os
import signal
from itertools import count
from pathlib import Path
from typing import Any

from rnnlm_cli import __main__
from rnnlm_cli.nn.outputs.softmax import Loss
from rnnlm_cli.train import run as training
from rnnlm_cli.train.run import Run

BAD_STEPS = {25: 0.5, 26: 0.25, 80: 0.125}
"""Steps that are bad where the rate's factor is above this."""


class PlantedRun(Run):
    """A training with bad blocks."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        loss = self.model.output.loss

        def sometimes_bad(h: Any, targets: Any, rng: Any = None) -> Loss:
            found = loss(h, targets, rng)
            progress = self.trainer.progress
            bad = progress.rate_factor > BAD_STEPS.get(progress.step + 1, math.inf)
            return found._replace(nats=math.nan) if bad else found

        self.model.output.loss = sometimes_bad  # type: ignore[method-assign]
        self._polls = count(1)

    def _poll(self) -> None:
        number = next(self._polls)
        if number == int(os.environ.get("POLL_AT", 0)):
            os.kill(os.getpid(), signal.SIGKILL)
        if path := os.environ.get("POLL_COUNT"):
            Path(path).write_text(str(number), encoding="utf-8")
        super()._poll()


if __name__ == "__main__":
    from rnnlm_cli.train import prepare

    training.ROLLBACK_STEPS = 16
    prepare.Run = PlantedRun  # type: ignore[attr-defined, misc]
    __main__.main()
