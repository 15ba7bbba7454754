"""``rnnlm translate``, ``eval translation`` and ``plot attention`` with a small model."""

import json
import shlex
from importlib.util import find_spec

import click
import numpy as np
import pytest

from rnnlm_cli.commands.main import cli, run
from rnnlm_cli.commands.shared.examples import examples_in
from rnnlm_cli.config import make_config
from rnnlm_cli.train.start import begin

PAIRS = ["a b c\tc b a", "c b\tb c", "a\ta", "b c\tc b", "c c b\tb c c", "b a\ta b"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A model that has learned six pairs by heart; with attention."""
    folder = tmp_path_factory.mktemp("turned")
    (folder / "pairs.tsv").write_text("".join(f"{pair}\n" for pair in PAIRS))
    raw = {
        "task": {"kind": "translation", "attention": "dot"},
        "corpus": {"train": str(folder / "pairs.tsv")},
        "model": {"embedding_size": 8, "hidden_size": 16},
        "training": {
            "epochs": 60,
            "batch_size": 3,
            "optimizer": {"kind": "adam", "learning_rate": 0.03},
        },
        "checkpoint": {"path": str(folder / "checkpoints/turned.pkl")},
    }
    for _ in begin(make_config(raw)).events():
        pass
    return folder


@pytest.fixture
def folder(made, monkeypatch):
    monkeypatch.chdir(made)
    return made


def said(capsys, line):
    assert run(shlex.split(line)) == 0
    return capsys.readouterr().out


def test_a_line_and_the_lines_of_a_file(folder, capsys):
    assert said(capsys, "translate 'a b c'") == "c b a\n"
    (folder / "lines.txt").write_text("c b\n\n  \na\n")
    assert said(capsys, "translate --file lines.txt") == "b c\n\n\na\n"


def test_json_has_tokens_log_probabilities_and_attention(folder, capsys):
    values = json.loads(said(capsys, "translate 'b c' --json --attention"))
    assert (values["text"], values["tokens"]) == ("c b", ["c", "b", "<eos>"])
    assert values["source_tokens"] == ["b", "c"]
    assert values["ended"]
    assert values["logprob"] == pytest.approx(sum(values["logprobs"]))
    np.testing.assert_allclose(np.sum(values["attention"], axis=1), [1, 1, 1], rtol=1e-5)
    assert "attention" not in json.loads(said(capsys, "translate 'b c' --json"))


def test_beam_search_prints_the_best_first(folder, capsys):
    lines = said(capsys, "translate 'b c' --beam 4 --top 3 --json").splitlines()
    scores = [json.loads(line) for line in lines]
    each = [one["logprob"] / len(one["tokens"]) for one in scores]
    assert scores[0]["text"] == "c b"
    assert len(each) == 3
    assert each == sorted(each, reverse=True)


def test_the_table_of_attention_has_percent(folder, capsys):
    text, _, header, *rows = said(capsys, "translate 'b c' --attention").rstrip().splitlines()
    assert (text, header.split()) == ("c b", ["b", "c"])
    assert [row.split()[0] for row in rows] == ["c", "b", "\u21b5"]
    for row in rows:
        assert sum(int(cell) for cell in row.split()[1:] if cell != ".") in (99, 100, 101)


def test_the_figures_of_a_text(folder, capsys):
    (folder / "other.tsv").write_text("a b c\tc b a\na\tb\n")
    values = json.loads(said(capsys, "eval translation --corpus other.tsv --json"))
    assert (values["exact_match"], values["exact"], values["lines"]) == (0.5, 1, 2)
    assert values["wrong"] == [{"source": "a", "translation": "a", "reference": "b"}]
    assert values["tokens"] == 6
    assert values["perplexity"] == pytest.approx(np.exp(values["nats_per_token"]))
    assert (values["chrf"] is None) == (find_spec("sacrebleu") is None)
    table = said(capsys, "eval translation --corpus other.tsv")
    assert "50.00%, 1 of 2 lines" in table


def test_warnings_about_a_text(folder, capsys):
    (folder / "copy.tsv").write_text("".join(f"{pair}\n" for pair in reversed(PAIRS)))
    (folder / "strange.tsv").write_text("x a <s>\tb <s>\na b\tz\n")
    for name, warnings in (
        ("copy", ["the model was trained on this text"]),
        ("strange", ["40.0% of the targets", "40.0% of the tokens in the sources of strange.tsv"]),
    ):
        assert run(shlex.split(f"eval translation --corpus {name}.tsv --json")) == 0
        out, err = capsys.readouterr()
        found = json.loads(out)["warnings"]
        assert [said[: len(text)] for said, text in zip(found, warnings, strict=True)] == warnings
        assert [line for line in err.splitlines() if line.startswith("warning: ")] == [
            f"warning: {said}" for said in found
        ]
    for column in ("strange.tsv", "the sources of strange.tsv"):
        assert f"{column}: holds <s> (1 times), though <eos> is put" in err


def test_chrf_and_bleu_are_sacrebleus(folder, capsys):
    pytest.importorskip("sacrebleu")
    values = json.loads(said(capsys, "eval translation --split train --json"))
    assert (values["exact_match"], values["chrf"]) == (1.0, 100.0)
    assert "version:" in values["signature"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("translate", "give TEXT, or a file; use --file"),
        ("translate ' '", "Error: ' ': must not be empty; give a line with a token"),
        ("translate 'a\nb'", "'a\\nb': has a newline; give one line"),
        ("plot attention a ' '", "Error: ' ': must not be empty; give a line with a token"),
        ("translate a --beam 2 --top 3", "--beam 2 finds at most 2 translations"),
        ("plot attention", "Missing argument"),
        ("generate", "is a model of task.kind: translation, but this needs language"),
        ("eval accuracy", "use it with rnnlm translate or rnnlm eval translation"),
    ],
)
def test_bad_input_is_one_line(folder, capsys, line, message):
    assert run(shlex.split(line)) == 2
    err = capsys.readouterr().err.splitlines()
    assert message in err[-1]


@pytest.mark.parametrize("name", ["translate", "eval translation", "plot attention"])
def test_the_examples_in_the_help_run(folder, capsys, monkeypatch, name):
    command, painted = cli, []
    target = "rnnlm_cli.commands.plot.attention.draw_sheet"
    monkeypatch.setattr(target, lambda out, sheet, replace: painted.append(sheet))
    for part in name.split():
        command = command.get_command(click.Context(command), part)
    found = [line for _, line in examples_in(command.epilog) if "|" not in line]
    assert found
    for line in found:
        assert run(shlex.split(line)[1:]) == 0, line
    if name == "plot attention":
        charts = [row[0] for row in painted[-1].rows]
        assert [chart.x_ticks[1] for chart in charts] == [["a", "b", "c"], ["c", "c", "b"]]
        assert charts[0].y_ticks[1] == ["c", "b", "a", "\u21b5"]
        np.testing.assert_allclose(charts[0].marks[0].values.sum(axis=1), 1, rtol=1e-5)
