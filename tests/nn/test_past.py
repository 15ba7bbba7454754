"""Past decode regularization against its definition and central differences."""

import numpy as np
import pytest

from rnnlm_cli.nn.outputs.past import PastDecoder
from rnnlm_cli.nn.outputs.plain import PlainSoftmax
from rnnlm_cli.nn.outputs.softmax import SoftmaxOutput
from rnnlm_cli.nn.param import Param

T, B, E, V = 3, 2, 4, 6


def softmax(logits):
    p = np.exp(logits)
    return p / p.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("kind", [PlainSoftmax, SoftmaxOutput])
def test_its_gradients_are_those_of_its_definition(check_gradients, monkeypatch, kind, tied):
    monkeypatch.setattr("rnnlm_cli.nn.outputs.past.CHUNK_ELEMENTS", 4 * V)  # two chunks
    rng, strength, mean_over = np.random.default_rng(0), 0.7, 9
    embedding = Param(rng.standard_normal((V, E)))
    output = kind(embedding if tied else Param(rng.standard_normal((V, E))))
    decoder = PastDecoder(embedding, output, strength, rng)
    params = {"E": embedding, "b": output.bias, **decoder.params}
    if not tied:
        params["W"] = output.weight
    output.bias.value[...] = rng.standard_normal(V)
    for param in decoder.params.values():
        param.value[...] = rng.standard_normal(param.value.shape)
    h, inputs = rng.standard_normal((T, B, E)), rng.integers(0, V, (T, B))
    targets = rng.integers(0, V, (T, B))
    targets[1, 1] = -1
    a, bias, c = (param.value for param in decoder.params.values())

    def loss():
        e = softmax(h @ output.weight.value.T + output.bias.value) @ embedding.value
        r = softmax(np.tanh(e @ a + bias) @ embedding.value.T + c)
        found = np.take_along_axis(r, inputs[..., np.newaxis], axis=-1)[..., 0]
        return -strength * np.log(found)[targets != -1].sum() / mean_over

    dh = decoder.gradients(h, inputs, targets, mean_over)
    pairs = {name: (param.grad.copy(), param.value) for name, param in params.items()}
    check_gradients(loss, pairs | {"h": (dh, h)})
    assert not dh[1, 1].any()
