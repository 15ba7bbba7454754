from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text.blocks import IGNORED, Blocks
from rnnlm_cli.text.corpus import Corpus


def corpus(tokens):
    return Corpus("text", np.arange(tokens, dtype=np.uint16), 0, 0)


def test_two_streams_of_a_thousand_tokens_begin_at_0_and_500():
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
def test_each_stream_goes_on_where_its_last_block_ended(tokens, streams, steps):
    blocks = list(Blocks(corpus(tokens), streams, steps))
    for before, after in pairwise(blocks):
        counted = after.targets[0] != IGNORED
        np.testing.assert_array_equal(before.targets[-1][counted], after.inputs[0][counted])


@pytest.mark.parametrize(
    ("tokens", "streams", "remedy"), [(1, 1, "longer text"), (7, 4, "at most 3 streams")]
)
def test_too_short_a_text_is_refused_with_what_would_fit(tokens, streams, remedy):
    with pytest.raises(CorpusError, match=rf"text: {tokens} token.*{remedy}"):
        Blocks(corpus(tokens), streams, 5)
