"""The course notes' weight file, against the notes' own arithmetic."""

import pickle

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run

TEXT = "the cat <unk> sat on the mat\nthe dog <unk> lay\n"
TYPES = ["the", "cat", "<unk>", "sat", "on", "mat", "<eos>", "dog", "lay"]
V, E, H = len(TYPES), 5, 6


def weights(layers, tied=False, gates=4, hidden=H, size=E, dtype=np.float16):
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal((V, size))]
    for k in range(layers):
        arrays.append(rng.standard_normal((size if k == 0 else hidden, gates * hidden)))
        arrays.append(rng.standard_normal((hidden, gates * hidden)))
        arrays.append(rng.standard_normal(gates * hidden))
    arrays.append(arrays[0].T if tied else rng.standard_normal((hidden, V)))
    arrays.append(rng.standard_normal(V))
    return [array.astype(dtype) for array in arrays]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def notes_log_probs(arrays, ids):
    """Natural logs of the next word after each of ``ids``: the notes' equations, f, g, i, o."""
    embedding, *layers, weight, bias = (array.astype(np.float64) for array in arrays)
    xs = embedding[ids]
    for w_x, w_h, b in zip(layers[::3], layers[1::3], layers[2::3], strict=True):
        size = len(w_h)
        h, c, hs = np.zeros(size), np.zeros(size), []
        for x in xs:
            a = x @ w_x + h @ w_h + b
            if w_h.shape[1] == size:
                h = np.tanh(a)
            else:
                f, g, i, o = (a[k * size : (k + 1) * size] for k in range(4))
                c = sigmoid(f) * c + np.tanh(g) * sigmoid(i)
                h = sigmoid(o) * np.tanh(c)
            hs.append(h)
        xs = np.array(hs)
    scores = xs @ weight + bias
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


def imported(folder, arrays, *more):
    (folder / "w.pkl").write_bytes(pickle.dumps(arrays))
    args = ["import", "notes", "w.pkl", "--vocabulary", "train.txt", "--out", "m/notes.pkl", *more]
    return run(args)


@pytest.mark.parametrize(
    "shape",
    [
        {"layers": 1},
        {"layers": 2, "tied": True, "size": 6},
        {"layers": 3},
        {"layers": 1, "gates": 1},
    ],
    ids=["one layer", "two layers, tied", "three layers", "simple RNN"],
)
def test_the_model_gives_the_probabilities_of_the_notes(folder, capsys, shape):
    arrays = weights(**shape)
    assert imported(folder, arrays) == 0
    assert f"{shape['layers']} x " in capsys.readouterr().err
    saved = checkpoint.load("m/notes.pkl").model
    assert saved.vocabulary.tokens == TYPES
    assert saved.config.model.tie_weights == shape.get("tied", False)
    ids = np.array([6, 0, 1, 3, 4, 0])
    h, _ = saved.network.read(ids[:, np.newaxis], saved.network.initial_state(1))
    found = saved.network.output.log_probs(h)[:, 0]
    np.testing.assert_allclose(found, notes_log_probs(arrays, ids), atol=1e-4)


def test_it_evaluates_and_generates_like_any_checkpoint(folder, capsys):
    arrays = weights(1)
    imported(folder, arrays)
    capsys.readouterr()
    assert run(["eval", "perplexity", "--checkpoint", "m/notes.pkl"]) == 0
    shown = capsys.readouterr().out.split()[1]
    ids = np.array([TYPES.index(t) for t in TEXT.replace("\n", " <eos> ").split()])
    log_probs = notes_log_probs(arrays, ids[:-1])
    expected = np.exp(-log_probs[np.arange(len(ids) - 1), ids[1:]].mean())
    assert float(shown.replace(",", "")) == pytest.approx(expected, rel=1e-3)
    assert run(["generate", "--checkpoint", "m/notes.pkl", "--start", "the cat"]) == 0


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        (weights(1)[:-1], "holds 5 arrays; expected 6 for one layer"),
        ([*weights(1)[:-1], np.zeros(V + 1)], "affine_b is (10,) instead of (9,)"),
        ([np.zeros((V + 1, E)), *weights(1)[1:]], "embed_W is (10, 5) instead of (9, 5)"),
        (weights(1, gates=3), "of an LSTM are (H, 4H)"),
        ([*weights(1)[:-1], np.full(V, np.inf)], "not finite"),
        ([*weights(1)[:-1], np.full(V, 1e300)], "not finite"),
        ([np.zeros(3), *weights(1)[1:]], "embed_W is (3,)"),
        (weights(1, hidden=0), "array 3 is (0, 0)"),
        (weights(101), "a model cannot have these sizes"),
        (weights(1, size=0), "a model cannot have these sizes"),
        ([np.ones((), np.float16), *weights(1)[1:]], "embed_W is ()"),
    ],
)
def test_weights_that_do_not_fit_are_refused(folder, capsys, arrays, said):
    assert imported(folder, arrays) == 1
    assert said in capsys.readouterr().err
    assert not (folder / "m").exists()


def test_wrong_arguments_are_refused(folder, capsys):
    assert imported(folder, weights(1), "--unknown", "UNK") == 1
    assert "does not hold the unknown token UNK" in capsys.readouterr().err
    assert imported(folder, weights(1)) == 0
    assert imported(folder, weights(1)) == 2
    assert "already exists; use --overwrite" in capsys.readouterr().err
    assert imported(folder, weights(1), "--overwrite") == 0
    assert imported(folder, weights(1), "--unknown", "<eos>") == 2
    for out in ("x.bin", "sub"):
        assert run(["import", "notes", "w.pkl", "--vocabulary", "train.txt", "--out", out]) == 2
    assert run(["import", "notes", "none.pkl", "--vocabulary", "train.txt", "--out", "a.pkl"]) == 2
    assert run(["import", "notes", "w.pkl", "--vocabulary", "-", "--out", "a.pkl"]) == 2
