import numpy as np
import pytest

from rnnlm_cli.evaluate import sequences as module
from rnnlm_cli.evaluate import stream
from rnnlm_cli.evaluate.sequences import score_sequences


@pytest.mark.parametrize(("long", "tokens"), [(500, 512), (5, 3), (0, 1)])
def test_many_sequences_score_as_each_alone_in_order(saved, monkeypatch, long, tokens):
    monkeypatch.setattr(module, "LONG", long)
    monkeypatch.setattr(stream, "BLOCK_TOKENS", tokens)
    rng = np.random.default_rng(0)
    many = [rng.integers(0, 8, length) for length in (3, 0, 7, 1, 1, 12, 3)]
    many += [many[2][:4], np.append(many[2][:4], 1), many[0], many[5][:1]]  # common beginnings
    found = score_sequences(saved.network, many, start=2)
    for ids, log_probs in zip(many, found, strict=True):
        state, given, expected = saved.network.initial_state(1), 2, []
        for k in ids:
            distribution, state = saved.network.next_log_probs(np.array([[given]]), state)
            expected.append(distribution[0, k])
            given = k
        np.testing.assert_allclose(log_probs, expected, rtol=1e-10)


def test_nothing_to_score(saved):
    assert score_sequences(saved.network, [], start=0) == []


def test_a_shared_prefix_is_read_once(saved, monkeypatch):
    shapes, read = [], saved.network.read

    def counted(ids, state):
        shapes.append(ids.shape)
        return read(ids, state)

    monkeypatch.setattr(saved.network, "read", counted)
    many = [np.array(ids) for ids in ([1, 2, 3, 4], [1, 2, 3, 5], [1, 2], [1, 2, 6, 4])]
    score_sequences(saved.network, many, start=0)
    assert shapes == [(1, 1), (1, 1), (1, 1), (1, 2)]
