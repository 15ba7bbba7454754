"""A model that writes lines for labels, as a user calls it."""

import json
from pathlib import Path

import pytest

from rnnlm_cli.commands.main import run

CONFIG = """
task: {kind: description}
corpus: {train: train.tsv, test: test.tsv}
model: {cell: gru, embedding_size: 6, hidden_size: 10}
training: {epochs: 3, batch_size: 3, optimizer: {kind: adam, learning_rate: 0.03}, clip_norm: 1.0}
checkpoint: {path: m.pkl}
"""
LINES = {"sea": "the wind is cold", "hill": "the path is steep", "town": "the street is loud"}
MODEL = ["--checkpoint", "m.pkl"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model that has learned one line for each of three labels by heart."""
    folder = tmp_path_factory.mktemp("described")
    text = "".join(f"{label}\t{line}\n" for label, line in LINES.items())
    (folder / "train.tsv").write_text(20 * text, encoding="utf-8")
    (folder / "test.tsv").write_text("sea\tthe wind is cold\n", encoding="utf-8")
    (folder / "swapped.tsv").write_text("hill\tthe wind is cold\n", encoding="utf-8")
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


@pytest.mark.parametrize("label", LINES)
def test_each_label_has_its_line(printed, label):
    code, out, _ = printed(
        "generate", *MODEL, "--given", label, "--temperature", "0", "--seed", "1"
    )
    assert (code, out.strip()) == (0, LINES[label])
    code, out, _ = printed("generate", *MODEL, "--given", label, "--beam", "2", "--json")
    assert json.loads(out)["tokens"] == [*LINES[label].split(), "<eos>"]


def test_a_second_line_begins_at_the_label_again(printed):
    args = ["--until-sentences", "2", "--temperature", "0", "--seed", "1"]
    _, out, _ = printed("generate", *MODEL, "--given", "hill", *args)
    assert out.split("\n")[:2] == [LINES["hill"]] * 2


def test_the_perplexity_is_of_lines_with_their_labels(printed):
    code, out, _ = printed("eval", "perplexity", *MODEL, "--json")
    found = json.loads(out)
    assert (code, found["tokens"], found["corpus"]) == (0, 5, "test.tsv")
    assert found["perplexity"] < 1.5
    _, out, _ = printed("eval", "perplexity", *MODEL, "--corpus", "swapped.tsv", "--json")
    assert json.loads(out)["perplexity"] > 2
    last = json.loads(Path("m.jsonl").read_text(encoding="utf-8").splitlines()[-2])
    assert last["event"] == "epoch"
    assert last["train_perplexity"] < 1.5


def test_warnings_are_those_of_a_language_model(printed):
    Path("copy.tsv").write_bytes(Path("train.tsv").read_bytes())
    _, out, err = printed("eval", "perplexity", *MODEL, "--corpus", "copy.tsv", "--json")
    (warning,) = json.loads(out)["warnings"]
    assert warning.startswith("the model was trained on this text")
    assert err == f"warning: {warning}\n"
    Path("strange.tsv").write_text("sea\tx <s> cold\n", encoding="utf-8")
    _, out, err = printed("eval", "perplexity", *MODEL, "--corpus", "strange.tsv", "--json")
    assert json.loads(out)["warnings"][-1].startswith("50.0% of the targets are unknown tokens")
    assert "strange.tsv: holds <s>" in err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["generate", *MODEL],
            "writes a line for a label; use --given with one of hill, sea, town",
        ),
        (
            ["generate", *MODEL, "--given", "x"],
            "--given 'x': is not a label of the model; use hill",
        ),
        (
            ["eval", "perplexity", *MODEL, "--cache", "9,1,0.1"],
            "--cache: is for models of task.kind",
        ),
        (
            ["eval", "sentences", *MODEL],
            "task.kind: description, but this needs language; use it with",
        ),
        (
            ["label", "x", *MODEL],
            "needs classification; use it with rnnlm generate (given a label)",
        ),
    ],
    ids=lambda part: part[-1] if isinstance(part, list) else "",
)
def test_what_makes_no_sense_is_refused_in_a_line(printed, args, message):
    code, out, err = printed(*args)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_language_model_takes_no_label(hello, capsys):
    capsys.readouterr()
    args = ["generate", "--checkpoint", "checkpoints/hello.pkl", "--given", "x"]
    assert run(args) == 2
    assert "--given 'x': is for a model of task.kind: description" in capsys.readouterr().err
