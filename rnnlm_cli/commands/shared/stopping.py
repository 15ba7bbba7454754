"""Signals that stop a training, so that its state is saved."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rnnlm_cli.train.poll import Poll, Stopped

STOPPING = (signal.SIGINT, signal.SIGTERM)
SAME_SIGNAL_SECONDS = 0.1


@contextmanager
def signals() -> Iterator[tuple[Poll, list[int]]]:
    """Turn SIGINT or SIGTERM into a stop after the running block.

    A second signal exits at once and loses what came after the last save. One within
    ``SAME_SIGNAL_SECONDS`` is the same signal, delivered twice; one during the save is ignored.

    Yields the function that a training polls, and a list that will hold the first signal's number.
    """
    caught: list[int] = []
    first = 0.0

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal first
        if not caught:
            first = time.monotonic()
            caught.append(number)
        elif time.monotonic() - first > SAME_SIGNAL_SECONDS:
            sys.exit(128 + caught[0])

    def poll() -> None:
        if caught:
            for number in STOPPING:
                signal.signal(number, signal.SIG_IGN)
            raise Stopped

    before = {number: signal.signal(number, handle) for number in STOPPING}
    try:
        yield poll, caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
