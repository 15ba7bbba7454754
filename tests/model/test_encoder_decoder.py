"""The encoder-decoder against PyTorch's values, and against itself line by line."""

from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.config.model import DropoutConfig, ModelConfig
from rnnlm_cli.model.encoder_decoder import EncoderDecoder, Form
from rnnlm_cli.model.initialization import initializers
from rnnlm_cli.nn.engines.choose import ENGINES, is_installed

GOLDENS = Path(__file__).parents[1] / "goldens"
V, D, H = 11, 4, 5
SIZES = {"embedding_size": D, "hidden_size": H}
ENGINES_HERE = [*filter(is_installed, ENGINES)]

TRANSLATORS = {
    "rnn": (ModelConfig(cell="rnn", **SIZES), Form()),
    "gru-peeky": (ModelConfig(cell="gru", layers=2, **SIZES), Form(True, True, False)),
    "lstm-attention": (ModelConfig(layers=2, **SIZES), Form(False, False, True)),
    "lstm-all": (ModelConfig(**SIZES), Form(True, True, True)),
}


def built(config, form, engine="plain", dtype=np.float64, seed=0):
    init = initializers(config, np.random.default_rng(seed), dtype)
    network = EncoderDecoder(config, V, init, engine, form)
    rng = np.random.default_rng(7)
    for param in network.params.values():
        param.value += (0.2 * rng.standard_normal(param.value.shape)).astype(dtype)
    return network


def batch():
    """Four lines, with sources of 3, 6, 1 and 6 tokens and targets of 2, 4, 1 and 5."""
    rng = np.random.default_rng(5)
    source, targets = rng.integers(0, V, (4, 6)), rng.integers(0, V, (5, 4))
    for k, (n, m) in enumerate([(3, 2), (6, 4), (1, 1), (6, 5)]):
        source[k, n:] = targets[m:, k] = -1
    ids = np.concatenate([np.zeros((1, 4), int), np.maximum(targets[:-1], 0)])
    return source, ids, targets


def beside(source, ids):
    """What a block holds."""
    return np.concatenate([source.T, ids])


def trained(network, source, ids, targets, rng=None):
    """Loss and h of a block, with the gradients left in the parameters."""
    network.zero_grad()
    with network.running():
        tape = network.begin(*ids.shape, rng)
        h, _ = tape.forward(beside(source, ids), ())
        loss = network.output.loss_and_gradients(h, targets)
        tape.backward(loss.dh, ())
        tape.finish()
    return loss.nats / loss.counted, h


@pytest.mark.parametrize("engine", ENGINES_HERE)
@pytest.mark.parametrize("name", TRANSLATORS)
def test_loss_probabilities_attention_and_gradients_are_pytorchs(name, engine):
    network = built(*TRANSLATORS[name], engine)
    with np.load(GOLDENS / f"translation-{name}.npz") as file:
        values = dict(file)
    assert network.params.keys() <= values.keys()
    for key, param in network.params.items():
        param.value[...] = values[key]
    source, ids, targets = (values[key] for key in ("source", "ids", "targets"))
    loss, h = trained(network, source, ids, targets)
    close = {"rtol": 1e-9, "atol": 1e-12}
    np.testing.assert_allclose(loss, values["loss"], **close)
    counts = targets >= 0
    log_probs = network.output.log_probs(h)
    np.testing.assert_allclose(log_probs[counts], values["log_probs"][counts], **close)
    for key, param in network.params.items():
        np.testing.assert_allclose(param.grad, values[f"d{key}"], err_msg=key, **close)
    if network.form.attention:
        found = network.attention(source, ids)
        if network.form.reverse_source:  # PyTorch's is in the order of reading
            read = network.encoder.places(source)
            found = np.take_along_axis(found, np.broadcast_to(read[:, None], found.shape), 2)
        np.testing.assert_allclose(found, values["attention"], **close)


def test_with_dropout_and_tied_weights_the_gradient_is_the_slope_in_any_direction():
    drop = DropoutConfig(0.3, 0.3, 0.3, 0.3, 0.3, variational=True)
    config = ModelConfig(layers=2, tie_weights=True, dropout=drop, **SIZES)
    network = built(config, Form(True, True, True))
    source, ids, targets = batch()
    trained(network, source, ids, targets, np.random.default_rng(1))

    def loss():
        h, _ = network.begin(*ids.shape, np.random.default_rng(1)).forward(beside(source, ids), ())
        found = network.output.target_log_probs(h, targets)
        return -found.sum() / (targets >= 0).sum()

    for name, param in network.params.items():
        direction = np.random.default_rng(2).standard_normal(param.value.shape)
        param.value += 1e-6 * direction
        above = loss()
        param.value -= 2e-6 * direction
        slope = (above - loss()) / 2e-6
        param.value += 1e-6 * direction
        assert abs(slope - (param.grad * direction).sum()) < 1e-8 + 1e-6 * abs(slope), name


@pytest.mark.parametrize("engine", ENGINES_HERE)
@pytest.mark.parametrize("form", [Form(), Form(True, True, True)], ids=["plain", "all"])
def test_a_line_does_not_depend_on_its_neighbours(form, engine):
    network = built(ModelConfig(cell="gru", layers=2, **SIZES), form, engine, np.float32)
    source, ids, targets = batch()

    def losses(lines):
        with network.running():
            h, _ = network.begin(len(ids), len(lines)).forward(
                beside(source[lines], ids[:, lines]), ()
            )
            return network.output.target_log_probs(h, targets[:, lines])

    together = losses([0, 1, 2, 3])
    for k in range(4):
        np.testing.assert_allclose(losses([k])[:, 0], together[:, k], rtol=1e-5, atol=1e-6)


def test_the_engines_compute_the_same_in_float32():
    config, form = ModelConfig(layers=2, **SIZES), Form(True, True, True)
    networks = [built(config, form, engine, np.float32) for engine in ENGINES_HERE]
    for network in networks:
        trained(network, *batch())
    for network in networks[1:]:
        for key, param in network.params.items():
            expected = networks[0].params[key].grad
            np.testing.assert_allclose(param.grad, expected, rtol=1e-4, atol=1e-6, err_msg=key)


def test_step_by_step_the_decoder_reads_as_in_one_block():
    network = built(ModelConfig(layers=2, **SIZES), Form(True, True, True))
    source, ids, _ = batch()
    whole, _ = network.begin(*ids.shape).forward(beside(source, ids), ())
    state, steps = network.start(source), []
    for t in range(len(ids)):
        h, state = network.read(ids[t : t + 1], state)
        steps.append(h)
    np.testing.assert_allclose(np.concatenate(steps), whole, rtol=1e-12, atol=1e-14)


def test_attention_does_not_look_at_padding_and_is_in_the_order_of_the_source():
    source, ids, _ = batch()
    found = built(ModelConfig(**SIZES), Form(True, False, True)).attention(source, ids)
    assert found.shape == (4, 5, 6)
    np.testing.assert_allclose(found.sum(axis=2), 1)
    assert not found[np.broadcast_to((source < 0)[:, np.newaxis], found.shape)].any()
    assert (found > 0).sum() == 5 * (3 + 6 + 1 + 6)


def test_an_empty_line_is_refused():
    network = built(ModelConfig(**SIZES), Form())
    with pytest.raises(ValueError, match="no empty line"):
        network.start(np.array([[1, 2], [-1, -1]]))


def test_forget_bias_and_freezing_reach_the_encoder():
    config = ModelConfig(forget_bias=1.5, **SIZES)
    network = EncoderDecoder(config, V, initializers(config, np.random.default_rng(0)), "plain")
    network.set_forget_bias(config)
    for name in ("encoder.layer0.bias", "layer0.bias"):
        assert network.params[name].value.tolist() == [0.0] * H + [1.5] * H + [0.0] * 2 * H
    network.freeze({"embedding"})
    frozen = {name for name, param in network.params.items() if param.frozen}
    assert frozen == {"encoder.embedding.weight", "embedding.weight"}
