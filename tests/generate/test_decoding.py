"""Greedy and beam decoding of a network with random weights."""

from itertools import product

import numpy as np
import pytest

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.generate.decoding import attention_of, best_targets, greedy, padded
from rnnlm_cli.model.encoder_decoder import EncoderDecoder, Form
from rnnlm_cli.model.initialization import initializers

V, END, LENGTH = 4, 0, 4
SOURCES = [np.array(line) for line in ([1, 2, 3], [3], [2, 2, 1, 1, 3], [1])]


@pytest.fixture(scope="module")
def network():
    config = ModelConfig(embedding_size=5, hidden_size=6)
    init = initializers(config, np.random.default_rng(1), np.float64)
    made = EncoderDecoder(config, V, init, "plain", Form(True, True, True))
    rng = np.random.default_rng(2)
    for param in made.params.values():
        param.value += rng.standard_normal(param.value.shape)
    made.params["output.bias"].value[END] -= 1.5  # else the end is always the first token
    return made


def log_prob(network, source, target):
    """The sum of logs of a target, all of it read in one block."""
    ids = np.array([END, *target[:-1]])[:, np.newaxis]
    h, _ = network.read(ids, network.start(padded([source])))
    return float(network.output.target_log_probs(h, np.array(target)[:, np.newaxis]).sum())


def complete():
    """All targets of at most four tokens that end, and those of four that do not."""
    for n in range(LENGTH):
        yield from ((*words, END) for words in product(range(1, V), repeat=n))
    yield from product(range(1, V), repeat=LENGTH)


def test_greedy_takes_the_best_token_at_each_step_whatever_its_neighbours(network):
    together = greedy(network, SOURCES, END, [LENGTH] * len(SOURCES))
    for source, found in zip(SOURCES, together, strict=True):
        alone = greedy(network, [source], END, [LENGTH])[0]
        assert alone.ids == found.ids
        assert sum(found.log_probs) == pytest.approx(log_prob(network, source, found.ids))
        for t in range(len(found.ids)):
            before = found.ids[:t]
            each = [log_prob(network, source, [*before, token]) for token in range(V)]
            assert int(np.argmax(each)) == found.ids[t]
        assert END not in found.ids[:-1]
    assert len({tuple(found.ids) for found in together}) > 1


def test_a_beam_of_one_is_greedy(network):
    for source, found in zip(
        SOURCES, greedy(network, SOURCES, END, [LENGTH] * len(SOURCES)), strict=True
    ):
        beam = best_targets(network, source, END, LENGTH, 1)[0]
        assert beam.ids == found.ids
        np.testing.assert_allclose(beam.log_probs, found.log_probs)


def test_a_wide_beam_finds_the_most_likely_target_of_all(network):
    for source in SOURCES[:2]:
        ended = [t for t in complete() if t[-1] == END]
        best = max(ended, key=lambda target: log_prob(network, source, target))
        found = best_targets(network, source, END, LENGTH, 200, penalty=0.0)
        assert tuple(found[0].ids) == best
        assert len(found) == len([*complete()])


def test_attention_is_that_of_each_written_token(network):
    (found,) = greedy(network, [SOURCES[2]], END, [LENGTH])
    weights = attention_of(network, SOURCES[2], found.ids, END)
    assert weights.shape == (len(found.ids), 5)
    np.testing.assert_allclose(weights.sum(axis=1), 1)


def test_each_line_has_its_own_limit(network):
    found = greedy(network, [SOURCES[2], SOURCES[2]], END, [2, 4])
    assert found[0].ids == found[1].ids[:2]
    assert len(found[1].ids) > 2
