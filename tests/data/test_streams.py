from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.data.lines import LONGEST_LINE, LineBlocks
from rnnlm_cli.data.streams import Blocks
from rnnlm_cli.data.variation import Variation, longest, varied
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.system.arrays import IGNORED
from rnnlm_cli.text.corpus import Corpus


def corpus(tokens):
    return Corpus("text", np.arange(tokens, dtype=np.uint16), 0, 0)


def test_two_streams_of_a_thousand_tokens_start_at_0_and_500():
    first = next(iter(Blocks(corpus(1000), streams=2, steps=10)))
    assert first.inputs[:3].tolist() == [[0, 500], [1, 501], [2, 502]]
    assert first.targets[:3].tolist() == [[1, 501], [2, 502], [3, 503]]


@given(st.integers(2, 90), st.integers(1, 9), st.integers(1, 40))
def test_every_token_after_the_first_is_predicted_once_from_the_one_before(tokens, streams, steps):
    if tokens < 2 * streams:
        return
    blocks = Blocks(corpus(tokens), streams, steps)
    pairs = []
    for block in blocks:
        assert block.inputs.shape == block.targets.shape
        assert block.inputs.shape[0] <= steps
        counted = block.targets != IGNORED
        pairs += zip(block.inputs[counted], block.targets[counted], strict=True)
    assert sorted(target for _, target in pairs) == list(range(1, tokens))
    assert all(target == given + 1 for given, target in pairs)
    assert len(list(blocks)) == len(blocks)


@given(st.integers(8, 60), st.integers(1, 4), st.integers(1, 9))
def test_each_stream_continues_where_its_last_block_ended(tokens, streams, steps):
    blocks = list(Blocks(corpus(tokens), streams, steps))
    for before, after in pairwise(blocks):
        counted = after.targets[0] != IGNORED
        np.testing.assert_array_equal(before.targets[-1][counted], after.inputs[0][counted])


@given(
    st.integers(2, 90),
    st.integers(1, 9),
    st.integers(1, 40),
    st.booleans(),
    st.booleans(),
)
def test_a_varied_epoch_predicts_every_token_once_from_the_one_before(
    tokens, streams, steps, lengths, places
):
    if tokens < 2 * streams:
        return
    blocks = Blocks(corpus(tokens), streams, steps, Variation(1, lengths, places))
    for epoch in (0, 3):
        pairs, sizes = [], []
        varied_blocks = blocks.in_epoch(epoch)
        for block in varied_blocks:
            counted = block.targets != IGNORED
            pairs += zip(block.inputs[counted], block.targets[counted], strict=True)
            sizes.append(len(block.targets))
            assert block.rate == (sizes[-1] / steps if lengths else 1)
        assert sorted(target for _, target in pairs) == list(range(1, tokens))
        assert all(target == given + 1 for given, target in pairs)
        assert min(sizes) > 0
        assert len(sizes) == len(blocks) == len(varied_blocks)


def test_an_epoch_is_the_same_whenever_it_is_asked_for_and_another_one_differs():
    def inputs(epoch, seed=1, first=2):
        blocks = Blocks(corpus(500), 3, 10, Variation(seed, lengths=True, places=True))
        blocks.in_epoch(first)
        return [block.inputs.tolist() for block in blocks.in_epoch(epoch)]

    assert inputs(2) == inputs(2, first=0)
    assert inputs(2) != inputs(3)
    assert inputs(2) != inputs(2, seed=2)


def test_a_rotated_stream_goes_on_from_its_end_to_its_beginning():
    blocks = Blocks(corpus(301), 3, 20, Variation(1, places=True)).in_epoch(5)
    inputs = np.concatenate([block.inputs for block in blocks])
    for column, stream in zip(inputs.T.astype(int), np.split(np.arange(300), 3), strict=True):
        np.testing.assert_array_equal(column, np.roll(stream, stream[0] - column[0]))
    assert len(set(inputs[0] % 100)) == 3, "each by its own amount"


def test_lengths_are_around_the_wanted_one_or_its_half():
    """For T = 70: normal around 70, one in twenty around 35, both with deviation 5."""
    lengths = np.diff(varied(1_000_000, 70, np.random.default_rng(0)))
    short = lengths < 52
    assert short.mean() == pytest.approx(0.05, abs=0.005)
    assert lengths[short].mean() == pytest.approx(35, abs=1)
    assert lengths[~short].mean() == pytest.approx(70, abs=0.3)
    assert lengths[~short].std() == pytest.approx(5, abs=0.2)
    assert lengths.max() <= longest(70) + 2


@pytest.mark.parametrize(
    ("tokens", "streams", "remedy"), [(1, 1, "longer text"), (7, 4, "at most 3 streams")]
)
def test_a_text_that_is_too_short_is_refused_with_a_remedy(tokens, streams, remedy):
    with pytest.raises(CorpusError, match=rf"text: {tokens} token.*{remedy}"):
        Blocks(corpus(tokens), streams, 5)


class TestLines:
    END = 0

    def corpus(self, lines):
        ids = [token for line in lines for token in (*line, self.END)]
        return Corpus("text", np.array(ids, dtype=np.uint16), 0, 0, given=0)

    @given(
        st.lists(st.lists(st.integers(1, 9), max_size=7), min_size=1, max_size=30),
        st.integers(1, 40),
    )
    def test_every_word_is_predicted_once_from_both_sides_of_its_line(self, lines, tokens):
        if not any(lines):
            return
        blocks = LineBlocks(self.corpus(lines), self.END, tokens)
        found = []
        for block in blocks:
            left, right = block.inputs
            assert block.streams == block.targets.shape[1] <= blocks.streams
            assert block.streams == 1 or block.targets.size <= tokens
            for column in range(block.streams):
                words = block.targets[:, column].tolist()
                assert left[:, column].tolist() == [self.END, *words[:-1]]
                assert right[::-1, column].tolist() == [*words[1:], self.END]
                found.append(words)
        assert sorted(found) == sorted(line for line in lines if line)

    def test_the_order_is_fixed_and_not_that_of_lengths(self):
        text = self.corpus([[1] * n for n in range(1, 40)])
        lengths = [len(block.targets) for block in LineBlocks(text, self.END, 8)]
        assert lengths != sorted(lengths)
        assert lengths == [len(block.targets) for block in LineBlocks(text, self.END, 8)]

    def test_a_long_line_is_read_in_pieces(self):
        words = np.arange(2 * LONGEST_LINE + 7) % 9 + 1
        blocks = LineBlocks(self.corpus([words.tolist()]), self.END, 10)
        assert sorted(len(block.targets) for block in blocks) == [7, LONGEST_LINE, LONGEST_LINE]

    def test_a_text_without_an_end_is_a_line(self):
        text = Corpus("text", np.array([3, 4, 5], dtype=np.uint8), 0, 0, given=0)
        (block,) = LineBlocks(text, self.END, 10)
        assert block.targets[:, 0].tolist() == [3, 4, 5]

    def test_a_text_of_empty_lines_is_refused(self):
        with pytest.raises(CorpusError, match="text: has no line with a token"):
            LineBlocks(self.corpus([[], []]), self.END, 10)
