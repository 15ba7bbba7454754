"""Claims of the course notes about streams, parameters, the output layer and perplexity."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from claim_recurrence import Figures, layer

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.data.streams import Blocks
from rnnlm_cli.evaluate.perplexity import perplexity
from rnnlm_cli.model.rnnlm import Rnnlm
from rnnlm_cli.nn.outputs.plain import PlainSoftmax
from rnnlm_cli.nn.param import Param
from rnnlm_cli.system.arrays import IGNORED
from rnnlm_cli.text.corpus import Corpus

OF_THE_NOTES = ("rnn", "lstm", "gru")

PTB = 10_000
"""Types of Penn Treebank."""


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
