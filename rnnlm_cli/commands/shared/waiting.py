"""Notes for work that takes a while and has no progress bar."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rnnlm_cli.commands.shared.messages import note

NOTABLE_SECONDS = 2.0
"""A longer wait is announced."""


@contextmanager
def announced(work: str) -> Iterator[None]:
    """Print a note if the work takes more than two seconds: ``reading ptb.train.txt ...``."""
    timer = threading.Timer(NOTABLE_SECONDS, note, [f"{work} ..."])
    timer.daemon = True  # an interrupted command does not wait for it
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
