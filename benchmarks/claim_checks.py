"""Claims of the course notes that need no training: seconds of arithmetic with the program's parts.

Each function is of one claim and returns figures by name; ``claims.py`` keeps them in its log, and
``tests/test_claims.py`` measures them again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.data.streams import Blocks
from rnnlm_cli.evaluate.perplexity import perplexity
from rnnlm_cli.model import CELLS
from rnnlm_cli.model.rnnlm import Rnnlm
from rnnlm_cli.nn.engines.choose import ENGINES
from rnnlm_cli.nn.init import scaled_normal
from rnnlm_cli.nn.layers.recurrent import Recurrent
from rnnlm_cli.nn.outputs.plain import PlainSoftmax
from rnnlm_cli.nn.param import Param
from rnnlm_cli.report.gradients import gradient_norms
from rnnlm_cli.system.arrays import IGNORED
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.train.clipping import clip_gradients

Figures = dict[str, float]
OF_THE_NOTES = ("rnn", "lstm", "gru")

PTB = 10_000
"""Types of Penn Treebank."""


def layer(cell: str = "rnn", size: int = 20) -> Recurrent:
    """Return a recurrent layer with the notes' initial weights, float64."""
    init = scaled_normal(np.random.default_rng(1), np.float64)
    return Recurrent(CELLS[cell], ENGINES["plain"], size, size, init)


def loop() -> Figures:
    """Claim 1: the equations, and one set of weights for any number of steps."""
    rnn, x = layer(), np.random.default_rng(2).standard_normal((30, 4, 20))
    y, _ = rnn.begin(30, 4).forward(x, rnn.initial_state(4))
    h, furthest = np.zeros((4, 20)), 0.0
    for x_t, y_t in zip(x, y, strict=True):
        h = np.tanh(h @ rnn.weights.hh.value + x_t @ rnn.weights.ih.value + rnn.weights.bias.value)
        furthest = max(furthest, float(abs(h - y_t).max()))
    return {"furthest": furthest, "weights": sum(p.value.size for p in rnn.params.values())}


def per_step(norms: list[float], last: int) -> float:
    """Return the factor per step, the geometric mean over the last steps."""
    return float((norms[-1] / norms[-1 - last]) ** (1 / last))


def drawn_figure(scale: float, slopes: bool, size: int = 3, seed: int = 3) -> list[float]:
    """Return norms of dh in the notes' figure, 20 steps back.

    It multiplies ones ``(2, 3)`` by ``W_h^T`` and by nothing else. With ``slopes`` the gradient
    also passes through tanh, of a network that reads a normal x and has run for a while.
    """
    w_h = np.random.RandomState(seed).randn(size, size) * scale
    rng, h, states = np.random.default_rng(1), np.zeros((2, size)), []
    for _ in range(40):
        h = np.tanh(h @ w_h + rng.standard_normal((2, size)))
        states.append(h)
    dh, norms = np.ones((2, size)), []
    for h in states[:-21:-1]:
        dh = (dh * (1 - h**2) if slopes else dh) @ w_h.T
        norms.append(float(np.linalg.norm(dh) / 2))
    return norms


def figure() -> Figures:
    """Claim 2: the figure of the norm of dh against steps back."""
    found: Figures = {}
    for name, scale in (("large", 1.0), ("small", 0.5)):
        norms, through = drawn_figure(scale, False), drawn_figure(scale, True)
        w_h = np.random.RandomState(3).randn(3, 3) * scale
        found[f"{name} last"] = norms[-1]
        found[f"{name} radius"] = float(abs(np.linalg.eigvals(w_h)).max())
        found[f"{name} last through tanh"] = through[-1]
    draws = np.random.default_rng(1).standard_normal((10_000, 3, 3))
    radii = abs(np.linalg.eigvals(draws)).max(axis=1)
    found["drawn explode"] = float((radii > 1).mean())
    found["half of drawn explode"] = float((radii / 2 > 1).mean())
    return found


def flow() -> Figures:
    """Claims 2 and 5: the factor of dh per step, for each cell, from the zero state."""
    found: Figures = {}
    for scale in (0.5, 1.0, 1.5):
        for cell, bias in (
            ("rnn", 0),
            ("lstm", 0),
            ("lstm", 1),
            ("lstm", 4),
            ("gru", 0),
            ("gru", 4),
        ):
            norms = gradient_norms(cell, scale, 100, 200, float(bias), 1)
            found[f"{cell} {bias} at {scale:g}"] = float(norms.factor or 0)
            found[f"{cell} {bias} at {scale:g}, 50 back"] = norms.dh[50]
    for bias in (0, 1, 4):  # the cell alone: no way through W_h
        norms = gradient_norms("lstm", 0.0, 50, 200, float(bias), 1)
        found[f"cell {bias}"] = per_step(norms.dc, 25)
        found[f"cell {bias}, half"] = math.log(0.5) / math.log(found[f"cell {bias}"])
    return found


def clipping() -> Figures:
    """Claim 2: the threshold, and what 1e-6 changes."""

    def clipped(norm: float) -> float:
        param = Param(np.zeros(4))
        param.add(np.full(4, norm / 2))
        clip_gradients([param], 0.25)
        return math.sqrt(param.grad_squared_norm())

    return {
        "of 10": clipped(10.0),
        "of 0.25": clipped(0.25),
        "of 0.2": clipped(0.2),
        "change at 0.25": 1 - clipped(0.25) / 0.25,
        "change at 10": 1 - clipped(10.0) / 0.25,
    }


def offsets() -> Figures:
    """Claim 3: where the streams of 1,000 tokens begin."""
    text = Corpus("1,000 tokens", np.arange(1_000, dtype=np.uint16), 0, 0)
    blocks = list(Blocks(text, 2, 10))
    targets = np.concatenate([block.targets.ravel() for block in blocks])
    first, second = blocks[0].inputs[0].tolist()
    counted = targets[targets != IGNORED]
    return {
        "first": first,
        "second": second,
        "predicted": len(counted),
        "different": len(set(counted.tolist())),
        "by rounding down": 999 // 2,
        "left by blocks of 10": 999 - 999 // (2 * 10) * (2 * 10),
    }


def stateful() -> Figures:
    """Claims 3 and 4: a state that runs on makes blocks one text; shapes."""
    lstm, x = layer("lstm"), np.random.default_rng(2).standard_normal((20, 4, 20))
    zero = lstm.initial_state(4)
    whole, _ = lstm.begin(20, 4).forward(x, zero)
    first, state = lstm.begin(10, 4).forward(x[:10], zero)
    on, _ = lstm.begin(10, 4).forward(x[10:], state)
    reset, _ = lstm.begin(10, 4).forward(x[10:], zero)
    return {
        "running on": float(abs(np.concatenate([first, on]) - whole).max()),
        "reset": float(abs(np.concatenate([first, reset]) - whole).max()),
    }


def parameters() -> Figures:
    """Claims 5 and 6: how many parameters each network has, at 10,000 types and E = H = 100."""

    def count(**keys: Any) -> int:
        rng = np.random.default_rng(1)
        return Rnnlm.random(ModelConfig(**keys), PTB, rng).parameter_count

    def of_layer(cell: str) -> int:
        return sum(param.value.size for param in layer(cell, 100).params.values())

    return {
        **{f"{cell} layer": of_layer(cell) for cell in OF_THE_NOTES},
        **{cell: count(cell=cell) for cell in OF_THE_NOTES},
        "tied": count(tie_weights=True),
        "two layers": count(layers=2),
        "two layers, residual": count(layers=2, residual=True),
    }


def output() -> Figures:
    """Claim 8: one product over all rows; targets of -1."""
    rng = np.random.default_rng(1)
    h, targets = rng.standard_normal((5, 3, 8)), rng.integers(0, 50, (5, 3))
    targets[3:, 1] = IGNORED
    softmax = PlainSoftmax(Param(rng.standard_normal((50, 8))))
    loss = softmax.loss_and_gradients(h, targets)
    kept = targets != IGNORED
    per_row = [softmax.log_probs(row)[k] for row, k in zip(h[kept], targets[kept], strict=True)]
    steps = np.stack([h_t @ softmax.weight.value.T for h_t in h])
    return {
        "one product": float(abs(h @ softmax.weight.value.T - steps).max()),
        "counted": loss.counted,
        "of": targets.size,
        "mean": loss.nats / loss.counted,
        "mean of the rest": -float(np.mean(per_row)),
        "gradient of ignored": float(abs(loss.dh[~kept]).max()),
    }


def initial() -> Figures:
    """Claim 8: the weights that a model begins with, and its perplexity."""
    model = Rnnlm.random(ModelConfig(), PTB, np.random.default_rng(1))
    values = {name: param.value for name, param in model.params.items()}

    def deviation(part: str) -> float:
        (one,) = (value for name, value in values.items() if name.endswith(part))
        return float(one.std())

    ids = np.random.default_rng(2).integers(0, PTB, (50, 20))
    h, _ = model.read(ids[:-1], model.initial_state(20))
    nats = -float(model.output.target_log_probs(h, ids[1:]).mean())
    return {
        "embedding": deviation("embedding.weight"),
        "input": deviation("weight_ih"),
        "recurrent": deviation("weight_hh"),
        "output": deviation("output.weight"),
        "largest bias": max(float(abs(v).max()) for n, v in values.items() if "bias" in n),
        "untrained": math.exp(nats),
    }


def measure() -> Figures:
    """Claim 9: perplexity of known probabilities."""

    def of(*probabilities: float) -> float:
        return perplexity(-sum(map(math.log, probabilities)), len(probabilities))

    return {
        "0.8": of(0.8),
        "1": of(1.0),
        "0.8 and 0.2": of(0.8, 0.2),
        "mean inverse of 0.8 and 0.2": (1 / 0.8 + 1 / 0.2) / 2,
        "inverse mean of 0.8 and 0.2": 1 / ((0.8 + 0.2) / 2),
        "10,000 alike": of(1 / PTB, 1 / PTB),
    }


CHECKS: dict[str, Callable[[], Figures]] = {
    "loop": loop,
    "figure": figure,
    "flow": flow,
    "clipping": clipping,
    "offsets": offsets,
    "stateful": stateful,
    "parameters": parameters,
    "output": output,
    "initial": initial,
    "measure": measure,
}
"""The function of each group of figures."""
