"""Models as ONNX graphs: ONNX Runtime computes what rnnlm computes."""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run
from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.schema import Config
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.exchange.formats import FORMATS
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.vocabulary import Vocabulary

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

ROOT = Path(__file__).parents[2]
WORDS = "you say goodbye and i say hello . <eos> <unk>"

MODELS = {
    "rnn": {"cell": "rnn", "layers": 2},
    "lstm": {"cell": "lstm", "layers": 2},
    "gru": {"cell": "gru", "layers": 2},
    "tied": {"cell": "lstm", "hidden_size": 5, "tie_weights": True},
    "tied through a projection": {"cell": "gru", "tie_weights": True},
    "residual": {"cell": "lstm", "layers": 3, "residual": True},
    "residual from the first layer": {"cell": "rnn", "hidden_size": 5, "residual": True},
}


def random_model(dtype=np.float32, **model):
    tokens = list(dict.fromkeys(WORDS.split()))
    config = Config(
        corpus=CorpusConfig(train="a.txt"),
        model=ModelConfig(**({"embedding_size": 5, "hidden_size": 7} | model)),
        checkpoint=CheckpointConfig(path="a.pkl"),
    )
    vocabulary = Vocabulary(tokens, np.ones(len(tokens), np.int64), "<unk>")
    rng = np.random.default_rng(1)
    network = Rnnlm.random(config.model, len(tokens), rng, dtype)
    for param in network.params.values():  # biases too
        param.value += rng.standard_normal(param.value.shape).astype(dtype) / 3
    return TrainedModel(config, codec_of(config), vocabulary, network)


def session_of(saved, dtype=None):
    content = FORMATS["onnx"](saved, "", dtype).content
    onnx.checker.check_model(onnx.load_from_string(content), full_check=True)
    return onnxruntime.InferenceSession(content)


def apart(saved, session, steps=6, streams=3):
    """Read ids in two parts; return the largest difference of a log-probability, and the states."""
    names = [one.name for one in session.get_inputs()]
    states = [np.zeros((1, streams, one.shape[-1]), "f4") for one in session.get_inputs()[1:]]
    rng = np.random.default_rng(2)
    ids = rng.integers(len(saved.vocabulary), size=(steps, streams))
    state, worst = saved.network.initial_state(streams), 0.0
    for part in (ids[:2], ids[2:]):
        found, *states = session.run(None, dict(zip(names, [part, *states], strict=True)))
        h, state = saved.network.read(part, state)
        ours = saved.network.output.log_probs(h.reshape(-1, h.shape[-1]))
        assert found.shape == (*part.shape, len(saved.vocabulary))
        worst = max(worst, float(np.abs(found.reshape(ours.shape) - ours).max()))
    return worst, states


@pytest.mark.parametrize("name", MODELS)
def test_onnx_runtime_computes_the_same_log_probabilities(name):
    saved = random_model(**MODELS[name])
    session = session_of(saved)
    worst, states = apart(saved, session)
    assert worst < 1e-5
    layers, cell = saved.config.model.layers, saved.config.model.cell
    assert len(states) == layers * (2 if cell == "lstm" else 1)


def test_a_graph_has_one_node_per_layer_and_names_its_operators(tmp_path):
    model = onnx.load_from_string(FORMATS["onnx"](random_model(layers=3), "", None).content)
    assert [node.op_type for node in model.graph.node].count("LSTM") == 3
    assert [one.version for one in model.opset_import] == [17]
    told = {one.key: one.value for one in model.metadata_props}
    assert told["opset"] == "17"
    assert json.loads(told["vocabulary"])[:2] == ["you", "say"]
    assert [one.name for one in model.graph.output][:3] == ["log_probs", "next_h0", "next_c0"]


def test_tied_weights_are_stored_once():
    tied = FORMATS["onnx"](random_model(hidden_size=5, tie_weights=True), "", None).content
    model = onnx.load_from_string(tied)
    shapes = [tuple(one.dims) for one in model.graph.initializer]
    assert shapes.count((9, 5)) == 1


def test_weights_in_half_precision_are_read_as_float32():
    saved = random_model(layers=2)
    model = onnx.load_from_string(FORMATS["onnx"](saved, "", "float16").content)
    kinds = {one.data_type for one in model.graph.initializer if not one.name.startswith("axis")}
    assert kinds == {onnx.TensorProto.FLOAT16}
    assert apart(saved, session_of(saved, "float16"))[0] < 1e-2
    for param in saved.network.params.values():
        param.value[...] = param.value.astype("f2")
    assert apart(saved, session_of(saved, "float16"))[0] < 1e-5


def test_a_model_in_double_precision_is_exported_in_single():
    saved = random_model(np.float64, cell="gru")
    assert apart(saved, session_of(saved))[0] < 1e-5


def test_the_example_generates_text_without_rnnlm(hello, capsys, monkeypatch):
    assert run(["export", "checkpoints/hello.pkl", "--format", "onnx"]) == 0
    capsys.readouterr()
    argv = ["generate_with_onnx.py", "checkpoints/hello.onnx", "you say", "7"]
    monkeypatch.setattr(sys, "argv", argv)
    example = ROOT / "examples" / argv[0]
    runpy.run_path(str(example))
    assert capsys.readouterr().out == "you say goodbye and i say hello . <eos>\n"
    source = example.read_text(encoding="utf-8")
    assert "rnnlm_cli" not in source
    assert len(source[source.index("\nimport") :].split("\n")) <= 32


def test_what_has_no_graph_is_refused_in_one_line(hello, capsys):
    assert run(["train", "--config", "configs/hello.yaml", "--set", "training.epochs=1",
                "--set", "model.direction=bidirectional", "--set", "training.stateful=false",
                "--set", "checkpoint.path=both.pkl"]) == 0  # fmt: skip
    capsys.readouterr()
    assert run(["export", "both.pkl", "--format", "onnx"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Error: the model is bidirectional")
    assert not Path("both.onnx").exists()
    assert checkpoint.load("both.pkl").model.network.bidirectional
