"""The plain softmax against its definition; all output layers against it and differences."""

import numpy as np
import pytest

from rnnlm_cli.nn.init import scaled_normal
from rnnlm_cli.nn.outputs.adaptive import AdaptiveSoftmaxOutput
from rnnlm_cli.nn.outputs.plain import PlainSoftmax
from rnnlm_cli.nn.outputs.sampled import SampledSoftmaxOutput
from rnnlm_cli.nn.outputs.softmax import SoftmaxOutput
from rnnlm_cli.nn.param import Param

T, B, H, V = 5, 3, 4, 7


def init():
    return scaled_normal(np.random.default_rng(0), np.float64)


def adaptive(cutoffs, softmax=SoftmaxOutput):
    return AdaptiveSoftmaxOutput(H, V, cutoffs, 2, init(), softmax)


OUTPUTS = {
    "plain": lambda: PlainSoftmax.untied(H, V, init()),
    "softmax": lambda: SoftmaxOutput.untied(H, V, init()),
    "adaptive, one cluster": lambda: adaptive([3]),
    "adaptive, two clusters": lambda: adaptive([2, 5, 100]),
    "adaptive, two plain clusters": lambda: adaptive([2, 5], PlainSoftmax),
    "adaptive, all frequent": lambda: adaptive([100]),
    "sampled": lambda: SampledSoftmaxOutput(Param(init()((V, H), H)), 3),
    "sampled, every token": lambda: SampledSoftmaxOutput(Param(init()((V, H), H)), 10_000),
}

PAIRS = {
    "softmax": "plain",
    "adaptive, all frequent": "plain",
    "sampled, every token": "plain",
    "adaptive, two clusters": "adaptive, two plain clusters",
}
"""Output layers that must equal a plainer one."""


def prepared(name):
    """An output layer with no parameter at zero, hidden states and targets for it."""
    rng = np.random.default_rng(1)
    layer = OUTPUTS[name]()
    for param in layer.params.values():
        param.value[...] = rng.standard_normal(param.value.shape)
    targets = rng.integers(0, V, (T, B))
    targets[1, 2] = targets[4, 0] = -1
    return layer, rng.standard_normal((T, B, H)), targets


def results(layer, h, targets, mean_over=None):
    """All outputs of a layer, and the gradients."""
    found = layer.loss_and_gradients(h, targets, np.random.default_rng(3), mean_over)
    values = {"nats": found.nats, "counted": found.counted, "dh": found.dh}
    values |= {"scores": layer.target_log_probs(h, targets), "log_probs": layer.log_probs(h)}
    return values | {f"gradient {k}": param.grad for k, param in enumerate(layer.params.values())}


def test_plain_is_the_softmax_and_its_cross_entropy():
    layer, h, targets = prepared("plain")
    logits = h @ layer.weight.value.T + layer.bias.value
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    counted = [(t, b) for t, b in np.ndindex(T, B) if targets[t, b] != -1]
    loss = layer.loss_and_gradients(h, targets)
    assert loss.counted == T * B - 2 == len(counted)
    assert loss.nats == pytest.approx(sum(-np.log(p[t, b, targets[t, b]]) for t, b in counted))
    assert not loss.dh[1, 2].any()
    assert not loss.dh[4, 0].any()
    np.testing.assert_allclose(np.exp(layer.log_probs(h)), p, rtol=1e-12)


@pytest.mark.parametrize("name", OUTPUTS)
def test_gradients_are_those_of_central_differences(check_gradients, name):
    layer, h, targets = prepared(name)

    def loss():
        nats, counted, _ = layer.loss_and_gradients(h, targets, np.random.default_rng(3))
        return nats / counted

    dh = layer.loss_and_gradients(h, targets, np.random.default_rng(3)).dh
    pairs = {key: (param.grad.copy(), param.value) for key, param in layer.params.items()}
    check_gradients(loss, pairs | {"h": (dh, h)})


@pytest.mark.parametrize("mean_over", [None, 50])
@pytest.mark.parametrize("name", PAIRS)
def test_it_equals_the_plain_output_layer(name, mean_over):
    expected = results(*prepared(PAIRS[name]), mean_over)
    found = results(*prepared(name), mean_over)
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, rtol=1e-9, atol=1e-12, err_msg=key)


@pytest.mark.parametrize("name", OUTPUTS)
def test_scores_are_those_of_a_distribution(name):
    layer, h, targets = prepared(name)
    log_probs = layer.log_probs(h)
    np.testing.assert_allclose(np.exp(log_probs).sum(axis=-1), 1, rtol=1e-12)
    scores = layer.target_log_probs(h, targets)
    exact = layer.loss_and_gradients(h, targets)
    assert exact.counted == T * B - 2
    assert -scores.sum() == pytest.approx(exact.nats, rel=1e-12)
    for t, b in np.ndindex(T, B):
        wanted = targets[t, b]
        expected = 0 if wanted == -1 else log_probs[t, b, wanted]
        assert scores[t, b] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", OUTPUTS)
def test_all_targets_ignored(name):
    layer, h, _ = prepared(name)
    loss = layer.loss_and_gradients(h, np.full((T, B), -1), np.random.default_rng(3))
    assert (loss.nats, loss.counted) == (0.0, 0)
    assert not loss.dh.any()


@pytest.mark.parametrize("name", ["plain", "softmax"])
def test_huge_logits_stay_finite(name):
    layer, h, targets = prepared(name)
    layer.bias.value[...] = [1e4, -1e4, 0, 0, 0, 0, 0]
    loss = layer.loss_and_gradients(h, targets)
    assert np.isfinite(loss.nats)
    assert np.isfinite(loss.dh).all()


@pytest.mark.parametrize(("chunk_rows", "cores"), [(4, 1), (100, 3), (2, 3), (1, 100)])
def test_chunks_and_threads_change_nothing(monkeypatch, chunk_rows, cores):
    whole = results(*prepared("softmax"))
    layer, h, targets = prepared("softmax")
    monkeypatch.setattr("rnnlm_cli.nn.outputs.softmax.CHUNK_ELEMENTS", chunk_rows * V)
    monkeypatch.setattr("rnnlm_cli.nn.outputs.softmax.THREAD_ELEMENTS", 1)
    monkeypatch.setattr("rnnlm_cli.nn.outputs.softmax.core_count", lambda: cores)
    assert len(layer._parts(T * B)) == min(cores, T * B)
    for key, value in results(layer, h, targets).items():
        np.testing.assert_allclose(value, whole[key], rtol=1e-12, atol=1e-15, err_msg=key)


def test_tokens_are_sampled_with_the_documented_probabilities():
    layer = SampledSoftmaxOutput(Param(np.zeros((50, 2))), 20)
    rng, times, draws = np.random.default_rng(0), np.zeros(50), 20_000
    for _ in range(draws):
        times[layer.draw(rng)] += 1
    expected = np.exp(layer.log_expected(np.arange(50)))
    error = np.sqrt(expected * (1 - expected) / draws)
    assert (np.abs(times / draws - expected) < 5 * error + 1e-9).all()
