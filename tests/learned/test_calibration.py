"""Calibration of models whose probabilities are known."""

import numpy as np
import pytest

from rnnlm_cli.evaluate.perplexity import evaluate
from rnnlm_cli.learned.calibration import Bin, measure_calibration

SHARES = np.array([0.02, 0.5, 0.3, 0.15, 0.03])
"""How often the end of a line, a, b, c and d come."""


def with_logits(model, logits):
    """Let a model predict the same after any text."""
    params = model.network.params
    params["output.weight"].value[...] = 0
    params["output.bias"].value[...] = logits
    return model


@pytest.fixture
def text(make, corpus_of):
    drawn = np.random.default_rng(0).choice(["\n", "a", "b", "c", "d"], 3000, p=SHARES)
    return corpus_of(make(), " ".join(drawn))


def test_a_uniform_model(make, text):
    found = measure_calibration(with_logits(make(), 0.0), text, 1000)
    ends = int((np.asarray(text.ids)[1:1001] == 0).sum())
    assert found.tokens == 1000
    (only,) = found.likeliest
    assert only == Bin(1000, pytest.approx(1 / 6), ends / 1000, only.error)
    assert only.error == pytest.approx((ends / 1000 * (1 - ends / 1000) / 1000) ** 0.5)
    assert found.expected_error == pytest.approx(1 / 6 - ends / 1000)
    (every,) = found.every
    assert (every.predictions, every.predicted) == (6000, pytest.approx(1 / 6))
    assert every.observed == pytest.approx(1 / 6)  # one of six comes, whatever it is
    assert found.nats == found.entropy == pytest.approx(np.log(6))


def test_a_model_that_is_too_sure_is_told_its_temperature(make, text):
    truth = np.log([*SHARES, 1e-4])
    right = measure_calibration(with_logits(make(), truth), text, 10_000)
    sure = measure_calibration(with_logits(make(), 1.4 * truth), text, 10_000)
    unsure = measure_calibration(with_logits(make(), truth / 1.4), text, 10_000)
    assert right.temperature == pytest.approx(1, abs=0.11)
    assert sure.temperature == pytest.approx(1.4, abs=0.16)
    assert unsure.temperature == pytest.approx(1 / 1.4, abs=0.11)
    assert sure.nats_scaled < sure.nats_tried
    assert right.expected_error < 0.02 < 0.08 < sure.expected_error
    assert right.entropy == pytest.approx(right.nats, abs=0.05)
    assert sure.entropy < sure.nats - 0.2
    assert unsure.entropy > unsure.nats + 0.1
    whole = evaluate(with_logits(make(), truth), text)
    assert right.nats == pytest.approx(whole.nats_per_token)


def test_lines_by_themselves_and_from_both_sides(make, corpus_of):
    both = make(lines="independent", direction="bidirectional")
    for model in (make(lines="independent"), both):
        text = corpus_of(model, "a b c\nd a\n" * 20)
        found = measure_calibration(model, text, 10_000)
        whole = evaluate(model, text)
        assert found.tokens == whole.tokens
        assert found.nats == pytest.approx(whole.nats_per_token)
        assert sum(one.predictions for one in found.every) == 6 * found.tokens
