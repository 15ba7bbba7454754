"""How a model's thread hands results to the requests that wait for them in the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable


class Mailbox:
    """Wakes a request once for all that it has not looked at yet."""

    def __init__(self) -> None:
        """Belong to the running event loop."""
        self.loop = asyncio.get_running_loop()
        self._event = asyncio.Event()
        self.noticed = True  # whether the request has looked since it was woken last

    def wake(self) -> None:
        """Wake the request; called in the event loop."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Wait for something new.

        Raises:
            TimeoutError: There is nothing for too long.
        """
        try:
            await asyncio.wait_for(self._event.wait(), max(0, seconds))
        except asyncio.TimeoutError:
            raise TimeoutError from None
        self._event.clear()
        self.noticed = True  # before the request looks, so that nothing later is missed


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
