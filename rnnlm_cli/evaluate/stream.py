"""The one loop that reads a text block by block, for every figure of an evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from rnnlm_cli.data.lines import LineBlocks
from rnnlm_cli.data.separate_lines import SeparateLines
from rnnlm_cli.data.streams import Block, Blocks, TextBlocks, blocks_of
from rnnlm_cli.model import Rnnlm, checked_log_probs
from rnnlm_cli.model.network import Network, NetworkPass
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import IGNORED, Array, Ids
from rnnlm_cli.text.corpus import Corpus

BLOCK_TOKENS = 512
"""Tokens per block: enough rows for an efficient output product, few enough to stay small."""

LINES_AT_ONCE = 32
"""Lines per block, when each is read by itself."""


class Counted(NamedTuple):
    """The counted targets of a block; in text order if there is one stream."""

    targets: Ids  # (n,)
    log_probs: Array  # (n,) float64 natural logs


class Scored(NamedTuple):
    """A block that has been read."""

    block: Block
    h: Array  # (T, B, D), the output layer's input; as the network has it
    log_probs: Array  # (T, B) float64, natural logs of the targets; 0 for ignored targets
    state: State  # after the block
    network: Network  # that read it

    @property
    def hidden(self) -> Array:
        """The hidden state in ``h``, ``(T, B, H)``, as a NumPy array."""
        return self.network.on_host(self.network.hidden(self.h))

    @property
    def counted(self) -> Counted:
        """The targets that are not ignored."""
        counts = self.block.targets != IGNORED
        return Counted(self.block.targets[counts], self.log_probs[counts])


Scorer = Callable[[Rnnlm, TextBlocks], Iterator[Scored]]
"""Reads a text block by block."""

Learn = Callable[[Block, Array, NetworkPass], None]
"""Takes a block, the output layer's input for it, and the pass that read it."""


def read_stream(
    network: Network, blocks: Iterable[Block], state: State, learn: Learn | None = None
) -> Iterator[Scored]:
    """Read blocks one after another, and score their targets.

    Args:
        network: The network.
        blocks: The text.
        state: The state before the first block, carried from block to block, except to one that
            begins at the zero state.
        learn: Called after each block, when its scores are used and before the next one is read.
    """
    for block in blocks:
        before = network.initial_state(block.streams) if block.begins else state
        with network.running():
            tape = network.begin(block.steps, block.streams)
            h, after = tape.forward(block.inputs, before)
            log_probs = network.output.target_log_probs(h, block.targets)
        yield Scored(block, h, log_probs, after, network)
        if learn is not None:
            learn(block, h, tape)
        state = after


def read_blocks(
    network: Network, blocks: TextBlocks, learn: Learn | None = None
) -> Iterator[Scored]:
    """Read a text from the zero state; scores may be NaN."""
    return read_stream(network, blocks, network.initial_state(blocks.streams), learn)


def score_blocks(network: Rnnlm, blocks: TextBlocks) -> Iterator[Scored]:
    """Read a text with an unadapted network.

    Raises:
        DivergedError: The model has diverged (see ``model/bounds.py``).
    """
    with network.unchanged():
        for scored in read_blocks(network, blocks):
            checked_log_probs(scored.log_probs)
            yield scored


def score_stream(network: Rnnlm, ids: Ids, state: State) -> tuple[Array, State]:
    """Score the next tokens of a stream.

    Args:
        network: A left-to-right network.
        ids: ``(N,)``; the first is given, the others are predicted.
        state: The state before the first id, for one stream.

    Returns:
        Natural logs ``(N-1,)``, and the state before the last token is read.

    Raises:
        DivergedError: The model has diverged (see ``model/bounds.py``).
    """
    found = [np.empty(0)]
    for scored in read_stream(network, blocks_of(ids, BLOCK_TOKENS), state):
        found.append(checked_log_probs(scored.counted.log_probs))
        state = scored.state
    return np.concatenate(found), state


def target_log_probs(
    network: Rnnlm, corpus: Corpus, score: Scorer = score_blocks, block_tokens: int | None = None
) -> Array:
    """Return the natural logs ``(N-1,)`` of all targets of a text, read as one stream."""
    scored = score(network, evaluation_blocks(corpus, tokens=block_tokens))
    return np.concatenate([one.counted.log_probs for one in scored])


def evaluation_blocks(
    corpus: Corpus,
    streams: int = 1,
    end_of_line: int | None = None,
    tokens: int | None = None,
    both_ways: bool = False,
) -> TextBlocks:
    """Arrange a text in blocks for evaluation.

    One stream is exact: every token is predicted from all tokens before it. With more, the first
    target of each stream is predicted from the last token of the stream before and the zero state.

    Args:
        corpus: The text.
        streams: How many; ignored if lines are read independently.
        end_of_line: The end-of-line id, for a model that reads each line by itself.
        tokens: Approximate tokens per block.
        both_ways: Lines are for a bidirectional model.

    Raises:
        CorpusError: There are fewer than two tokens per stream.
    """
    tokens = tokens or BLOCK_TOKENS
    if end_of_line is not None and both_ways:
        return LineBlocks(corpus, end_of_line, tokens)
    if end_of_line is not None:
        steps = max(1, tokens // LINES_AT_ONCE)
        return SeparateLines(corpus, end_of_line, LINES_AT_ONCE, steps)
    return Blocks(corpus, streams, max(1, tokens // streams))
