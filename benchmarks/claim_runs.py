"""The trainings of ``claims.py``, and what each claim of the course notes predicts about them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
WORK = ROOT / "checkpoints" / "claims"

TYPES = 1_000
BASE = [
    f"corpus.max_vocabulary={TYPES}",
    "training.batch_size=10",
    "training.bptt=20",
    "training.epochs=2",
    "training.threads=1",
    "corpus.test=null",
]
ADAM = "training.optimizer={kind: adam, learning_rate: 2e-3}"
RNN = ["model.cell=rnn", ADAM]
TWO = "model.layers=2"
FEW = [TWO, "model.residual=true", "training.epochs=8", f"corpus.train={WORK / 'few.txt'}"]
DROPOUT = "model.dropout={input: 0.3, hidden: 0.3, output: 0.3}"
VARIATIONAL = "model.dropout={input: 0.3, hidden: 0.3, output: 0.3, variational: true}"


class Run(NamedTuple):
    """A model that is trained with each seed.

    Attributes:
        group: The runs that are compared.
        name: Its name in the page and in the log.
        changed: What differs from the base.
        variant: A row of ``claim_variants.VARIANTS``; empty for the program as it ships.
    """

    group: str
    name: str
    changed: list[str]
    variant: str = ""


class Prediction(NamedTuple):
    """What a claim says about two runs, written down before they were trained.

    Attributes:
        claim: Its number in the notes.
        words: What is predicted.
        low: The run that is said to have the lower validation perplexity.
        high: The other one.
        equal: That they do not differ by more than seeds do, instead.
    """

    claim: int
    words: str
    low: str
    high: str
    equal: bool = False


RUNS = [
    Run("base", "LSTM", []),
    *(Run("depth", f"{n} layers", [f"model.layers={n}"]) for n in (2, 3, 4)),
    *(
        Run("depth", f"{n} layers, residual", [f"model.layers={n}", "model.residual=true"])
        for n in (2, 3, 4)
    ),
    *(Run("depth, Adam", f"{n} layers, Adam", [f"model.layers={n}", ADAM]) for n in (2, 3, 4)),
    Run("dropout", "few lines, no dropout", FEW),
    Run("dropout", "few lines, in depth", [*FEW, DROPOUT]),
    Run("dropout", "few lines, variational", [*FEW, VARIATIONAL]),
    Run("dropout", "few lines, new masks in time", [*FEW, VARIATIONAL], "new-masks"),
    Run("dropout, RNN", "few lines, RNN, variational", [*FEW, *RNN, VARIATIONAL]),
    Run(
        "dropout, RNN", "few lines, RNN, new masks in time", [*FEW, *RNN, VARIATIONAL], "new-masks"
    ),
    Run("tying", "tied", ["model.tie_weights=true"]),
    Run("cells", "GRU", ["model.cell=gru"]),
    Run("cells", "LSTM, Adam", [ADAM]),
    Run("cells", "GRU, Adam", ["model.cell=gru", ADAM]),
    Run("cells", "RNN, Adam", ["model.cell=rnn", ADAM]),
    Run("clipping", "no clipping", ["training.clip_norm=null"]),
    Run(
        "clipping",
        "no clipping, rate 1",
        ["training.clip_norm=null", "training.optimizer={kind: sgd, learning_rate: 1}"],
    ),
    Run(
        "clipping",
        "RNN, Adam, no clipping",
        ["model.cell=rnn", ADAM, "training.clip_norm=null"],
    ),
    Run("clipping", "without 1e-6", [], "without-1e-6"),
    *(
        Run(
            "truncation",
            f"T = {t}, B = {200 // t}",
            [f"training.bptt={t}", f"training.batch_size={200 // t}"],
        )
        for t in (5, 10, 40)
    ),
    Run(
        "truncation",
        "T = 5, B = 40, zero state",
        ["training.bptt=5", "training.batch_size=40", "training.stateful=false"],
    ),
    Run("truncation", "T = 20, B = 10, zero state", ["training.stateful=false"]),
    Run(
        "loop",
        "one word",
        ["training.bptt=1", "training.batch_size=200", "training.stateful=false"],
    ),
    *(
        Run("weights", f"uniform {a}", [f"model.initialization={{kind: uniform, scale: {a}}}"])
        for a in (0.01, 0.1, 0.5)
    ),
    Run("bias", "forget bias 1", ["model.forget_bias=1"]),
    Run("sides", "single lines, forward", ["training.lines=independent"]),
    Run("sides", "single lines, both sides", ["model.direction=bidirectional"]),
]

PREDICTIONS = [
    Prediction(1, "a loop is better than one word without a loop", "LSTM", "one word"),
    Prediction(2, "clipping is needed by an LSTM with SGD at 20", "LSTM", "no clipping"),
    Prediction(2, "clipping is needed by an RNN", "RNN, Adam", "RNN, Adam, no clipping"),
    Prediction(2, "the 1e-6 does not matter", "LSTM", "without 1e-6", equal=True),
    Prediction(3, "10 steps are enough", "T = 10, B = 20", "T = 40, B = 5", equal=True),
    Prediction(3, "the state should run on, T = 5", "T = 5, B = 40", "T = 5, B = 40, zero state"),
    Prediction(3, "the state should run on, T = 20", "LSTM", "T = 20, B = 10, zero state"),
    Prediction(5, "an LSTM is better than an RNN", "LSTM, Adam", "RNN, Adam"),
    Prediction(5, "a GRU is as good, SGD", "GRU", "LSTM", equal=True),
    Prediction(5, "a GRU is as good, Adam", "GRU, Adam", "LSTM, Adam", equal=True),
    Prediction(5, "a forget bias of zero is enough", "LSTM", "forget bias 1", equal=True),
    *(Prediction(6, f"{n} layers are better than one", f"{n} layers", "LSTM") for n in (2, 3, 4)),
    *(
        Prediction(6, f"skip connections help, {n} layers", f"{n} layers, residual", f"{n} layers")
        for n in (2, 3, 4)
    ),
    Prediction(6, "dropout in depth helps", "few lines, in depth", "few lines, no dropout"),
    Prediction(6, "variational dropout helps", "few lines, variational", "few lines, no dropout"),
    Prediction(
        6,
        "new masks in time are worse than one mask",
        "few lines, variational",
        "few lines, new masks in time",
    ),
    Prediction(
        6,
        "new masks in time are worse than no dropout in time",
        "few lines, in depth",
        "few lines, new masks in time",
    ),
    Prediction(
        6,
        "new masks in time are worse than one mask, RNN",
        "few lines, RNN, variational",
        "few lines, RNN, new masks in time",
    ),
    Prediction(6, "tying helps", "tied", "LSTM"),
    Prediction(7, "both sides are better", "single lines, both sides", "single lines, forward"),
    Prediction(8, "1/sqrt(fan in) is better than small weights", "LSTM", "uniform 0.01"),
    Prediction(8, "1/sqrt(fan in) is better than large weights", "LSTM", "uniform 0.5"),
    Prediction(8, "1/sqrt(fan in) is as good as uniform 0.1", "LSTM", "uniform 0.1", equal=True),
]
"""Committed before the trainings; that of dropout in an RNN after the first results of others."""
