"""A classifier from training to labelling, as a user calls it."""

import json
import random
from pathlib import Path

import pytest

from rnnlm_cli.commands.main import run

CONFIG = """
task: {kind: classification}
corpus: {train: train.tsv, valid: 0.2, test: test.tsv}
model: {cell: rnn, embedding_size: 4, hidden_size: 6}
training: {epochs: 6, batch_size: 10, optimizer: {kind: adam, learning_rate: 0.03}}
checkpoint: {path: m.pkl}
"""
MODEL = ["--checkpoint", "m.pkl"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model that tells lines that begin with x from those that do not."""
    folder = tmp_path_factory.mktemp("labels")
    draw = random.Random(1)
    lines = [[draw.choice("xy"), *draw.choices("ab", k=draw.randint(0, 4))] for _ in range(200)]
    text = "".join(f"{'no' if line[0] == 'y' else 'yes'}\t{' '.join(line)}\n" for line in lines)
    (folder / "train.tsv").write_text(text, encoding="utf-8")
    (folder / "test.tsv").write_text("yes\tx a b\nno\ty b\nyes\ty\n", encoding="utf-8")
    (folder / "c.yaml").write_text(CONFIG, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run(["train", "--config", "c.yaml"]) == 0
    return folder


@pytest.fixture
def printed(folder, monkeypatch, capsys):
    """Return a function that runs a command in the folder and gives code, output and errors."""
    monkeypatch.chdir(folder)

    def printed(*args):
        capsys.readouterr()
        code = run([*args])
        return (code, *capsys.readouterr())

    return printed


def test_one_line_gets_its_label(printed):
    code, out, _ = printed("label", "x b a", *MODEL)
    label, probability, text = out.rstrip("\n").split("\t")
    assert (code, label, text) == (0, "yes", "x b a")
    assert 0.8 < float(probability) <= 1


def test_every_line_of_a_file_in_order_as_json(printed):
    Path("lines.txt").write_text("y a b a b\nx\n\ny zebra\n", encoding="utf-8")
    code, out, err = printed("label", "--file", "lines.txt", "--json", *MODEL)
    assert err == "1 token is not in the vocabulary and read as <unk>; the first is 'zebra'\n"
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [one["text"] for one in found] == ["y a b a b", "x", "", "y zebra"]
    assert [one["label"] for one in found][:2] == ["no", "yes"]
    for one in found:
        assert list(one) == ["text", "label", "probability", "probabilities"]
        assert sum(one["probabilities"].values()) == pytest.approx(1)
        assert one["probability"] == max(one["probabilities"].values())


def test_accuracy_on_the_test_text(printed):
    code, out, _ = printed("eval", "accuracy", *MODEL, "--json")
    found = json.loads(out)
    assert (code, found["lines"], found["corpus"]) == (0, 3, "test.tsv")
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["confusion"] == [[1, 0], [1, 1]]  # no, yes
    assert found["macro_f1"] == pytest.approx(2 / 3)
    code, out, _ = printed("eval", "accuracy", *MODEL)
    assert "66.67% of 3 lines" in out


def test_tokens_that_the_model_does_not_know_are_counted_once_per_run(printed):
    assert printed("label", "x a b", *MODEL)[2] == ""
    Path("lines.txt").write_text("y a\nq y q\n\nr\n", encoding="utf-8")
    _, _, err = printed("label", "--file", "lines.txt", *MODEL)
    assert err == "3 tokens are not in the vocabulary and read as <unk>; the first is 'q'\n"
    Path("lines.tsv").write_text("yes\tx q\nno\ty a\n", encoding="utf-8")
    code, _, err = printed("eval", "accuracy", "--corpus", "lines.tsv", *MODEL)
    said, warning = err.splitlines()
    assert (code, said) == (0, "1 token is not in the vocabulary and read as <unk>")
    assert warning.startswith("warning: 25.0% of the tokens in lines.tsv are unknown, and the")


def test_oddities_of_a_text_are_told(printed):
    lines = Path("train.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
    Path("copy.tsv").write_text("".join(lines[:160]), encoding="utf-8")  # what is not held out
    _, out, err = printed("eval", "accuracy", "--corpus", "copy.tsv", *MODEL, "--json")
    assert "warning: the model was trained on this text" in err
    assert json.loads(out)["warnings"] == [err.removeprefix("warning: ").rstrip("\n")]
    Path("some").mkdir()
    Path("some/a.tsv").write_text("yes\tx a\n", encoding="utf-16")
    Path("some/b.png").write_bytes(b"\0")
    args = ["--corpus", "some", "--encoding", "auto"]
    err = printed("eval", "accuracy", *args, *MODEL)[2].splitlines()
    assert err == [
        "some/: left out: binary (b.png)",
        "some/a.tsv: read as utf-16, which was found in the text",
    ]


def test_log_and_checkpoint_have_the_measure(printed):
    lines = [json.loads(line) for line in Path("m.jsonl").read_text(encoding="utf-8").splitlines()]
    epochs = [line for line in lines if line["event"] == "epoch"]
    assert epochs[-1]["valid_accuracy"] == 1.0
    assert 1.0 <= epochs[-1]["train_perplexity"] < 1.5
    assert [e["epoch"] for e in epochs if e["best"]][-1] == lines[-1]["best_epoch"]
    code, out, _ = printed("show", "m.pkl")
    assert code == 0
    assert "valid accuracy 100.00% (best)" in out
    code, out, _ = printed("show", "m.jsonl")
    assert "valid accuracy 100.00%" in out.splitlines()[-1]
    header = next(line for line in out.splitlines() if line.startswith("epoch"))
    assert header.split("  ") == [
        *("epoch", "step", "train perplexity", "valid accuracy", "learning rate", "time")
    ]
    _, out, _ = printed("show", "m.pkl", "m.last.pkl")
    assert "valid accuracy" in out
    assert "bits/character" not in out


@pytest.mark.parametrize(
    "args",
    [
        ["eval", "perplexity"],
        ["generate"],
        ["fill", "x ___"],
        ["eval", "sentences", "--corpus", "test.tsv"],
        ["near", "x"],
        ["export", "m.pkl", "--format", "npz", "--out", "m.npz"],
    ],
    ids=lambda args: args[-1],
)
def test_what_is_for_language_models_says_what_to_use(printed, args):
    named = [] if args[0] == "export" else MODEL
    code, out, err = printed(*args, *named)
    assert (code, out) == (2, "")
    needed = "language or description" if args[-1] in ("perplexity", "generate") else "language"
    assert err == (
        f"Error: m.pkl: is a model of task.kind: classification, but this needs {needed}; use it "
        "with rnnlm label or rnnlm eval accuracy\n"
    )


def test_a_language_model_has_no_labels(hello, capsys):
    capsys.readouterr()
    assert run(["label", "you", "--checkpoint", "checkpoints/hello.pkl"]) == 2
    said = "task.kind: language, but this needs classification; use it with rnnlm generate"
    assert said in capsys.readouterr().err


def test_a_line_or_a_file_is_needed(printed):
    assert printed("label", *MODEL)[0] == 2
    for line, message in (
        ("x\ny", "has a newline"),
        (" ", "must not be empty"),
        ("x\ty", "has a tab"),
    ):
        code, out, err = printed("label", line, *MODEL)
        assert (code, out, message in err) == (2, "", True)
