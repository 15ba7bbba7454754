"""Lines in blocks: each once per epoch, and lines of about one length together."""

import numpy as np

from rnnlm_cli.data.line_batches import SPREAD, LineBatches

LENGTHS = np.random.default_rng(1).integers(1, 40, 101)


def batches(seed=None):
    return LineBatches(LENGTHS, 8, lambda lines: lines, seed)


def test_each_line_once_in_nearly_equal_blocks():
    for blocks in (batches(), batches(3).in_epoch(2)):
        found = list(blocks)
        assert len(found) == len(blocks) == 13
        assert {len(lines) for lines in found} == {7, 8}
        assert max(map(len, found)) == blocks.streams
        assert sorted(np.concatenate(found).tolist()) == list(range(101))


def test_lines_of_a_block_are_of_about_one_length():
    exact = [LENGTHS[lines] for lines in batches()]
    assert (np.diff(np.concatenate(exact)) >= 0).all()
    rough = [LENGTHS[lines] for lines in batches(3).in_epoch(0)]
    padded = sum(own.max() * len(own) for own in rough)
    assert padded < SPREAD * LENGTHS.sum() * 1.1


def test_an_epoch_has_an_order_of_its_own_that_repeats():
    first, again = batches(3), batches(3)
    one = [lines.tolist() for lines in first.in_epoch(1)]
    assert one == [lines.tolist() for lines in again.in_epoch(1)]
    other = [lines.tolist() for lines in first.in_epoch(0)]
    assert one != other
    assert {frozenset(lines) for lines in one} != {frozenset(lines) for lines in other}
    assert batches().in_epoch(1)[0].tolist() == batches()[0].tolist()
