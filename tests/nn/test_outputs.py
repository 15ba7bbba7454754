"""The plain softmax against its definition; all output layers against it and differences."""

import numpy as np
import pytest

from rnnlm_cli.errors import UsageError
from rnnlm_cli.nn.init import scaled_normal
from rnnlm_cli.nn.outputs.adaptive import AdaptiveSoftmaxOutput
from rnnlm_cli.nn.outputs.direct import DirectConnections
from rnnlm_cli.nn.outputs.plain import PlainSoftmax
from rnnlm_cli.nn.outputs.sampled import SampledSoftmaxOutput
from rnnlm_cli.nn.outputs.softmax import SoftmaxOutput
from rnnlm_cli.nn.param import Param

T, B, H, V = 5, 3, 4, 7


def init():
    return scaled_normal(np.random.default_rng(0), np.float64)


def adaptive(cutoffs, softmax=SoftmaxOutput, direct=None):
    return AdaptiveSoftmaxOutput(H, V, cutoffs, 2, init(), softmax, direct)


def direct(softmax, size):
    """A softmax with trigrams, whose runs cover a small part of the table, or all of it."""
    connections = DirectConnections(3, size, V, np.float64)
    return softmax(Param(init()((V, H), H)), direct=connections)


OUTPUTS = {
    "plain": lambda: PlainSoftmax.untied(H, V, init()),
    "softmax": lambda: SoftmaxOutput.untied(H, V, init()),
    "adaptive, one cluster": lambda: adaptive([3]),
    "adaptive, two clusters": lambda: adaptive([2, 5, 100]),
    "adaptive, two plain clusters": lambda: adaptive([2, 5], PlainSoftmax),
    "adaptive, all frequent": lambda: adaptive([100]),
    "direct, plain": lambda: direct(PlainSoftmax, 9000),
    "direct, softmax": lambda: direct(SoftmaxOutput, 9000),
    "direct, collisions, plain": lambda: direct(PlainSoftmax, 5),
    "direct, collisions, softmax": lambda: direct(SoftmaxOutput, 5),
    "direct, adaptive": lambda: adaptive([2, 5], direct=DirectConnections(3, 9000, V, np.float64)),
    "direct, adaptive, plain": lambda: adaptive(
        [2, 5], PlainSoftmax, DirectConnections(3, 9000, V, np.float64)
    ),
    "direct, adaptive, collisions": lambda: adaptive(
        [3], PlainSoftmax, DirectConnections(3, 5, V, np.float64)
    ),
    "sampled": lambda: SampledSoftmaxOutput(Param(init()((V, H), H)), 3),
    "sampled, every token": lambda: SampledSoftmaxOutput(Param(init()((V, H), H)), 10_000),
}

PAIRS = {
    "softmax": "plain",
    "adaptive, all frequent": "plain",
    "sampled, every token": "plain",
    "adaptive, two clusters": "adaptive, two plain clusters",
    "direct, softmax": "direct, plain",
    "direct, adaptive": "direct, adaptive, plain",
    "direct, collisions, softmax": "direct, collisions, plain",
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
    h = rng.standard_normal((T, B, H))
    if name.startswith("direct"):
        h = np.concatenate([h, rng.integers(0, 3, (T, B, 2))], axis=-1)
    return layer, h, targets


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
    pairs = {"h": (dh, h)}
    for key, param in layer.params.items():
        for part in touched(param.grad):
            pairs[f"{key} {part}"] = (param.grad[part].copy(), param.value[part])
    check_gradients(loss, pairs)


def touched(grad):
    """All of a small gradient; of a large one the ends of the parts that are not zero."""
    if len(grad) < 1000:
        return [slice(None)]
    edges = np.flatnonzero(np.diff(grad != 0)) + 1
    return [slice(max(k - 2, 0), k + 2) for k in edges]


@pytest.mark.parametrize("mean_over", [None, 50])
@pytest.mark.parametrize("name", PAIRS)
def test_it_equals_the_plain_output_layer(name, mean_over):
    expected = results(*prepared(PAIRS[name]), mean_over)
    found = results(*prepared(name), mean_over)
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, rtol=1e-9, atol=1e-12, err_msg=key)


@pytest.mark.parametrize("trigrams", [False, True])
@pytest.mark.parametrize("softmax", [PlainSoftmax, SoftmaxOutput])
def test_smoothed_labels_change_the_gradients_and_not_the_loss(check_gradients, softmax, trigrams):
    """The gradients are those of the cross-entropy with ``(1 - s) onehot + s/V``."""
    rng, s, mean_over = np.random.default_rng(3), 0.3, 20
    _, h, targets = prepared("direct, plain" if trigrams else "plain")
    connections = DirectConnections(3, 40, V, np.float64) if trigrams else None
    layer = softmax(Param(rng.standard_normal((V, H))), s, connections)
    layer.bias.value[...] = rng.standard_normal(V)
    counted = targets != -1

    def loss():
        each = layer.log_probs(h)[counted].mean(axis=-1)
        return -((1 - s) * layer.target_log_probs(h, targets).sum() + s * each.sum()) / mean_over

    found = layer.loss_and_gradients(h, targets, rng, mean_over)
    pairs = {key: (param.grad.copy(), param.value) for key, param in layer.params.items()}
    check_gradients(loss, pairs | {"h": (found.dh, h)})
    assert found.nats == pytest.approx(-layer.target_log_probs(h, targets).sum())
    for param in layer.params.values():
        param.zero_grad()
    unsmoothed = layer.loss_and_gradients(h, targets, None, mean_over)  # not in training
    assert unsmoothed.nats == found.nats
    assert not np.allclose(unsmoothed.dh, found.dh)


@pytest.mark.parametrize("name", OUTPUTS)
def test_biases_begin_at_the_probabilities_of_tokens(name):
    layer, shares = OUTPUTS[name](), np.random.default_rng(0).dirichlet(np.ones(V))
    layer.begin_at(shares)
    h = np.zeros((2, H + 2 * name.startswith("direct")))
    np.testing.assert_allclose(np.exp(layer.log_probs(h)), [shares, shares])


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


@pytest.mark.parametrize("name", ["softmax", "direct, softmax", "direct, collisions, softmax"])
@pytest.mark.parametrize(("chunk_rows", "cores"), [(4, 1), (100, 3), (2, 3), (1, 100)])
def test_chunks_and_threads_change_nothing(monkeypatch, name, chunk_rows, cores):
    whole = results(*prepared(name))
    layer, h, targets = prepared(name)
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


SPLIT = {
    "plain": 2,
    "softmax": 0,
    "sampled": 6,
    "adaptive, one cluster": 4,
    "adaptive, two plain clusters": 6,
    "adaptive, two clusters": 5,
}
"""By output layer the token whose probability is split."""


@pytest.mark.parametrize("name", SPLIT)
def test_split_the_new_tokens_share_the_probability_of_one_token_alone(name):
    layer, h, targets = prepared(name)
    token, shares = SPLIT[name], np.array([0.5, 0.3, 0.15, 0.05])
    before = layer.log_probs(h)
    layer.split(token, shares)
    after = layer.log_probs(h)
    assert after.shape == (T, B, V + 3)
    others = np.delete(np.arange(V), token)
    np.testing.assert_allclose(after[..., others], before[..., others], rtol=1e-13, atol=1e-13)
    parts = after[..., [token, V, V + 1, V + 2]] - before[..., [token]]
    np.testing.assert_allclose(np.exp(parts), np.broadcast_to(shares, parts.shape), rtol=1e-12)
    targets[0, 0] = V + 1  # what trains it knows the new tokens too
    scores = layer.target_log_probs(h, targets)
    assert scores[0, 0] == pytest.approx(after[0, 0, V + 1], rel=1e-12)
    assert np.isfinite(layer.loss_and_gradients(h, targets, np.random.default_rng(3)).nats)


@pytest.mark.parametrize(
    ("name", "token", "new", "said"),
    [
        ("adaptive, one cluster", 0, 1, r"from id 3, but the unknown token has id 0"),
        ("adaptive, two clusters", 3, 2, r"from id 5, but the unknown token has id 3"),
        ("adaptive, two clusters", 6, 94, r"from 7 to 101 tokens, beyond 100 of .*cutoffs"),
        ("adaptive, all frequent", 6, 94, r"from 7 to 101 tokens, beyond 100 of .*cutoffs"),
    ],
)
def test_an_adaptive_layer_that_cannot_split_a_token_says_why(name, token, new, said):
    layer, h, _ = prepared(name)
    before = layer.log_probs(h)
    with pytest.raises(UsageError, match=said):
        layer.split(token, np.full(new + 1, 1 / (new + 1)))
    np.testing.assert_array_equal(layer.log_probs(h), before)


@pytest.mark.parametrize("name", ["plain", "softmax"])
def test_a_frozen_weight_gets_no_gradient_and_changes_no_other(name):
    expected, (layer, h, targets) = results(*prepared(name)), prepared(name)
    layer.weight.frozen = True
    found = results(layer, h, targets)
    assert layer.weight.gradient is None
    assert not found.pop("gradient 0").any()
    for key, value in found.items():
        np.testing.assert_array_equal(value, expected[key], err_msg=key)
