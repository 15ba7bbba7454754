"""How much memory a training will need, before it begins."""

from __future__ import annotations

from typing import NamedTuple

from rnnlm_cli.model.layers import CELLS
from rnnlm_cli.train.run import Run

PROGRAM_BYTES = 60_000_000
"""Python, NumPy and the rest, measured with a model of no size to speak of."""

LAYER_ARRAYS, STACK_ARRAYS = 3, 4
"""Arrays ``(T, B, H)`` that a block needs beside a cell's own: per layer, and per direction."""


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
    """Estimate the peak memory of a training from its sizes.

    Cell, optimizer and output layer tell what they hold.
    """
    model, training = run.config.model, run.config.training
    width = run.model.dtype.itemsize
    copies = 2 + run.trainer.optimizer.arrays_per_parameter
    block = training.batch_size * training.bptt
    directions = 2 if run.model.bidirectional else 1
    layer = CELLS[model.cell].block_arrays + LAYER_ARRAYS
    arrays = directions * (model.layers * layer + STACK_ARRAYS)
    texts = run.texts.train.ids.nbytes + (run.texts.valid.ids.nbytes if run.texts.valid else 0)
    return Estimate(
        parameters=copies * run.model.parameter_count * width,
        activations=block * (arrays * model.hidden_size + 3 * model.embedding_size) * width,
        logits=run.model.output.loss_elements(block) * width,
        texts=texts,
    )
