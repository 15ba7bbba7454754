"""Root mean squares of gradients, in a file beside their model."""

import numpy as np
import pytest

from rnnlm_cli.checkpoint import container, plain_pickle
from rnnlm_cli.checkpoint.gradient_file import load_rms, save_rms
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.errors import CheckpointError, UsageError
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.gradient_rms import GradientRms, weights_digest


@pytest.fixture
def network():
    config = ModelConfig(embedding_size=2, hidden_size=3)
    return Rnnlm.random(config, 5, np.random.default_rng(0))


@pytest.fixture
def rms(network):
    values = {name: np.abs(param.value) for name, param in network.params.items()}
    return GradientRms(values, 5, 7, weights_digest(network))


def test_they_are_read_as_they_were_written(tmp_path, network, rms):
    path = str(tmp_path / "a.pkl")
    save_rms(path, rms)
    found = load_rms(path, network, 5)
    assert (found.segment, found.blocks, found.weights) == (5, 7, rms.weights)
    for name, values in rms.values.items():
        np.testing.assert_array_equal(found.values[name], values)
    with pytest.raises(UsageError, match="already exists"):
        save_rms(path, rms)


def test_what_does_not_fit_is_refused(tmp_path, network, rms):
    path = str(tmp_path / "a.pkl")
    save_rms(path, rms)
    with pytest.raises(UsageError, match=r"of segments of 5 tokens, not of 20; use segment 5"):
        load_rms(path, network, 20)
    network.output.bias.value[0] += 1
    with pytest.raises(UsageError, match="gradients of other weights"):
        load_rms(path, network, 5)


@pytest.mark.parametrize("spoil", ["missing", "shape", "nan", "negative", "no dict", "no key"])
def test_a_file_with_other_contents_is_refused(tmp_path, network, rms, spoil):
    path, params = str(tmp_path / "a.pkl"), dict(rms.values)
    about = {"segment": 5, "blocks": 7, "weights": rms.weights}
    values = {"gradient_rms": about, "params": params}
    if spoil == "missing":
        del params["output.bias"]
    elif spoil == "shape":
        params["output.bias"] = np.ones(2, np.float32)
    elif spoil in ("nan", "negative"):
        params["output.bias"] = np.full(5, np.nan if spoil == "nan" else -1, np.float32)
    elif spoil == "no dict":
        values["params"] = 3
    else:
        del values["gradient_rms"]
    container.write(path, lambda file: plain_pickle.dump(values, file))
    with pytest.raises(CheckpointError, match=r"a\.pkl: not a file of gradients"):
        load_rms(path, network, 5)
