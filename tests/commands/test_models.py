"""Evaluating, generating and showing, as a user calls them."""

import io
import json
import math
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from rnnlm_cli.commands.main import run

MODEL = ["--checkpoint", "checkpoints/hello.pkl"]


def json_of(capsys, args):
    assert run(args) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_perplexity_as_json_has_the_agreed_keys(hello, capsys):
    (values,) = json_of(capsys, ["eval", "perplexity", *MODEL, "--json"])
    assert list(values) == [
        "perplexity",
        "nats_per_token",
        "bits_per_token",
        "bits_per_character",
        "bits_per_byte",
        "tokens",
        "oov",
        "oov_rate",
        "unknown",
        "perplexity_without_unknown",
        "corpus",
        "checkpoint",
        "warnings",
        "seconds",
    ]
    assert values["tokens"] == 8
    assert values["warnings"] == []
    assert values["perplexity"] == pytest.approx(math.exp(values["nats_per_token"]))
    assert values["perplexity"] < 1.05
    assert values["corpus"].endswith("hello.txt")


def test_perplexity_as_a_table(hello, capsys):
    assert run(["eval", "perplexity", *MODEL]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["perplexity", "1.00"]
    assert any(line.split() == ["tokens", "predicted", "8"] for line in lines)


def test_a_text_from_standard_input(hello, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"you say xyz\n")))
    (values,) = json_of(capsys, ["eval", "perplexity", *MODEL, "--corpus", "-", "--json"])
    assert (values["tokens"], values["oov"], values["unknown"]) == (3, 1, 1)
    assert values["corpus"] == "standard input"


def test_the_newest_model_is_taken_and_named(hello, capsys):
    newer = Path("checkpoints/newer.pkl")
    newer.write_bytes(Path("checkpoints/hello.pkl").read_bytes())
    os.utime(newer, ns=(2**60 * 2, 2**60 * 2))
    for name in ("other.last.pkl", "other.rollback.pkl", ".pkl"):
        Path(f"checkpoints/{name}").write_bytes(b"")
    Path("checkpoints/folder.pkl").mkdir()
    assert run(["eval", "perplexity"]) == 0
    assert "using checkpoints/newer.pkl" in capsys.readouterr().err


def test_a_config_names_model_and_corpora(hello, capsys):
    Path("corpora/other.txt").write_text("you say hello .\n", encoding="utf-8")
    text = (
        Path("configs/hello.yaml").read_text(encoding="utf-8").replace("hello.txt  ", "other.txt  ")
    )
    Path("configs/other.yaml").write_text(text, encoding="utf-8")
    (values,) = json_of(capsys, ["eval", "perplexity", "--config", "configs/other.yaml", "--json"])
    assert values["corpus"] == "configs/../corpora/other.txt" or values["corpus"] == (
        "corpora/other.txt"
    )
    assert values["tokens"] == 4
    assert run(["generate", "--config", "configs/other.yaml", "--start", "you"]) == 0


READERS = [
    ["eval", "perplexity"],
    ["eval", "words"],
    ["eval", "sentences"],
    ["eval", "next", "--start", "you"],
    ["generate", "--start", "you", "--seed", "1"],
    ["fill", "you ___ hello"],
]


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_a_config_that_describes_another_model_is_told(hello, capsys, command):
    text = Path("configs/hello.yaml").read_text()
    other = text.replace("hidden_size: 16", "hidden_size: 24").replace("cell: lstm", "cell: gru")
    Path("configs/other.yaml").write_text(other, encoding="utf-8")
    assert run([*command, "--config", "configs/hello.yaml"]) == 0
    out, err = capsys.readouterr()
    assert "another model" not in err
    assert run([*command, "--config", "configs/other.yaml"]) == 0
    found = capsys.readouterr()
    if command[0] == "generate":  # the others print the clock, or names
        assert found.out == out
    (line,) = [line for line in found.err.splitlines() if "another model" in line]
    assert line == (
        "configs/other.yaml: describes another model than checkpoints/hello.pkl, which is used as "
        "it is: model.cell is gru here and lstm there; model.hidden_size is 24 here and 16 there"
    )


def test_a_split_that_is_not_there(hello, capsys):
    assert run(["eval", "perplexity", *MODEL, "--split", "valid"]) == 2
    assert "has no corpus.valid; it has train" in capsys.readouterr().err


def test_generation_goes_on_from_the_start(hello, capsys):
    args = ["generate", *MODEL, "--start", "you say", "--temperature", "0", "--length", "7"]
    assert run([*args, "--seed", "1"]) == 0
    assert capsys.readouterr().out == "you say goodbye and i say hello.\n\n"


def test_generation_as_json(hello, capsys):
    args = ["generate", *MODEL, "--start", "you", "--length", "5", "--json"]
    texts = json_of(capsys, [*args, "--samples", "3", "--seed", "7"])
    assert [text["seed"] for text in texts] == [7, 8, 9]
    for text in texts:
        assert list(text) == ["text", "tokens", "logprobs", "seed"]
        assert text["tokens"][0] == "you"
        assert text["text"].startswith("you")
        assert (len(text["tokens"]), len(text["logprobs"])) == (6, 5)
        assert all(p <= 0 for p in text["logprobs"])
    (alone,) = json_of(capsys, [*args, "--seed", "8"])
    assert alone["tokens"] == texts[1]["tokens"]


def test_without_a_seed_one_is_told(hello, capsys):
    assert run(["generate", *MODEL, "--start", "you", "--samples", "2"]) == 0
    out, err = capsys.readouterr()
    assert err.startswith("seed ")
    assert run(["generate", *MODEL, "--start", "you", "--samples", "2", "--seed", err[5:]]) == 0
    assert capsys.readouterr().out == out


def test_skipped_tokens_are_never_drawn(hello, capsys):
    args = ["generate", *MODEL, "--start", "you", "--length", "200", "--seed", "1", "--json"]
    args += ["--temperature", "5"]
    (free,) = json_of(capsys, args)
    assert "say" in free["tokens"]
    (skipping,) = json_of(capsys, [*args, "--skip", "say", "--skip", "<unk>"])
    assert not {"say", "<unk>"} & set(skipping["tokens"])
    assert run([*args, "--skip", "no-such-word"]) == 0
    assert "--skip no-such-word: not in the vocabulary" in capsys.readouterr().err
    everything = [
        w for t in "you say goodbye and i hello . <eos> <unk>".split() for w in ("--skip", t)
    ]
    assert run([*args, *everything]) == 2


def test_an_unknown_start(hello, capsys):
    assert run(["generate", *MODEL, "--start", "helo"]) == 2
    assert "near ones are hello" in capsys.readouterr().err
    assert run(["generate", *MODEL, "--start", "helo", "--allow-unknown"]) == 0


def test_show_tells_what_a_checkpoint_holds(hello, capsys):
    assert run(["show", "checkpoints/hello.pkl"]) == 0
    out = capsys.readouterr().out
    for part in ("2,409", "layer0.weight_hh", "16 x 64", "(180 more)", "epoch 200", "cell: lstm"):
        assert part in out
    (values,) = json_of(capsys, ["show", "checkpoints/hello.last.pkl", "--json"])
    assert values["steps"] == 200
    assert values["vocabulary"]["size"] == 9


@pytest.mark.parametrize("damage", [b"", b"hello", b"\x80\x04N."])
def test_what_is_no_checkpoint_is_refused(hello, capsys, damage):
    Path("bad.pkl").write_bytes(damage)
    for args in (["show", "bad.pkl"], ["generate", "--checkpoint", "bad.pkl", "--start", "you"]):
        assert run(args) == 1
        assert "bad.pkl: not a checkpoint of rnnlm" in capsys.readouterr().err
