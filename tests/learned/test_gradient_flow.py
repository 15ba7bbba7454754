"""The gradient that gets back, against differences of what the network computes."""

import numpy as np
import pytest

from rnnlm_cli.config.model import DirectConfig
from rnnlm_cli.errors import UsageError
from rnnlm_cli.learned.gradient_flow import LayerFlow, gradient_flow


@pytest.mark.parametrize("keys", [{"cell": "lstm"}, {"cell": "gru", "tie_weights": True}])
def test_norms_are_those_of_central_differences(make, excerpt_of, keys):
    model = make(layers=2, **keys)
    network, steps = model.network, 3
    excerpt = excerpt_of(model, "a b c")  # with its end as many tokens as one window has
    before = {name: p.value.copy() for name, p in network.params.items()}
    found = gradient_flow(model, excerpt, steps, seed=7)
    assert found.windows == 1
    width = 3 if keys.get("tie_weights") else 4
    direction = np.random.default_rng(7).standard_normal((1, width))
    direction /= np.linalg.norm(direction)
    ids = excerpt.ids.astype(np.int64)[:, np.newaxis]
    for back in range(1, steps + 1):
        _, state = network.read(ids[: steps + 1 - back], network.initial_state(1))
        parts = [array for layer in state for array in layer]
        assert len(parts) == len(found.layers) == (4 if keys["cell"] == "lstm" else 2)
        for part, layer in zip(parts, found.layers, strict=True):
            gradient = np.zeros(4)
            for k in range(4):
                ends = []
                for change in (1e-5, -1e-5):
                    part[0, k] += change
                    h, _ = network.read(ids[steps + 1 - back :], state)
                    ends.append(float((h[-1] * direction).sum()))
                    part[0, k] -= change
                gradient[k] = (ends[0] - ends[1]) / 2e-5
            norm = np.linalg.norm(gradient)
            assert layer.norms[back - 1] == pytest.approx(norm, rel=1e-5), (layer, back)
    for name, param in network.params.items():
        np.testing.assert_array_equal(param.value, before[name])


def test_direct_connections_have_no_part_in_it(make, excerpt_of):
    plain, direct = make(), make(direct=DirectConfig(order=3))
    found = [gradient_flow(model, excerpt_of(model, "a b c d"), 3) for model in (plain, direct)]
    for own, same in zip(found[1].layers, found[0].layers, strict=True):
        assert own.norms == pytest.approx(same.norms, rel=1e-9)


def test_the_factor_per_step():
    assert LayerFlow("layer0", "h", [8.0, 4.0, 2.0, 1.0]).factor == pytest.approx(0.5)
    assert LayerFlow("layer0", "h", [1.0, 0.0]).factor is None


def test_who_has_no_flow(make, excerpt_of):
    model, both = make(), make(lines="independent", direction="bidirectional")
    excerpt = excerpt_of(model, "a b c d d")
    with pytest.raises(UsageError, match="6 tokens are too few for a gradient over 9 steps"):
        gradient_flow(model, excerpt, 9)
    with pytest.raises(UsageError, match="bidirectional"):
        gradient_flow(both, excerpt, 2)
    with pytest.raises(UsageError, match="nothing before the line matters"):
        gradient_flow(make(lines="independent"), excerpt, 2)
