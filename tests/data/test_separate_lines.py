"""Single lines in padded blocks: every token once, in an order that only seed and epoch decide."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.data.separate_lines import SeparateLines
from rnnlm_cli.system.arrays import IGNORED
from rnnlm_cli.text.corpus import Corpus

END = 0
LINES = st.lists(st.lists(st.integers(1, 9), max_size=11), min_size=1, max_size=25)


def corpus(lines, cut=0):
    """The ids of lines; without the last ``cut`` ones."""
    ids = [token for line in lines for token in (*line, END)]
    return Corpus("text", np.array(ids[: len(ids) - cut], np.uint8), 0, 0, given=0)


def lines_read(blocks):
    """Put each line together from its blocks; check inputs and padding on the way."""
    found, open_lines = [], []
    for block in blocks:
        if block.begins:
            found += open_lines
            open_lines = [[] for _ in range(block.streams)]
        padding = np.zeros(block.targets.shape, bool) if block.padding is None else block.padding
        np.testing.assert_array_equal(block.targets == IGNORED, padding)
        assert (block.inputs[padding] == END).all()
        for column, line in enumerate(open_lines):
            counted = ~padding[:, column]
            assert counted.tolist() == sorted(counted.tolist(), reverse=True), "padding comes last"
            targets = block.targets[counted, column].tolist()
            before = [line[-1] if line else END, *targets[:-1]]
            assert block.inputs[counted, column].tolist() == before[: len(targets)]
            line += targets
    return [line for line in found + open_lines if line]


@given(LINES, st.integers(1, 7), st.integers(1, 6), st.booleans(), st.integers(0, 3))
def test_each_line_is_read_by_itself_and_each_token_predicted_once(lines, most, steps, cut, epoch):
    text = corpus(lines, cut and len(lines[-1]) > 0)
    expected = [[*line, END] for line in lines]
    if cut and lines[-1]:  # the last line lacks its end
        expected[-1].pop()
    blocks = SeparateLines(text, END, most, steps, seed=1)
    read = blocks.in_epoch(epoch)
    assert len(read) == len(blocks) == len(list(read))
    assert all(b.targets.shape[0] <= steps and b.streams == blocks.streams <= most for b in read)
    assert sorted(lines_read(read)) == sorted(expected)


def test_a_long_line_is_read_in_equal_blocks_that_continue_each_other():
    text = corpus([[1] * 35, [2]])
    blocks = list(SeparateLines(text, END, 1, 12))
    assert [len(block.targets) for block in blocks] == [2, 12, 12, 12]
    assert [block.begins for block in blocks] == [True, True, False, False]


def test_lines_of_similar_length_are_together_and_no_block_is_nearly_empty():
    rng = np.random.default_rng(0)
    text = corpus([[1] * n for n in rng.poisson(20, 401)])
    blocks = SeparateLines(text, END, 20, 100, seed=3).in_epoch(0)
    assert blocks.streams == 20
    assert len(blocks) == 21
    counted = [np.count_nonzero(block.targets != IGNORED) for block in blocks]
    assert sum(counted) == len(text)
    assert sum(block.targets.size for block in blocks) < 1.1 * len(text)
    assert all(np.count_nonzero(block.targets[0] != IGNORED) >= 19 for block in blocks)


def test_each_epoch_has_an_order_of_its_own_that_depends_on_the_seed_alone():
    text = corpus([[n] * (1 + n % 3) for n in range(1, 60)])

    def order(seed, epoch):
        return lines_read(SeparateLines(text, END, 4, 9, seed).in_epoch(epoch))

    blocks = SeparateLines(text, END, 4, 9, seed=1)
    later = [lines_read(blocks.in_epoch(epoch)) for epoch in (2, 0, 2)]
    assert later[0] == later[2] == order(1, 2)
    assert later[1] == order(1, 0) != later[0]
    assert order(2, 0) != order(1, 0)
    assert order(None, 0) == order(None, 5)
    first = [line[0] for line in later[0] if len(line) == 2]
    assert first != sorted(first), "lines of one length are shuffled too"


@pytest.mark.parametrize("number", [-1, 3])
def test_a_block_outside_the_text_is_an_error(number):
    blocks = SeparateLines(corpus([[1], [2], [3]]), END, 1, 9)
    with pytest.raises(IndexError):
        blocks[number]
