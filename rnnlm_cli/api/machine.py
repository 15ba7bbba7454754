"""What computes: threads and engine, as arguments and the environment choose them."""

from __future__ import annotations

import os

from rnnlm_cli.checks import Range
from rnnlm_cli.errors import UsageError
from rnnlm_cli.nn.cpu.threads import ENVIRONMENT, MOST_THREADS, use_threads
from rnnlm_cli.nn.engines.choose import choose_engine

THREADS = Range(1, MOST_THREADS, whole=True)


def choose_threads(threads: int | None) -> None:
    """Choose how many threads this process computes with; ``None`` leaves it as it is.

    Raises:
        UsageError: It is out of range, or the environment asks for something invalid.
    """
    if threads is not None:
        THREADS.check("threads", threads)
    check_environment()
    if threads is not None:
        use_threads(int(threads))


def check_environment() -> None:
    """Use the threads that the environment asks for, and refuse invalid values.

    Raises:
        UsageError: ``RNNLM_THREADS`` is not a number of threads, or ``RNNLM_ENGINE`` not an engine.
    """
    try:
        if os.environ.get(ENVIRONMENT):
            use_threads()
        choose_engine()
    except ValueError as error:
        raise UsageError(str(error)) from None
