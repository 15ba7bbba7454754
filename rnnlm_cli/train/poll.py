"""The hook by which a caller can stop a training between blocks."""

from __future__ import annotations

from collections.abc import Callable

Poll = Callable[[], None]
"""Called between blocks, also in validation; may raise ``Stopped``."""


class Stopped(Exception):  # noqa: N818 (not an error)
    """The caller asked training to stop."""


def go_on() -> None:
    """Never stop."""
