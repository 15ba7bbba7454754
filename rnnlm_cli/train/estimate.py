"""What a training will need, before it begins."""

from __future__ import annotations

from typing import NamedTuple

from rnnlm_cli.config import training as schema
from rnnlm_cli.train.run import Run

PROGRAM_BYTES = 60_000_000
"""Python, NumPy and the rest, measured with a model of no size to speak of."""

STATE_ARRAYS = {"rnn": 3, "lstm": 14, "gru": 15}
"""Arrays ``(T, B, H)`` that a layer's forward and backward pass hold at once."""

OPTIMIZER_ARRAYS = {
    schema.Sgd: 0,
    schema.Momentum: 1,
    schema.Adam: 2,
    schema.AdamW: 2,
    schema.NtAsgd: 1,
}
"""Arrays of every parameter's shape that an optimizer keeps, values and gradients apart."""


class Estimate(NamedTuple):
    """Bytes, by what they are for."""

    parameters: int  # values, gradients, the optimizer's memory
    activations: int  # of one block
    logits: int  # of the chunks, and the output weight's gradient on each core
    texts: int

    @property
    def megabytes(self) -> float:
        """All of it, the program included, in units of 10^6 bytes."""
        return (sum(self) + PROGRAM_BYTES) / 1e6


def estimate(run: Run) -> Estimate:
    """Estimate the peak memory of a training from its sizes."""
    model, training = run.config.model, run.config.training
    width = run.model.dtype.itemsize
    copies = 2 + OPTIMIZER_ARRAYS[type(training.optimizer)]
    block = training.batch_size * training.bptt
    directions = 2 if run.model.bidirectional else 1
    arrays = directions * (model.layers * (STATE_ARRAYS[model.cell] + 3) + 4)
    texts = run.texts.train.ids.nbytes + (run.texts.valid.ids.nbytes if run.texts.valid else 0)
    return Estimate(
        parameters=copies * run.model.parameter_count * width,
        activations=block * (arrays * model.hidden_size + 3 * model.embedding_size) * width,
        logits=run.model.output.loss_elements(block) * width,
        texts=texts,
    )
