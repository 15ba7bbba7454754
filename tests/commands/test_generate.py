"""Generation, as a user calls it."""

import io
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from rnnlm_cli.commands.main import run

MODEL = ["--checkpoint", "checkpoints/hello.pkl"]


def output(capsys, *args):
    capsys.readouterr()
    assert run(list(args)) == 0
    return capsys.readouterr().out


def objects(capsys, *args):
    return [json.loads(line) for line in output(capsys, *args, "--json").splitlines()]


def test_a_text_ends_where_it_is_told_to(hello, capsys):
    args = ["generate", "--start", "you", *MODEL, "--seed", "1", "--temperature", "0"]
    (found,) = objects(capsys, *args, "--stop", "i", "--stop", "never")
    assert found["tokens"] == ["you", "say", "goodbye", "and", "i"]
    assert len(found["logprobs"]) == 4
    (found,) = objects(capsys, *args, "--until-sentences", "1")
    assert found["tokens"][-1] == "<eos>"
    assert found["tokens"].count("<eos>") == 1
    assert output(capsys, *args, "--stop", "i") == "you say goodbye and i\n"


def test_every_sample_is_what_it_is_alone_though_they_end_at_different_times(hello, capsys):
    args = ["generate", "--start", "hello", *MODEL, "--temperature", "2", "--until-sentences", "1"]
    many = objects(capsys, *args, "--samples", "6", "--seed", "3")
    assert len({len(one["tokens"]) for one in many}) > 1
    for k, text in enumerate(many):
        (alone,) = objects(capsys, *args, "--seed", str(3 + k))
        assert alone["tokens"] == text["tokens"]
        assert alone["seed"] == text["seed"] == 3 + k
        assert alone["logprobs"] == pytest.approx(text["logprobs"], abs=1e-4)


def test_options_reach_the_filters(hello, capsys):
    args = ["generate", "--start", "you", *MODEL, "--seed", "1", "--length", "30"]
    greedy = output(capsys, *args, "--temperature", "0")
    assert output(capsys, *args, "--top-k", "1") == greedy
    assert output(capsys, *args, "--top-p", "0.01") == greedy
    assert output(capsys, *args, "--min-p", "1") == greedy
    hot = ["--temperature", "3", "--no-repeat-ngram", "2"]
    (found,) = objects(capsys, *args, *hot)
    pairs = list(zip(found["tokens"], found["tokens"][1:], strict=False))
    assert len(set(pairs)) == len(pairs)
    assert output(capsys, *args, "--repetition-penalty", "1000", "--temperature", "0") != greedy


def test_a_beam_finds_what_is_likeliest(hello, capsys):
    args = ["generate", "--start", "you", *MODEL, "--length", "7"]
    found = objects(capsys, *args, "--beam", "4", "--samples", "3")
    assert found[0]["text"] == "you say goodbye and i say hello."
    means = [sum(one["logprobs"]) for one in found]
    assert means == sorted(means, reverse=True)
    assert all(one["seed"] is None for one in found)


def test_a_start_from_a_file(hello, capsys, monkeypatch):
    (hello / "start.txt").write_text("you say hello .\nyou say\n", encoding="utf-8")
    args = ["--length", "2", "--temperature", "0", "--seed", "1", *MODEL]
    (found,) = objects(capsys, "generate", "--start-file", "start.txt", *args)
    assert found["tokens"][:7] == ["you", "say", "hello", ".", "<eos>", "you", "say"]
    assert len(found["tokens"]) == 9
    stdin = SimpleNamespace(buffer=io.BytesIO(b"you say"), isatty=lambda: False)
    monkeypatch.setattr(sys, "stdin", stdin)
    assert output(capsys, "generate", "--start-file", "-", *args).startswith("you say goodbye")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--start", ""], "--start: must not be empty"),
        (["--start", "you", "--start-file", "a"], "--start and --start-file exclude each other"),
        (["--start", "you", "--length-penalty", "1"], "--length-penalty needs --beam"),
        (["--start", "\u0301"], r"'\u0301' is not in"),
        (["--start", "w" * 10**6], "www...www"),
        (["--no-repeat-ngram", "1", "--length", "11"], "must repeat; use a length of at most 9"),
        (
            ["--start", "you say", "--skip", "i", "--no-repeat-ngram", "1", "--length", "8"],
            "--no-repeat-ngram 1: with 8 tokens to draw from, a text of length 8 must repeat; "
            "use a length of at most 6",
        ),
        (["--start", "you", "--beam", "2", "--samples", "3"], "--beam 2 finds at most 2"),
        (
            ["--start", "you", "--beam", "2", "--top-k", "3"],
            "--beam and --top-k exclude each other (a beam search draws",
        ),
        (["--start", "you", "--top-p", "0"], "is not a number above 0"),
        (["--start-file", "none.txt"], "none.txt: No such file"),
    ],
)
def test_bad_options(hello, capsys, options, message):
    assert run(["generate", *MODEL, *options]) == 2
    assert message in capsys.readouterr().err


def test_fill_with_a_model_that_reads_from_the_left(hello, capsys):
    line = "you ___ goodbye and i ___ hello ."
    rows = output(capsys, "fill", line, *MODEL, "--top", "3").splitlines()
    assert len(rows) == 3
    assert rows[0].split(maxsplit=1)[1] == "you say goodbye and i say hello."
    (found,) = objects(capsys, "fill", line, *MODEL)
    assert found["text"] == "you say goodbye and i say hello."
    assert found["logprob"] == found["lines"][0]["logprob"]


def pipe(monkeypatch, content):
    """Let standard input be these bytes, in whatever encoding Python thinks it is."""
    stdin = io.TextIOWrapper(io.BytesIO(content), encoding="ascii")
    monkeypatch.setattr(sys, "stdin", stdin)


def test_a_pipe_is_utf8_whatever_the_locale_and_may_begin_with_a_mark(hello, capsys, monkeypatch):
    (hello / "text.txt").write_text("안녕 you\n" * 50, encoding="utf-8")
    sets = ["corpus.train=text.txt", "checkpoint.path=ko.pkl", "training.epochs=1"]
    sets = [arg for s in sets for arg in ("--set", s)]
    assert run(["train", "--config", "configs/hello.yaml", *sets]) == 0
    pipe(monkeypatch, "\ufeff안녕\n/begin\n".encode())
    capsys.readouterr()
    assert run(["interactive", "--checkpoint", "ko.pkl"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("안녕")
    assert "Error" not in err
    pipe(monkeypatch, b"you\n\xb5\n")
    assert run(["interactive", "--checkpoint", "ko.pkl"]) == 1
    assert "standard input: line 2, byte 1 (0xb5): not UTF-8" in capsys.readouterr().err


def test_a_start_in_the_locale_of_c(hello):
    """Where Python takes the bytes of an argument for ASCII with unknown bytes."""
    code = "from rnnlm_cli.__main__ import main; main()"
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for start, said in (
        ("안녕", "'안녕' is not in the model's vocabulary"),
        (b"\xff", "UTF-8"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", code, "generate", *MODEL, "--start", start],
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 2
        assert said in done.stderr.decode("utf-8")


@pytest.fixture
def lower(hello):
    """A model of lower case, that knows "the" and no more than four other words."""
    (hello / "the.txt").write_text("the cat saw the dog\n" * 40, encoding="utf-8")
    sets = ["corpus.train=the.txt", "corpus.lowercase=true", "training.epochs=3"]
    sets = [arg for s in [*sets, "checkpoint.path=low.pkl"] for arg in ("--set", s)]
    assert run(["train", "--config", "configs/hello.yaml", *sets]) == 0
    return ["--checkpoint", "low.pkl"]


def test_tokens_follow_the_models_lower_case(lower, capsys):
    args = ["generate", *lower, "--start", "THE", "--seed", "3", "--length", "40"]
    (found,) = objects(capsys, *args, "--skip", "The", "--skip", "Cat")
    assert {"the", "cat"}.isdisjoint(found["tokens"][1:])
    assert "not in the vocabulary" not in capsys.readouterr().err
    (found,) = objects(capsys, *args, "--stop", "DOG")
    assert found["tokens"].index("dog") == len(found["tokens"]) - 1
    (found,) = objects(capsys, "fill", "THE ___ Saw", *lower, "--skip", "CAT")
    assert found["tokens"][0] == "the"
    assert found["tokens"][2] == "saw"
    assert all(line["tokens"][1] != "cat" for line in found["lines"])


def test_without_a_start_the_text_begins_as_a_line_does(lower, capsys):
    args = ["generate", *lower, "--seed", "3", "--length", "9"]
    (found,) = objects(capsys, *args)
    (after,) = objects(capsys, *args, "--start", "<eos>")
    assert ["<eos>", *found["tokens"]] == after["tokens"]
    assert found["logprobs"] == after["logprobs"]
    assert len(found["tokens"]) == 9
    assert after["text"] == "\n" + found["text"]
    assert output(capsys, *args) == found["text"] + "\n"
    (beam,) = objects(capsys, "generate", *lower, "--beam", "3", "--length", "4")
    assert len(beam["tokens"]) == 4
    (once,) = objects(capsys, *args[:-1], "6", "--no-repeat-ngram", "1")
    assert sorted(once["tokens"]) == ["<eos>", "<unk>", "cat", "dog", "saw", "the"]
    from rnnlm_cli import load

    assert load("low.pkl").generate(length=9, seed=3) == found["text"]


def test_a_conversation_may_begin_a_line(lower, capsys, monkeypatch):
    text = output(capsys, "generate", *lower, "--seed", "3", "--length", "9")
    pipe(monkeypatch, b"/seed 3\n/length 9\n/begin\n")
    assert output(capsys, "interactive", *lower) == text


@pytest.mark.parametrize("unit", ["word", "char"])
def test_where_no_line_ends_a_start_is_asked_for(hello, capsys, monkeypatch, unit):
    (hello / "flat.txt").write_text("you say goodbye " * 40, encoding="utf-8")
    sets = ["corpus.train=flat.txt", f"corpus.unit={unit}", "corpus.end_of_line=null"]
    sets = [a for s in [*sets, "checkpoint.path=f.pkl", "training.epochs=1"] for a in ("--set", s)]
    assert run(["train", "--config", "configs/hello.yaml", *sets]) == 0
    capsys.readouterr()
    assert run(["generate", "--checkpoint", "f.pkl"]) == 2
    said = "the model has no end-of-line token, so a text cannot begin after one; give"
    assert f"Error: {said} --start\n" == capsys.readouterr().err
    pipe(monkeypatch, b"/begin\n")
    assert run(["interactive", "--checkpoint", "f.pkl"]) == 0
    assert f"{said} the start" in capsys.readouterr().err


def test_characters_begin_after_a_newline(hello, capsys):
    (hello / "lines.txt").write_text("ab\n" * 90, encoding="utf-8")
    sets = ["corpus.train=lines.txt", "corpus.unit=char", "checkpoint.path=c.pkl"]
    sets = [arg for s in [*sets, "training.epochs=30"] for arg in ("--set", s)]
    assert run(["train", "--config", "configs/hello.yaml", *sets]) == 0
    args = ["--checkpoint", "c.pkl", "--length", "6", "--temperature", "0", "--seed", "1"]
    assert output(capsys, "generate", *args) == "ab\nab\n\n"
    line = ["fill", "--checkpoint", "c.pkl", "--top", "1"]
    assert output(capsys, *line, "a___").split()[1] == "ab"
    assert run([*line, "a___"]) == 0
    assert "each ___ is one character; with --blank _ each _ is one" in capsys.readouterr().err
    assert run([*line, "a___ b_"]) == 2
    assert "'_' is shorter than the blank '___'; use --blank _" in capsys.readouterr().err
    assert output(capsys, *line, "__", "--blank", "_").split()[1] == "ab"
