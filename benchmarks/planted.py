"""``rnnlm`` with a training in which some blocks are bad, and which can be killed at a poll.

``kill_resume.py`` starts it. The bad blocks have a NaN loss until the learning rate has been halved
often enough, the same on every processor. Polls come after each block, in validation too, and in
the last evaluation. The environment variable ``POLL_AT`` is the poll (from 1) at which the process
ends with SIGKILL, or that of several ranks whose number is ``POLL_RANK``; the number of polls is
written to the file ``POLL_COUNT``.
"""

from __future__ import annotations

import math
import os
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from rnnlm_cli import __main__
from rnnlm_cli.nn.outputs.softmax import Loss
from rnnlm_cli.train import recovery
from rnnlm_cli.train.events import Event
from rnnlm_cli.train.poll import Poll, go_on
from rnnlm_cli.train.session import Session

BAD_STEPS = {25: 0.5, 26: 0.25, 80: 0.125}
"""Steps that are bad where the rate's factor is above this."""


real_events = Session.events


def planted_events(session: Session, poll: Poll = go_on) -> Iterator[Event]:
    """Replace ``Session.events``, with bad blocks and polls that kill."""
    output, polls = session.model.output, count(1)
    loss = output.loss_and_gradients

    def sometimes_bad(h: Any, targets: Any, rng: Any = None, mean_over: Any = None) -> Loss:
        found = loss(h, targets, rng, mean_over)
        progress = session.trainer.progress
        bad = progress.rate_factor > BAD_STEPS.get(progress.step + 1, math.inf)
        return found._replace(nats=math.nan) if bad else found

    def counted() -> None:
        number, rank = next(polls), session.group.rank
        at, of = os.environ.get("POLL_AT", "0"), os.environ.get("POLL_RANK", "0")
        if (number, rank) == (int(at), int(of)):
            os.kill(os.getpid(), signal.SIGKILL)
        if rank == 0 and (path := os.environ.get("POLL_COUNT")):
            Path(path).write_text(str(number), encoding="utf-8")
        poll()

    output.loss_and_gradients = sometimes_bad  # type: ignore[method-assign]
    return real_events(session, counted)


if __name__ == "__main__":
    recovery.ROLLBACK_STEPS = 16
    Session.events = planted_events  # type: ignore[method-assign]
    __main__.main()
