"""Weights with PyTorch's names: round trips, and files that do not fit.

Whether PyTorch itself computes the same with them is measured by benchmarks/exchange.py.
"""

import json

import numpy as np
import pytest
import safetensors
from safetensors.numpy import load_file, save_file

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run
from rnnlm_cli.nn.cells import CELLS

MODELS = {
    "lstm": [],
    "rnn": ["model.cell=rnn"],
    "gru": ["model.cell=gru", "model.layers=2"],
    "tied": ["model.hidden_size=16", "model.tie_weights=true"],
    "tied through a projection": ["model.tie_weights=true"],
    "residual": ["model.hidden_size=16", "model.residual=true"],
}
BACK = ["import", "safetensors", "w.safetensors", "--out", "checkpoints/back.pkl", "--overwrite"]


@pytest.fixture
def trained(hello):
    def train(*overrides):
        sets = [
            word
            for override in (
                "model.embedding_size=16",
                "model.hidden_size=20",
                "training.epochs=2",
                "checkpoint.path=checkpoints/m.pkl",
                *overrides,
            )
            for word in ("--set", override)
        ]
        assert run(["train", "--config", "configs/hello.yaml", *sets, "--overwrite"]) == 0
        return checkpoint.load("checkpoints/m.pkl").model

    return train


def export(kind="safetensors"):
    return run(["export", "checkpoints/m.pkl", "--format", kind, "--out", f"w.{kind}"])


@pytest.mark.parametrize("name", MODELS)
def test_a_round_trip_gives_the_same_model(trained, name):
    saved = trained(*MODELS[name])
    assert export() == 0
    assert run(BACK) == 0
    back = checkpoint.load("checkpoints/back.pkl").model
    assert back.vocabulary.tokens == saved.vocabulary.tokens
    assert back.vocabulary.counts.tolist() == saved.vocabulary.counts.tolist()
    assert (back.config.model, back.config.corpus) == (saved.config.model, saved.config.corpus)
    assert back.codec == saved.codec
    for key, param in saved.network.params.items():
        np.testing.assert_array_equal(back.network.params[key].value, param.value)


def test_names_and_layouts_are_those_of_pytorch(trained):
    saved = trained("model.layers=2")
    export()
    tensors = load_file("w.safetensors")
    params = saved.network.params
    assert set(tensors) == {
        "encoder.weight",
        *(f"rnn.{what}_l{k}" for k in (0, 1) for what in ("weight_ih", "weight_hh")),
        *(f"rnn.{what}_l{k}" for k in (0, 1) for what in ("bias_ih", "bias_hh")),
        "decoder.weight",
        "decoder.bias",
    }
    np.testing.assert_array_equal(tensors["rnn.weight_ih_l0"], params["layer0.weight_ih"].value.T)
    assert tensors["rnn.weight_hh_l1"].shape == (80, 20)
    assert not tensors["rnn.bias_hh_l0"].any()
    with safetensors.safe_open("w.safetensors", "np") as file:
        metadata = file.metadata()
    assert json.loads(metadata["vocabulary"]) == saved.vocabulary.tokens
    assert json.loads(metadata["config"])["model"]["hidden_size"] == 20


def test_a_file_of_a_version_that_wrote_no_codec_is_read(trained):
    saved = trained()
    export()
    forged(lambda tensors, texts: texts.pop("codec"))
    assert run(BACK) == 0
    assert checkpoint.load("checkpoints/back.pkl").model.codec == saved.codec


def test_npz_holds_the_same(trained):
    saved = trained("model.cell=gru")
    assert export() == export("npz") == 0
    tensors = load_file("w.safetensors")
    with np.load("w.npz", allow_pickle=False) as file:
        for name, tensor in tensors.items():
            np.testing.assert_array_equal(file[name], tensor)
        assert json.loads(str(file["vocabulary"])) == saved.vocabulary.tokens
    bias = saved.network.params["layer0.bias_hn"].value
    np.testing.assert_array_equal(tensors["rnn.bias_hh_l0"], np.concatenate([np.zeros(40), bias]))


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_file_without_metadata_is_imported_with_its_text(trained, cell):
    """PyTorch's second bias is added to ours; the sizes come from the weights."""
    saved = trained(f"model.cell={cell}", "model.layers=2")
    export()
    tensors = load_file("w.safetensors")
    rng = np.random.default_rng(0)
    text = "you say goodbye and i hello . <unk>\n"
    rows = [saved.vocabulary.id_of(t) for t in [*text.split(), "<eos>"]]
    for name in ("encoder.weight", "decoder.weight", "decoder.bias"):
        tensors[name] = tensors[name][rows]
    for k in (0, 1):
        shift = rng.standard_normal(20).astype(np.float32)  # of the first gate, from one to other
        tensors[f"rnn.bias_ih_l{k}"][:20] -= shift
        tensors[f"rnn.bias_hh_l{k}"][:20] += shift
    save_file(tensors, "w.safetensors")
    with open("words.txt", "w", encoding="utf-8") as file:
        file.write(text)
    assert run([*BACK, "--vocabulary", "words.txt"]) == 0
    back = checkpoint.load("checkpoints/back.pkl").model
    assert back.config.model.cell == cell
    ids = np.array([[0], [1], [2]])
    h, _ = back.network.read(ids, back.network.initial_state(1))
    ours = np.array(rows)[ids]
    expected, _ = saved.network.read(ours, saved.network.initial_state(1))
    np.testing.assert_allclose(h, expected, atol=1e-6)
    np.testing.assert_allclose(
        back.network.output.log_probs(h),
        saved.network.output.log_probs(expected)[..., rows],
        atol=1e-5,
    )


def forged(change, metadata=None):
    """Write the export again with changes."""
    tensors = load_file("w.safetensors")
    with safetensors.safe_open("w.safetensors", "np") as file:
        texts = dict(file.metadata())
    change(tensors, texts)
    save_file(tensors, "w.safetensors", texts)


def config_with(texts, **model):
    config = json.loads(texts["config"])
    config["model"] |= model
    return json.dumps(config)


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (lambda t, m: t.pop("decoder.bias"), 1, "lacks decoder.bias"),
        (lambda t, m: t.update(x=np.zeros(2, np.float32)), 1, "holds an unexpected x"),
        (
            lambda t, m: t.update({"decoder.bias": np.zeros(3, np.float32)}),
            1,
            "decoder.bias is (3,) instead of (9,)",
        ),
        (lambda t, m: t.update({"decoder.bias": np.zeros(9, np.int32)}), 1, "int32, not of floats"),
        (
            lambda t, m: t.update({"decoder.bias": np.full(9, np.nan, np.float32)}),
            1,
            "output.bias holds values that are not finite",
        ),
        (lambda t, m: m.update(config="{"), 1, "metadata is not that of rnnlm"),
        (lambda t, m: m.update(config="[]"), 1, "metadata is not that of rnnlm"),
        (lambda t, m: m.pop("counts"), 1, "metadata is not that of rnnlm"),
        (lambda t, m: m.update(unknown='"x"'), 1, "vocabulary is inconsistent"),
        (lambda t, m: m.update(config=config_with(m, hidden_size=9_999_999)), 1, "instead of"),
        (
            lambda t, m: m.update(config=config_with(m, direction="bidirectional")),
            2,
            "not exchanged",
        ),
        (lambda t, m: m.update(unknown='"say"'), 1, "vocabulary is inconsistent"),
        (lambda t, m: m.update(counts=f"[{'-1,' * 8}1]"), 1, "vocabulary is inconsistent"),
        (lambda t, m: m.update(config="[" * 100_000), 1, "metadata is not that of rnnlm"),
        (
            lambda t, m: m.update(config=m["config"].replace("hello.txt", "\\u0000")),
            1,
            "metadata is not that of rnnlm",
        ),
        (
            lambda t, m: t.update({k: np.full(80, 3e38, np.float32) for k in t if "bias_" in k}),
            1,
            "layer0.bias holds values that are not finite",
        ),
        (lambda t, m: m.update(codec="["), 1, "metadata is not that of rnnlm"),
        (lambda t, m: m.update(codec="{}"), 1, "codec has a unit that this version"),
        (
            lambda t, m: m.update(codec=m["codec"].replace("word", "char")),
            1,
            "its codec and its configuration differ in corpus.unit",
        ),
        (lambda t, m: m.clear(), 2, "has no vocabulary; name its text with --vocabulary"),
    ],
)
def test_tensors_that_do_not_fit_are_refused(trained, capsys, change, code, said):
    trained()
    export()
    forged(change)
    capsys.readouterr()
    assert run(BACK) == code
    assert said in capsys.readouterr().err


def test_weights_that_are_called_tied_and_differ_are_refused(trained, capsys):
    trained("model.tie_weights=true")
    export()
    forged(lambda t, m: t["decoder.weight"].__imul__(2))
    assert run(BACK) == 1
    assert "but they differ" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff" * 100, b"\x02\0\0\0\0\0\0\0{}"])
def test_a_file_that_is_not_safetensors_is_refused(hello, capsys, content):
    with open("w.safetensors", "wb") as file:
        file.write(content)
    assert run(BACK) in (1, 2)
    assert "w.safetensors: " in capsys.readouterr().err


def test_a_bidirectional_model_is_not_exported(trained, capsys):
    trained("model.direction=bidirectional")
    assert export() == 2
    assert "the model is bidirectional" in capsys.readouterr().err


def test_an_adaptive_output_layer_is_not_exported(trained, capsys):
    trained("model.output_layer={kind: adaptive, cutoffs: [4]}")
    assert export() == 2
    assert "adaptive output layer has no decoder.weight" in capsys.readouterr().err


def test_direct_connections_are_not_exported(trained, capsys):
    trained("model.direct={order: 3, size: 50}")
    assert export() == 2
    assert "no layer for the direct connections of model.direct.order" in capsys.readouterr().err


def test_a_cell_that_pytorch_does_not_have_is_exchanged_in_no_direction(
    trained, capsys, monkeypatch
):
    trained("model.cell=gru")
    assert export() == 0
    monkeypatch.setattr(type(CELLS["gru"]), "pytorch", None)
    capsys.readouterr()
    said = "PyTorch has no cell like gru; these can be exchanged: rnn, lstm"
    assert export("npz") == 2
    assert capsys.readouterr().err == f"Error: {said}\n"
    assert run(BACK) == 2
    assert said in capsys.readouterr().err
    words = ["--vocabulary", "corpora/hello.txt", "--unknown", "."]
    assert run([*BACK, *words]) == 1  # a cell with three gates is not known
    assert "rnn.weight_hh_l0 is (60, 20); an LSTM's is" in capsys.readouterr().err


def test_without_the_package_one_line_says_how_to_get_it(trained, capsys, monkeypatch):
    import sys

    trained()
    for name in [m for m in sys.modules if m.split(".")[0] == "safetensors"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    assert export() == 2
    assert (
        "safetensors is not installed; install it with pip install 'rnnlm-cli[export]'"
        in capsys.readouterr().err
    )


def test_an_export_does_not_overwrite_its_checkpoint(trained, capsys):
    trained()
    args = [
        "export",
        "checkpoints/m.pkl",
        "--format",
        "npz",
        "--out",
        "checkpoints/../checkpoints/m.pkl",
    ]
    assert run(args) == 2
    assert "is the checkpoint itself" in capsys.readouterr().err


def test_an_export_replaces_nothing_by_default(trained, capsys):
    trained()
    assert export() == 0
    capsys.readouterr()
    assert export() == 2
    assert "w.safetensors: already exists; use --overwrite" in capsys.readouterr().err
    args = ["export", "checkpoints/m.pkl", "--format", "npz", "--overwrite", "--out"]
    assert run([*args, "w.safetensors"]) == 0
    assert run([*args, "corpora"]) == 2
    assert run([*args, "new/"]) == 2
    assert capsys.readouterr().err.splitlines()[-2:] == [
        "Error: corpora: is not a regular file; name a file",
        "Error: new/: is not a regular file; name a file",
    ]
