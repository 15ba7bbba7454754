"""What computes: threads, engine and device, as arguments and the environment choose them."""

from __future__ import annotations

import os

from rnnlm_cli.checks import Range
from rnnlm_cli.errors import UsageError, literal, quoted
from rnnlm_cli.nn.cpu.threads import ENVIRONMENT, MOST_THREADS, use_threads
from rnnlm_cli.nn.device import DEVICES
from rnnlm_cli.nn.engines.choose import choose_engine, use_device

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


def choose_device(device: str | None) -> None:
    """Choose where models that are read from now on compute; ``None`` leaves it as it is.

    Raises:
        UsageError: It is not one of ``cpu``, ``cuda`` and ``auto``, or there is no CUDA device.
    """
    if device is None:
        return
    if device not in DEVICES:
        known = ", ".join(DEVICES)
        raise UsageError(f"is {literal(quoted(device))}; choose {known}", field="device")
    use_device(device)


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
