"""Generation, as a user calls it."""

import io
import json
import sys
from types import SimpleNamespace

import pytest

from rnnlm_cli.commands.interactive import change, with_settings
from rnnlm_cli.commands.main import run
from rnnlm_cli.errors import UsageError

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
        ([], "Missing option '--start'"),
        (["--start", "you", "--start-file", "a"], "give one of them"),
        (["--start", "you", "--beam", "2", "--samples", "3"], "--beam 2 finds no more than 2"),
        (["--start", "you", "--beam", "2", "--top-k", "3"], "--top-k: --beam draws nothing"),
        (["--start", "you", "--top-p", "0"], "not in the range"),
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


def test_a_conversation(hello, capsys, monkeypatch):
    lines = ["/seed 1", "/length 7", "you", "/nonsense", "shout", "", "/temperature 0", "you say"]
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join([*lines, "/quit", "you"])))
    capsys.readouterr()
    assert run(["interactive", *MODEL]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "you say goodbye and i say hello."
    assert len([line for line in out.splitlines() if line.startswith("you say")]) == 2
    assert "Error: /nonsense: is no setting" in err
    assert "Error: the start: 'shout' is not in the model's vocabulary" in err
    assert "(seed 1)" in err


def test_settings_are_shown_as_they_are_typed(capsys):
    change(change(with_settings(), "/skip '<unk>' a"), "/settings")
    shown = capsys.readouterr().err.splitlines()
    assert "/skip '<unk>' a" in shown
    assert "/length 100" in shown
    assert "/seed" in shown


def test_settings_are_changed_and_checked():
    settings = with_settings()
    for line in ("/temperature 0.8", "/top-k 5", "/skip '<unk>' a", "/seed 3", "/min-p 0.1"):
        settings = change(settings, line)
    changed = {"temperature": 0.8, "top_k": 5, "skip": ("<unk>", "a"), "seed": 3, "min_p": 0.1}
    assert settings == {**with_settings(), **changed}
    assert change(settings, "/seed")["seed"] is None
    assert change(settings, "/temperature")["temperature"] == 1
    assert change(settings, "/skip --x=y")["skip"] == ("--x=y",)
    assert change(settings, "/quit") is None
    for line in (
        "/temperature 1 2",
        "/temperature hot",
        "/length -1",
        "/temperature nan",
        "/top-p 2",
        "/",
        "/skip '",
    ):
        with pytest.raises(UsageError, match=r"^/"):
            change(settings, line)


def test_ctrl_c_stops_the_text_and_ctrl_d_leaves(hello, capsys, monkeypatch):
    from rnnlm_cli.commands import interactive

    answers = iter(["you", KeyboardInterrupt, EOFError])

    def ask(prompt):
        answer = next(answers)
        if isinstance(answer, str):
            return answer
        raise answer

    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", ask)
    monkeypatch.setattr(interactive, "stream", interrupted)
    assert run(["interactive", *MODEL]) == 0
    assert next(answers, None) is None
