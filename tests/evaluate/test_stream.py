"""The one loop of evaluation: state, order, and learning between blocks."""

from itertools import pairwise

import numpy as np
import pytest

from rnnlm_cli.data.streams import blocks_of
from rnnlm_cli.evaluate.stream import (
    evaluation_blocks,
    read_stream,
    score_blocks,
    score_stream,
    target_log_probs,
)
from rnnlm_cli.text.corpus import Corpus

IDS = np.array([1, 4, 2, 2, 0, 5, 3, 1, 6, 2, 0])


def by_hand(network, ids, state):
    """Natural logs of all ids but the first, token by token, and the state before the last."""
    found = []
    for given, target in pairwise(ids):
        log_probs, state = network.next_log_probs(np.array([[given]]), state)
        found.append(log_probs[0, target])
    return np.array(found), state


@pytest.mark.parametrize("steps", [1, 3, 10, 99])
def test_blocks_of_ids_hold_each_target_once(steps):
    blocks = list(blocks_of(IDS, steps))
    np.testing.assert_array_equal(np.concatenate([b.inputs[:, 0] for b in blocks]), IDS[:-1])
    np.testing.assert_array_equal(np.concatenate([b.targets[:, 0] for b in blocks]), IDS[1:])
    assert max(len(block.targets) for block in blocks) <= steps
    assert list(blocks_of(IDS[:1], steps)) == list(blocks_of(IDS[:0], steps)) == []


@pytest.mark.parametrize("steps", [1, 4, 99])
def test_the_state_is_carried_from_block_to_block(saved, steps):
    network = saved.network
    _, before = by_hand(network, np.array([3, 1]), network.initial_state(1))
    expected, after = by_hand(network, IDS, before)
    read = list(read_stream(network, blocks_of(IDS, steps), before))
    found = np.concatenate([scored.counted.log_probs for scored in read])
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    for one, other in zip(np.ravel(read[-1].state), np.ravel(after), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10)


def test_a_block_that_begins_starts_from_zero(saved):
    zeros = saved.network.initial_state(1)
    _, before = by_hand(saved.network, IDS, zeros)
    begun = (block._replace(begins=True) for block in blocks_of(IDS, 4))
    read = read_stream(saved.network, begun, before)
    for scored, begin in zip(read, (0, 4, 8), strict=True):
        expected, _ = by_hand(saved.network, IDS[begin : begin + 5], zeros)
        np.testing.assert_allclose(scored.counted.log_probs, expected, rtol=1e-10)


def test_learning_comes_between_the_use_of_a_block_and_the_next_one(saved):
    told = []
    read = read_stream(
        saved.network,
        blocks_of(IDS, 4),
        saved.network.initial_state(1),
        lambda block, h, cache: told.append(("learn", block.targets[0, 0], h.shape)),
    )
    for scored in read:
        told.append(("use", scored.block.targets[0, 0], scored.h.shape))
    assert told == [
        (what, IDS[begin + 1], (steps, 1, 6))
        for begin, steps in ((0, 4), (4, 4), (8, 2))
        for what in ("use", "learn")
    ]


def test_ignored_targets_do_not_count(saved):
    corpus = Corpus("a.txt", IDS, 0, 0)
    blocks = evaluation_blocks(corpus, streams=3)  # of 4, 3 and 3 targets
    (scored,) = score_blocks(saved.network, blocks)
    assert scored.log_probs.shape == (4, 3)
    assert sorted(scored.counted.targets.tolist()) == sorted(IDS[1:].tolist())
    assert scored.counted.log_probs.sum() == pytest.approx(scored.log_probs.sum(), rel=1e-12)
    assert len(scored.counted.log_probs) == len(IDS) - 1


def test_a_stream_of_ids_scores_like_a_text(saved):
    zeros = saved.network.initial_state(1)
    found, _ = score_stream(saved.network, IDS, zeros)
    text = target_log_probs(saved.network, Corpus("a.txt", IDS, 0, 0))
    np.testing.assert_array_equal(found, text)
    nothing, state = score_stream(saved.network, IDS[:1], zeros)
    assert nothing.shape == (0,)
    assert state is zeros
