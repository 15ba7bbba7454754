"""An estimate of a training's peak memory, before it begins."""

from __future__ import annotations

from typing import NamedTuple

from rnnlm_cli.data.columns import Lines
from rnnlm_cli.data.pairs import Pairs
from rnnlm_cli.data.variation import longest
from rnnlm_cli.model.layers import cell_of
from rnnlm_cli.train.session import Session

PROGRAM_BYTES = 60_000_000
"""Python, NumPy and other libraries, measured with a tiny model."""

LAYER_ARRAYS, STACK_ARRAYS = 3, 4
"""Arrays ``(T, B, H)`` per block besides the cell's own: per layer, and per direction."""


class Estimate(NamedTuple):
    """Bytes by purpose."""

    parameters: int  # values, gradients, optimizer state
    activations: int  # of one block
    logits: int  # of the chunks, and the output weight's gradient on each core
    texts: int
    saved: int  # of a state while it is written, when no activations are left

    @property
    def megabytes(self) -> float:
        """The sum, including the program, in units of 10^6 bytes."""
        passing = max(self.activations, self.saved)
        return (self.parameters + passing + self.logits + self.texts + PROGRAM_BYTES) / 1e6


def estimate(session: Session) -> Estimate:
    """Estimate the peak memory of a training from its sizes.

    Cell, engine, optimizer and output layer report their own sizes.
    """
    model, training = session.config.model, session.config.training
    width = session.model.dtype.itemsize
    trained = session.model.parameter_count - session.model.frozen_count
    kept = session.trainer.optimizer.arrays_per_parameter
    stored = session.model.parameter_count + kept * trained
    steps = longest(training.bptt) if training.bptt_variable else training.bptt
    if isinstance(session.texts.train, Lines):  # they are read whole
        steps = int(session.texts.train.lengths.max())
    if isinstance(session.texts.train, Pairs):  # and their sources too
        steps += int(session.texts.train.source.lengths.max())
    block = training.batch_size * steps
    past = session.trainer.past
    directions = 2 if session.model.bidirectional else 1
    cell, engine = cell_of(model), session.model.engine
    layer = engine.block_arrays(cell, session.model.dtype) + LAYER_ARRAYS
    arrays = directions * (model.layers * layer + STACK_ARRAYS)
    texts = [text for text in (session.texts.train, session.texts.valid) if text is not None]
    direct, gradients = session.model.output.direct, trained
    if direct and not (kept or direct.table.frozen or direct.is_dense(block)):
        gradients -= direct.table.value.size  # it is rows, which weigh less than what is saved
    return Estimate(
        parameters=(stored + gradients) * width,
        activations=block * (arrays * model.hidden_size + 3 * model.embedding_size) * width,
        logits=(session.model.output.loss_elements(block) + (past.elements(block) if past else 0))
        * width,
        texts=sum(text.ids.nbytes for text in texts),
        saved=stored * width,
    )
