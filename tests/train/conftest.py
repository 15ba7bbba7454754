"""Fixtures for tests of whole trainings."""

import threading
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.nn.cpu import threads
from rnnlm_cli.train.parallel import Elsewhere, Group, in_order
from rnnlm_cli.train.poll import Stopped


@pytest.fixture
def folder(tmp_path, monkeypatch, request):
    """A working directory with ``train.txt``, and the test module's ``CONFIG`` as ``c.yaml``.

    The text has as many lines as the module's ``LINES`` says, or 60.
    """
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    count = getattr(request.module, "LINES", 60)
    lines = [" ".join(rng.choice(list("abcdef"), 7)) for _ in range(count)]
    Path("train.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    Path("c.yaml").write_text(request.module.CONFIG, encoding="utf-8")
    return tmp_path


@pytest.fixture
def stop_after():
    """Return a function that runs a session until the poll after a number of polls stops it."""

    def stop(session, polls):
        left = iter([False] * polls)

        def poll():
            if next(left, True):
                raise Stopped

        with pytest.raises(Stopped):
            list(session.events(poll))

    return stop


@pytest.fixture
def free_choice(monkeypatch):
    """Let a test choose engine and threads, whatever the environment says; restore both."""
    monkeypatch.delenv("RNNLM_ENGINE", raising=False)
    monkeypatch.delenv("RNNLM_THREADS", raising=False)
    threads._from_environment.cache_clear()
    monkeypatch.setattr(threads._chosen, "threads", None)
    with threads._blas().limit(limits=None):
        yield
    threads._from_environment.cache_clear()


class Threads(Group):
    """One of several threads that hand each other values at a barrier."""

    def __init__(self, rank, table, barrier):
        super().__init__()
        self.rank, self.size = rank, len(table)
        self.hosts = ["here"] * self.size
        self._table, self._barrier = table, barrier

    def _exchange(self, value):
        self._table[self.rank] = value
        self._barrier.wait()
        found = list(self._table)
        self._barrier.wait()
        return found

    def sum(self, values, how="fixed"):
        values[:] = in_order(np.stack(self._exchange(values.copy())))


@pytest.fixture(scope="session")
def on_threads():
    """Give a function that runs work on several ranks, which are threads of this process."""
    return _on_threads


def _on_threads(size, work):
    """Return ``work(group)`` of every rank; an error of one ends all and is raised."""
    table, barrier = [None] * size, threading.Barrier(size, timeout=60)
    found, errors = [None] * size, []

    def run(rank):
        try:
            found[rank] = work(Threads(rank, table, barrier))
        except BaseException as error:
            errors.append(error)
            if not isinstance(error, Elsewhere):  # else the others know already
                barrier.abort()

    threads = [threading.Thread(target=run, args=(rank,)) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    follows = threading.BrokenBarrierError, Elsewhere  # from another rank's error
    for error in sorted(errors, key=lambda error: isinstance(error, follows)):
        raise error
    return found
