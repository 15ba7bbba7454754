"""Fixtures for tests of whole trainings."""

from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.nn.cpu import threads
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
