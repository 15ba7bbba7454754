import numpy as np
import pytest

from rnnlm_cli.evaluate import sequences as module
from rnnlm_cli.evaluate.sequences import score_sequences


@pytest.mark.parametrize(("streams", "tokens"), [(64, 2048), (3, 2048), (4, 5), (1, 1)])
def test_a_batch_gives_what_each_gives_alone_in_order(saved, monkeypatch, streams, tokens):
    monkeypatch.setattr(module, "MOST_STREAMS", streams)
    monkeypatch.setattr(module, "BLOCK_TOKENS", tokens)
    rng = np.random.default_rng(0)
    many = [rng.integers(0, 8, length) for length in (3, 0, 7, 1, 1, 12, 3)]
    found = score_sequences(saved.model, many, start=2)
    for ids, log_probs in zip(many, found, strict=True):
        state, given, expected = saved.model.initial_state(1), 2, []
        for k in ids:
            distribution, state = saved.model.next_log_probs(np.array([[given]]), state)
            expected.append(distribution[0, k])
            given = k
        np.testing.assert_allclose(log_probs, expected, rtol=1e-10)


def test_nothing_to_score(saved):
    assert score_sequences(saved.model, [], start=0) == []


def test_a_long_sequence_is_not_padded_to():
    batches = list(module.by_length([5, 1000, 6, 5, 0, 7]))
    assert batches == [[4], [0, 3, 2, 5], [1]]
    assert [len(batch) for batch in module.by_length([3] * 130)] == [64, 64, 2]
