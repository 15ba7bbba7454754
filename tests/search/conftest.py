"""A text, a config and a search on it that takes milliseconds."""

from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.config import load_config
from rnnlm_cli.search.axis import axis_of
from rnnlm_cli.search.directory import StudyDirectory
from rnnlm_cli.search.plan import Plan
from rnnlm_cli.train.poll import go_on
from rnnlm_cli.train.start import Start

CONFIG = """\
corpus: {train: train.txt, valid: 0.2}
model: {cell: rnn, embedding_size: 2, hidden_size: 2}
training: {epochs: 2, batch_size: 4, bptt: 8, optimizer: {kind: sgd, learning_rate: 0.5}}
checkpoint: {path: out/m.pkl}
"""


@pytest.fixture
def base(tmp_path, monkeypatch):
    """A working directory with a config, ``c.yaml``, and its text."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    lines = [" ".join(rng.choice(list("abcd"), 7)) for _ in range(30)]
    Path("train.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    Path("c.yaml").write_text(CONFIG, encoding="utf-8")


@pytest.fixture
def plan(base):
    """Return what makes a plan of ``KEY=VALUES``."""

    def make(*searched, sets=(), directory="s", **options):
        made = Plan(
            path="c.yaml",
            sets=sets,
            option="search",
            base=load_config("c.yaml", sets),
            axes=[axis_of(one, "search") for one in searched],
            directory=StudyDirectory(directory),
            **options,
        )
        made.check()
        return made

    return make


@pytest.fixture
def trained():
    """Return what runs a trial to its end."""

    def train(trial, poll=go_on):
        trial.prepare()
        for _ in trial.events(poll):
            pass

    return train


@pytest.fixture
def search(plan, trained):
    """Return what runs a whole search, or continues one, and gives its records."""
    run = pytest.importorskip("rnnlm_cli.search.run")
    pytest.importorskip("optuna")

    def whole(*searched, start=Start.NEW, poll=go_on, **options):
        found = run.Search(plan(*searched, **options), start, poll)
        while found.next(lambda trial: trained(trial, poll)) is not None:
            pass
        return found.records()

    return whole
