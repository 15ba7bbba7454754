"""How a training is asked between blocks whether to go on."""

from __future__ import annotations

from collections.abc import Callable

Poll = Callable[[], None]
"""Called between blocks, in validation too; it may raise ``Stopped``."""


class Stopped(Exception):  # noqa: N818 (no error)
    """Somebody asked training to stop."""


def go_on() -> None:
    """Never stop."""
