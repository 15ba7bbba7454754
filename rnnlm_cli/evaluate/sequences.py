"""Scoring many independent sequences; shared prefixes are read once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnlm_cli.evaluate.stream import score_stream
from rnnlm_cli.model import Rnnlm, checked_log_probs
from rnnlm_cli.nn.state import State, of_streams
from rnnlm_cli.system.arrays import Array, Ids

LONG = 500
"""Longer sequences are read one by one, in blocks, because few sequences are as long."""


def score_sequences(
    network: Rnnlm, sequences: Sequence[Ids], start: int, state: State | None = None
) -> list[Array]:
    """Return natural logs ``(n,)`` of every token of every sequence, in their order.

    Each is read from the same state, after the token ``start``, the end of a line.

    Args:
        network: A left-to-right network.
        sequences: Ids ``(n,)`` each.
        start: The id that is read before each sequence.
        state: The state before that, of one stream; ``None`` for the zero state.

    Raises:
        DivergedError: The model has diverged (see ``model/bounds.py``).
    """
    state = network.initial_state(1) if state is None else state
    found = [np.empty(len(sequence)) for sequence in sequences]
    short = [k for k, sequence in enumerate(sequences) if len(sequence) <= LONG]
    together = short if len(short) > 1 else []
    with network.unchanged(), network.running():
        chosen, filled = [sequences[k] for k in together], [found[k] for k in together]
        score_tree(network, chosen, start, filled, state)
    for k in set(range(len(sequences))) - set(together):
        score_alone(network, sequences[k], start, found[k], state)
    return found


def score_tree(
    network: Rnnlm, sequences: Sequence[Ids], start: int, found: Sequence[Array], state: State
) -> None:
    """Score sequences as paths in a prefix tree, so that shared prefixes are read once.

    All nodes of one depth are read in one step, one stream per node. The hypotheses of an n-best
    list differ in few words, so they share most nodes. Nothing is padded.

    Args:
        network: A left-to-right network.
        sequences: Ids ``(n,)`` each.
        start: The root's id.
        found: Arrays ``(n,)`` to fill, one per sequence.
        state: The state before the root, of one stream.

    Raises:
        DivergedError: The model has diverged (see ``model/bounds.py``).
    """
    types = network.types
    inputs = np.array([start])  # of the nodes at this depth, as is the state
    alive = np.array([k for k, sequence in enumerate(sequences) if len(sequence)], np.int64)
    node = np.zeros(len(alive), np.int64)  # the current node of each unfinished sequence
    depth = 0
    while len(alive):
        h, state = network.read(inputs[np.newaxis], state)  # (1, N, H)
        tokens = np.array([sequences[k][depth] for k in alive], np.int64)
        pairs, child = np.unique(node * types + tokens, return_inverse=True)
        parents, inputs = np.divmod(pairs, types)
        log_probs = network.output.target_log_probs(h[:, parents], inputs[np.newaxis])[0]
        checked_log_probs(log_probs)
        for k, log_prob in zip(alive, log_probs[child], strict=True):
            found[k][depth] = log_prob
        depth += 1
        going = np.array([len(sequences[k]) > depth for k in alive])
        alive = alive[going]
        kept, node = np.unique(child[going], return_inverse=True)  # nodes with children
        inputs, state = inputs[kept], of_streams(state, parents[kept])


def score_alone(network: Rnnlm, sequence: Ids, start: int, found: Array, state: State) -> None:
    """Score one sequence block by block.

    Args:
        network: A left-to-right network.
        sequence: Ids ``(n,)``.
        start: The id that is read before it.
        found: Array ``(n,)`` to fill.
        state: The state before ``start``.
    """
    ids = np.concatenate([[start], sequence])
    found[:], _ = score_stream(network, ids, state)
