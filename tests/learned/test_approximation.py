"""N-grams of what a network writes."""

import numpy as np
import pytest
from msgspec import structs

from rnnlm_cli.errors import UsageError
from rnnlm_cli.learned.approximation import (
    STREAMS,
    approximate,
    estimate_ngrams,
    whole_lines,
    written,
)
from rnnlm_cli.ngrams.kneser_ney import estimate

END = 0


@pytest.fixture
def config_of(tmp_path):
    """Name texts for a model: that of the training, and one for validation."""

    def name(model, valid="b a\na c\n"):
        for split, text in (("train", "a b a\nb a c d\n"), ("valid", valid)):
            (tmp_path / f"{split}.txt").write_text(text, encoding="utf-8")
        named = {split: str(tmp_path / f"{split}.txt") for split in ("train", "valid")}
        return structs.replace(model.config, corpus=structs.replace(model.config.corpus, **named))

    return name


def test_each_stream_is_cut_after_its_last_end_of_a_line():
    streams = [[1, END, 2, 3], [4, 4, 4, 4], [5, 6, 7, END], [END, 1, 1, END]]
    found = whole_lines(np.array(streams).T, END)
    assert found.tolist() == [1, END, 5, 6, 7, END, END, 1, 1, END]


def test_a_text_without_a_whole_line_is_refused():
    with pytest.raises(UsageError, match="finished no line in 6 tokens; take more with generated"):
        whole_lines(np.ones((2, 3), int), END)


def test_a_stream_depends_on_its_own_seed_alone(make):
    model = make()
    one, next_one = written(model, 5 * STREAMS, seed=7), written(model, 5 * STREAMS, seed=8)
    assert one.shape == (5, STREAMS)
    np.testing.assert_array_equal(one[:, 1:], next_one[:, :-1])
    assert (one[:, 0] != one[:, 1]).any()
    assert written(model, 5 * STREAMS - 1, seed=7).shape == one.shape  # never fewer than asked for


def test_the_written_tokens_have_the_probabilities_of_the_network(make):
    model = make()
    first = written(model, STREAMS * 8, seed=1)[0]
    state = model.network.initial_state(1)
    log_probs, _ = model.next_log_probs(np.array([[END]]), state)
    share = np.bincount(first, minlength=log_probs.shape[1]) / STREAMS
    assert np.abs(share - np.exp(log_probs[0])).max() < 4 * 0.5 / np.sqrt(STREAMS)


def test_the_mixture_is_that_of_both_texts(make, config_of):
    model = make()
    config = config_of(model)
    plain, nothing = estimate_ngrams(config, 2, network=model)
    both, generated = approximate(config, 2, model, 640, seed=1)
    assert nothing is None
    text = whole_lines(written(model, 640, seed=1), END)
    other = estimate(text, END, plain.estimate.model.types - 1, 2)
    assert generated.tokens == len(text) <= 640
    assert generated.discounts == other.discounts
    assert generated.counted == other.counted
    assert both.estimate.discounts == plain.estimate.discounts
    assert 0 < generated.weight < 1
    histories, words = np.array([[1], [1], [2]]), np.array([2, 3, 1])  # ab, ac, ba: in a text
    one, of_text, mixed = (
        10 ** tables.log_probs_after(histories, words)
        for tables in (plain.estimate.model, other.model, both.estimate.model)
    )
    expected = (1 - generated.weight) * one + generated.weight * of_text
    np.testing.assert_allclose(mixed, expected)


@pytest.mark.parametrize(
    ("keys", "tokens", "seed", "message"),
    [
        ({}, STREAMS - 1, 1, "generated: 63 is not a whole number from 64 to"),
        ({}, 100, -1, "seed: -1 is not a whole number"),
        ({"direction": "bidirectional"}, 100, 1, "write text from left to right"),
    ],
)
def test_what_cannot_be_written_is_refused(make, config_of, keys, tokens, seed, message):
    model = make(**keys)
    with pytest.raises(UsageError, match=message):
        approximate(config_of(make()), 2, model, tokens, seed)


def test_a_text_to_fit_the_weight_on_and_a_network_are_needed(make):
    model = make()
    with pytest.raises(UsageError, match=r"corpus\.valid: there is no validation text"):
        approximate(model.config, 2, model, 100, seed=1)
    with pytest.raises(UsageError, match="name it with checkpoint"):
        estimate_ngrams(model.config, 2, generated=100)
