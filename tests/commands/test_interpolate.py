"""``eval perplexity --interpolate``, on Kaldi's own test of ARPA files."""

import json
import math
from pathlib import Path

import pytest

from rnnlm_cli.commands.main import run

KALDI = (Path(__file__).parents[1] / "goldens" / "kaldi.arpa").read_text(encoding="utf-8")
CLOSED = "".join(line for line in KALDI.splitlines(True) if "<UNK>" not in line)
CLOSED = CLOSED.replace("1=7", "1=6").replace("2=7", "2=5")

CONFIG = """\
corpus: {train: train.txt}
model: {embedding_size: 4, hidden_size: 4}
training: {epochs: 1, batch_size: 1, bptt: 5}
checkpoint: {path: m.pkl}
"""


@pytest.fixture
def wood(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.txt").write_text(
        "wood pittsburgh cindy jean\njean wood pittsburgh\n", encoding="utf-8"
    )
    (tmp_path / "c.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "b.txt").write_text("\nzzz wood pittsburgh\n", encoding="utf-8")
    (tmp_path / "c.txt").write_text("\nwood jean\n", encoding="utf-8")
    assert run(["train", "--config", "c.yaml"]) == 0
    return tmp_path


def arguments(wood, arpa, text):
    (wood / "k.arpa").write_text(arpa, encoding="utf-8")
    args = ["eval", "perplexity", "--checkpoint", "m.pkl", "--corpus", text]
    return [*args, "--interpolate", "k.arpa", "--interpolate-weight", "0.5"]


def mixed(capsys, *args):
    capsys.readouterr()
    assert run([*args, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("spelling", ["<UNK>", "<unk>"])
def test_an_unknown_word_in_either_spelling(wood, capsys, spelling):
    """KenLM gives the line -2.0212, of which -0.2553 are the unknown word's."""
    found = mixed(capsys, *arguments(wood, KALDI.replace("<UNK>", spelling), "b.txt"))
    ours = found["interpolated"]
    assert ours["ngram"] == pytest.approx(10 ** (2.0212 / 4))
    assert ours["ngram_without_unknown"] == pytest.approx(10 ** ((2.0212 - 0.2553) / 3))
    assert (ours["unknown"], ours["zero_probabilities"]) == (1, 0)
    assert 1 < ours["mix"] < math.sqrt(found["perplexity"] * ours["ngram"])  # log is concave


def test_the_beginning_of_a_line_follows_s(wood, capsys):
    ours = mixed(capsys, *arguments(wood, KALDI, "c.txt"))["interpolated"]
    nats = (0.3064 + 0.6990) + (0.2553 + 0.6990) + 0.5563
    assert ours["ngram"] == pytest.approx(10 ** (nats / 3))
    assert ours["ngram_without_unknown"] == pytest.approx(ours["ngram"])


def test_a_model_without_an_unknown_word_takes_it_for_impossible(wood, capsys):
    args = arguments(wood, CLOSED, "b.txt")
    found = mixed(capsys, *args)
    ours = found["interpolated"]
    known = (0.6990) + 0.2553 + (0.2553 + 1.0)  # no weight for an unknown history
    assert ours["ngram"] is None  # infinite
    assert ours["ngram_without_unknown"] == pytest.approx(10 ** (known / 3))
    assert (ours["unknown"], ours["zero_probabilities"]) == (1, 0)
    assert math.isfinite(ours["mix"])
    assert ours["mix_without_unknown"] < ours["mix"]
    assert run(args) == 0
    out = capsys.readouterr().out
    assert f"n-gram model: perplexity inf, without unknown {10 ** (known / 3):.2f}" in out
    assert "unknown to the n-gram model: 1; known, but with probability zero: 0" in out


@pytest.mark.parametrize("zero", ["-99", "-inf", "-1e308"])
def test_zero_probabilities_are_counted_apart(wood, capsys, zero):
    arpa = KALDI.replace("-0.6990 jean", f"{zero} jean")
    ours = mixed(capsys, *arguments(wood, arpa, "c.txt"))["interpolated"]
    assert ours["ngram"] is None
    nats = (0.3064 + 0.6990) + 0.5563
    assert ours["ngram_without_unknown"] == pytest.approx(10 ** (nats / 2))
    assert (ours["unknown"], ours["zero_probabilities"]) == (0, 1)


def test_nothing_may_be_left(wood, capsys):
    (wood / "d.txt").write_text("zzz zzz", encoding="utf-8")
    config = ["--config", "c.yaml", "--set", "corpus.end_of_line=null", "--overwrite"]
    assert run(["train", *config]) == 0
    args = arguments(wood, CLOSED, "d.txt")
    ours = mixed(capsys, *args)["interpolated"]
    assert ours["ngram"] is ours["ngram_without_unknown"] is ours["mix_without_unknown"] is None
    assert run(args) == 0
    assert "without unknown no token left" in capsys.readouterr().out


def test_a_probability_above_1_is_refused_with_the_line_of_its_weight(wood, capsys):
    args = arguments(wood, KALDI.replace("wood -0.2553", "wood 99"), "c.txt")
    capsys.readouterr()
    assert run(args) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "k.arpa: line 9: the back-off weight of 'wood' gives 'jean' a probability above 1" in err
