"""Evaluating, generating and showing, as a user calls them."""

import gzip
import io
import json
import math
import os
import re
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec import structs

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run
from rnnlm_cli.data import named
from rnnlm_cli.evaluate import lines
from rnnlm_cli.text.sources import compression

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
        "perplexity_per_word",
        "tokens",
        "oov",
        "oov_rate",
        "unknown",
        "perplexity_without_unknown",
        "corpus",
        "checkpoint",
        "lines",
        "warnings",
        "seconds",
    ]
    assert values["tokens"] == 8
    assert values["perplexity_per_word"] == pytest.approx(values["perplexity"])
    assert [line[:39] for line in values["warnings"]] == ["the model was trained on this text, so "]
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


READERS = [
    ["eval", "perplexity", *MODEL],
    ["eval", "words", *MODEL],
    ["eval", "sentences", *MODEL],
    ["eval", "compare", MODEL[1], MODEL[1]],
    ["eval", "tune", "dynamic", *MODEL, "--rate", "0.1", "--decay", "0", "--split", "train"],
]
"""Every command that reads a text which the checkpoint may name."""


def with_text(path, name="checkpoints/hello.pkl"):
    """Make the checkpoint name another text, as a stranger's might."""
    saved = checkpoint.load(name).model
    corpus = structs.replace(saved.config.corpus, train=str(path), valid=None, test=None)
    saved.config = structs.replace(saved.config, corpus=corpus)
    checkpoint.save(name, saved)


@pytest.mark.parametrize("command", READERS, ids=lambda command: " ".join(command[:2]))
def test_a_text_that_a_checkpoint_names_is_told_before_it_is_read(hello, capsys, command):
    with_text("corpora/none.txt")
    assert run(command) == 2
    error = capsys.readouterr().err
    assert error.count("reading corpora/none.txt, named by checkpoints/hello.pkl") == 1
    assert error.index("reading corpora/none.txt") < error.index("No such file")
    with_text("corpora/hello.txt")
    assert run([*command, "--split", "train"]) == 0
    assert capsys.readouterr().err.count("reading corpora/hello.txt, named by") == 1


@pytest.mark.parametrize("command", READERS, ids=lambda command: " ".join(command[:2]))
@pytest.mark.parametrize("kind", ["standard input", "pipe", "device"])
def test_a_checkpoint_names_no_pipe_and_no_device(hello, capsys, monkeypatch, command, kind):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"you say hello\n" * 9)))
    path = {"standard input": "-", "device": "/dev/zero"}.get(kind, "pipe")
    if kind == "pipe":
        os.mkfifo(path)  # nobody writes to it: opening it would wait for ever
    with_text(path)
    assert run(command) == 2
    error = capsys.readouterr().err
    assert f"checkpoints/hello.pkl: names '{path}' as corpus.train, which is " in error
    assert "with --corpus, or a config with --config" in error
    assert "reading" not in error
    assert sys.stdin.buffer.tell() == 0


def test_a_directory_that_a_checkpoint_names_is_told_and_not_too_large(hello, capsys, monkeypatch):
    for name in ("corpora", "corp*/*"):
        with_text(name)
        assert run(READERS[0]) == 0
        out, err = capsys.readouterr()
        assert f"reading {name}, named by checkpoints/hello.pkl\n" in err
        assert "(1 file)" in out
    monkeypatch.setattr(named, "MOST_NAMES", 1)
    for name in ("..", "**/none"):
        with_text(name)
        assert run(READERS[0]) == 2
        error = capsys.readouterr().err
        assert f"names '{name}' as corpus.train, which has more than 1 files and dir" in error
        assert "reading" not in error


@pytest.mark.parametrize("command", READERS, ids=lambda command: " ".join(command[:2]))
def test_a_user_names_a_directory_or_a_field_of_records(hello, capsys, command):
    text = Path("corpora/hello.txt").read_text(encoding="utf-8").strip()
    Path("corpora/more.jsonl").write_text(
        f"{json.dumps({'text': 'hello', 'body': text})}\n", encoding="utf-8"
    )
    command = [arg for arg in command if arg not in ("--split", "train")]
    found = []
    for corpus in (["corpora/hello.txt"], ["corpora/more.jsonl", "--field", "body"], ["corpora"]):
        assert run([*command, "--corpus", *corpus, "--json"]) == 0
        found.append(capsys.readouterr().out.replace(corpus[0], ""))
    one, field, directory = (re.sub(r"0\.\d+}|\"warnings\": \[.*?\]", "", out) for out in found)
    assert one.partition('"corpus"')[0] == field.partition('"corpus"')[0]
    assert directory != one
    assert run([*command, "--corpus", "corpora/more.jsonl", "--field", "none"]) == 1
    assert "its fields are text, body; name one (corpus.field in a config, --field " in (
        capsys.readouterr().err
    )


def test_an_older_model_reads_records_as_lines_and_says_so(hello, capsys):
    saved = checkpoint.load(MODEL[1]).model
    corpus = structs.replace(saved.config.corpus, field=None)
    saved.config = structs.replace(saved.config, corpus=corpus)
    checkpoint.save(MODEL[1], saved)
    Path("a.jsonl").write_text('{"text": "you say"}\n', encoding="utf-8")
    for args, note in (([], "give --field NAME to read its records\n"), (["--field", "text"], "")):
        assert run([*READERS[2], "--corpus", "a.jsonl", *args, "--json"]) == 0
        out, err = capsys.readouterr()
        assert err.endswith(note)
        assert ('{"text"' in json.loads(out)["text"]) == bool(note)


def test_a_user_names_a_pipe_or_standard_input(hello, capsys, monkeypatch):
    text = b"you say hello .\n"
    for command in (READERS[0], READERS[1], READERS[2]):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
        assert run([*command, "--corpus", "-"]) == 0
        os.mkfifo("pipe")
        writer = threading.Thread(target=Path("pipe").write_bytes, args=(text,), daemon=True)
        writer.start()
        assert run([*command, "--corpus", "pipe"]) == 0
        writer.join(10)
        os.remove("pipe")
        assert "named by" not in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    config = ["--config", "configs/stdin.yaml"]
    Path(config[1]).write_text(
        Path("configs/hello.yaml")
        .read_text(encoding="utf-8")
        .replace("../corpora/hello.txt", "'-'")
        .replace("corpora/hello.txt", "-"),
        encoding="utf-8",
    )
    assert run(["eval", "perplexity", *config]) == 0
    assert "standard input" in capsys.readouterr().out


def test_a_checkpoint_lifts_no_limit_for_the_text_that_it_names(hello, capsys, monkeypatch):
    monkeypatch.setattr(compression, "ALWAYS_ALLOWED", 1000)
    Path("bomb.txt.gz").write_bytes(gzip.compress(b"you say hello .\n" * 9000))
    with_text("bomb.txt.gz")
    saved = checkpoint.load(MODEL[1]).model
    corpus = structs.replace(saved.config.corpus, max_expansion=1e9)
    saved.config = structs.replace(saved.config, corpus=corpus)
    checkpoint.save(MODEL[1], saved)
    assert run(["eval", "words", *MODEL]) == 1
    assert "expands to more than 100 times" in capsys.readouterr().err
    assert run(["eval", "words", *MODEL, "--corpus", "bomb.txt.gz"]) == 0


def test_a_path_of_a_megabyte_in_a_checkpoint_is_refused_at_once(hello, capsys):
    """It took minutes to find out what its parts are."""
    for path in ("a/" * 500_000, "a/../" * 200_000):
        saved = checkpoint.load(MODEL[1]).model
        corpus = structs.replace(saved.config.corpus, train=["b.txt", f"/{path}"])
        saved.config = structs.replace(saved.config, corpus=corpus)
        checkpoint.save("long.pkl", saved)
        assert run(["show", "long.pkl"]) == 1
        (error,) = capsys.readouterr().err.splitlines()
        assert error.startswith("Error: long.pkl: ")
        assert "length <= 4096 - at `$.corpus.train[1]`" in error


def test_a_line_is_scored_whole_and_so_has_a_longest(hello, capsys, monkeypatch):
    monkeypatch.setattr(lines, "LONGEST", 30)
    Path("long.txt").write_text("you say .\n" + "you say " * 9, encoding="utf-8")
    for command in ("words", "sentences"):
        assert run(["eval", command, *MODEL, "--corpus", "long.txt"]) == 1
        assert "long.txt: line 2: is longer than 30 characters" in capsys.readouterr().err


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
    bounded = text.replace("corpus:\n", "corpus:\n  max_expansion: 9\n")
    assert bounded != text
    Path("configs/bounded.yaml").write_text(bounded, encoding="utf-8")
    assert run([*command, "--config", "configs/bounded.yaml"]) == 0
    out, err = capsys.readouterr()
    assert "another model" not in err
    assert run([*command, "--config", "configs/other.yaml"]) == 0
    found = capsys.readouterr()
    if command[0] == "generate":  # the others print the clock, or names
        assert found.out == out
    (line,) = [line for line in found.err.splitlines() if "another model" in line]
    assert line == (
        "configs/other.yaml: describes another model than checkpoints/hello.pkl, which is used "
        "unchanged: model.cell is gru here and lstm there; "
        "model.hidden_size is 24 here and 16 there"
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
    assert "similar tokens are hello" in capsys.readouterr().err
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
        assert "bad.pkl: not an rnnlm checkpoint" in capsys.readouterr().err
