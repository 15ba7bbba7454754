"""The thread of a model: it owns the network, writes all texts, and does other work between steps.

Requests live in the event loop and hand it tasks. Nothing of the network is touched elsewhere, and
no piece of work is long, so that texts keep flowing.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence

from rnnlm_cli.errors import UsageError
from rnnlm_cli.generate.together import Text, Together
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.serve.choice import Choice
from rnnlm_cli.serve.handover import Mailbox, wake_all
from rnnlm_cli.serve.tasks import Task, Work, Writing


class Counts:
    """What a worker has done since it began, for the metrics."""

    def __init__(self) -> None:
        self.drawn = self.read = self.steps = self.failures = 0
        self.step_seconds = 0.0


class Worker:
    """A model's thread.

    Attributes:
        model: The model.
        counts: What it has done.
    """

    def __init__(self, model: TrainedModel, most: int) -> None:
        """Prepare a thread.

        Args:
            model: The model.
            most: How many texts it writes at once.
        """
        self.model, self.counts = model, Counts()
        self._most = most
        self._together = Together(model, most)
        self._changed = threading.Condition()
        self._inbox: deque[Task] = deque()
        self._works: deque[Work] = deque()
        self._writings: dict[Text, Writing] = {}
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="rnnlm model", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the running piece."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()

    def submit(self, task: Task) -> None:
        """Take a task."""
        with self._changed:
            self._inbox.append(task)
            self._changed.notify()

    def cancel(self, task: Task) -> None:
        """Forget a task, which frees its place."""
        with self._changed:
            task.cancelled = True
            self._changed.notify()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def written(self) -> int:
        """How many texts are written at the moment."""
        return self._together.written

    @property
    def waiting(self) -> int:
        """How many texts and tasks wait."""
        return self._together.waiting + len(self._works) + len(self._inbox)

    def _run(self) -> None:
        with self.model.network.unchanged():
            while self._wait():
                woken: list[Mailbox] = []
                self._forget_cancelled()
                self._work(woken)
                self._step(woken)
                wake_all(woken)

    def _wait(self) -> bool:
        """Wait for something to do, take what came; return false at the end."""
        with self._changed:
            while not (self._inbox or self._works or self._together or self._ending):
                self._changed.wait()
            new = list(self._inbox)
            self._inbox.clear()
        for task in new:
            if isinstance(task, Work):
                self._works.append(task)
            elif isinstance(task, Writing):
                self._join(task)
        return not self._ending

    def _join(self, task: Writing) -> None:
        groups: dict[int, list[Choice]] = {}
        for choice in task.choices:
            groups.setdefault(id(choice.beginning), []).append(choice)
        for choices in groups.values():
            seeds = [choice.seed for choice in choices]
            texts = self._together.join(choices[0].beginning, seeds, task.filters, task.top)
            task.texts |= dict(zip(texts, choices, strict=True))
        self._writings |= dict.fromkeys(task.texts, task)

    def _forget_cancelled(self) -> None:
        self._works = deque(work for work in self._works if not work.cancelled)
        left = [text for text, writing in self._writings.items() if writing.cancelled]
        self._leave(left)

    def _leave(self, texts: Sequence[Text]) -> None:
        if not texts:
            return
        self._together.leave(texts)
        for text in texts:
            del self._writings[text]

    def _work(self, woken: list[Mailbox]) -> None:
        """Do a piece of the next work, so that all advance in turn."""
        if not self._works:
            return
        work = self._works.popleft()
        try:
            next(work.pieces)
            self._works.append(work)
            return
        except StopIteration as end:
            work.result = end.value
        except Exception as error:
            self._failed(work, error)
        work.done = True
        woken.append(work.box)

    def _step(self, woken: list[Mailbox]) -> None:
        """Draw a token of every text."""
        if not self._together:
            return
        begun = time.perf_counter()
        try:
            drawn = self._together.step()
        except Exception as error:
            for writing in set(self._writings.values()):
                self._failed(writing, error)
                writing.done = True
                woken.append(writing.box)
            self._writings.clear()
            self._together = Together(self.model, self._most)
            return
        self.counts.steps += 1
        self.counts.drawn += len(drawn)
        self.counts.step_seconds += time.perf_counter() - begun
        ended = []
        for one in drawn:
            writing = self._writings[one.text]
            choice = writing.texts[one.text]
            if choice.add(one):
                woken.append(writing.box)
            if choice.finish:
                ended.append(one.text)
                writing.done = not writing.open
        self._leave(ended)

    def _failed(self, task: Task, error: Exception) -> None:
        task.error = error
        if not isinstance(error, UsageError):
            self.counts.failures += 1
