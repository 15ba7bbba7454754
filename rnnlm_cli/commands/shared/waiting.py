"""What is said where nothing moves for a while and no bar shows why."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rnnlm_cli.commands.shared.messages import note

NOTABLE_SECONDS = 2.0
"""A longer wait is announced."""


@contextmanager
def announced(work: str) -> Iterator[None]:
    """Say what is done within, once it has taken two seconds: ``reading ptb.train.txt ...``."""
    timer = threading.Timer(NOTABLE_SECONDS, note, [f"{work} ..."])
    timer.daemon = True  # an interrupted command does not wait for it
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
