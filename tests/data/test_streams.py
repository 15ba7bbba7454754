from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.data.lines import LONGEST_LINE, LineBlocks
from rnnlm_cli.data.streams import Blocks
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
