"""A stream's masks, drawn for some streams, are those that one generator draws among all."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlm_cli.nn.layers.dropout import OfStreams, children, dropout_mask

LIKE = np.empty(0)


@settings(max_examples=60)
@given(st.integers(0, 4), st.integers(1, 3), st.integers(0, 3), st.integers(1, 5), st.data())
def test_the_masks_of_some_streams_are_columns_of_the_masks_of_all(first, own, after, width, data):
    streams = first + own + after
    rows = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))  # of masks in turn
    whole = np.random.default_rng(7)
    some = OfStreams(np.random.PCG64(7), first, streams)
    for steps in rows:
        expected = dropout_mask(whole, 0.4, (steps, streams, width), LIKE, by_stream=True)
        found = dropout_mask(some, 0.4, (steps, own, width), LIKE, by_stream=True)
        assert np.array_equal(found, expected[:, first : first + own])


def test_what_belongs_to_no_stream_is_drawn_as_usual():
    whole, bits = np.random.default_rng(7), np.random.PCG64(7)
    some = OfStreams(bits, 1, 4)
    mine, other = (dropout_mask(rng, 0.4, (9, 1), LIKE) for rng in (some, whole))
    assert np.array_equal(mine, other)
    for mine, other in zip(children(some, 3), children(whole, 3), strict=True):
        assert mine.random() == other.random()
        assert (mine.first, mine.streams) == (1, 4)
    assert bits.state == whole.bit_generator.state
