"""How a model's thread hands results to the requests that wait for them in the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable


class Mailbox:
    """Wakes a request once for all that it has not looked at yet, and when its time is over.

    (``asyncio.wait_for`` would do the second, but before Python 3.12 it loses the cancellation of a
    request whose client leaves just when something new comes.)
    """

    def __init__(self) -> None:
        """Belong to the running event loop."""
        self.loop = asyncio.get_running_loop()
        self._event = asyncio.Event()
        self.noticed = True  # whether the request has looked since it was woken last
        self._timer: asyncio.TimerHandle | None = None
        self._expired = False

    def open(self, seconds: float) -> None:
        """Let the time of the request begin."""
        self._timer = self.loop.call_later(seconds, self._expire)

    def close(self) -> None:
        """Forget the time."""
        if self._timer is not None:
            self._timer.cancel()

    def wake(self) -> None:
        """Wake the request; called in the event loop."""
        self._event.set()

    async def wait(self) -> None:
        """Wait for something new.

        Raises:
            TimeoutError: The time is over.
        """
        await self._event.wait()
        self._event.clear()
        self.noticed = True  # before the request looks, so that nothing later is missed
        if self._expired:
            raise TimeoutError

    def _expire(self) -> None:
        self._expired = True
        self._event.set()


def wake_all(boxes: Iterable[Mailbox]) -> None:
    """Wake requests from another thread, by one call per event loop."""
    sleeping: dict[asyncio.AbstractEventLoop, list[Mailbox]] = {}
    for box in boxes:
        if box.noticed:
            box.noticed = False
            sleeping.setdefault(box.loop, []).append(box)
    for loop, own in sleeping.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_wake, own)


def _wake(boxes: Iterable[Mailbox]) -> None:
    for box in boxes:
        box.wake()
