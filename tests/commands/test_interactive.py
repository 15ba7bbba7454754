"""``rnnlm interactive``: lines from a pipe, and from a terminal."""

import io
import os
import sys
from dataclasses import fields

import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.interactive import session as session_module
from rnnlm_cli.commands.interactive import terminal as terminal_module
from rnnlm_cli.commands.interactive.answers import NAMES, answer
from rnnlm_cli.commands.interactive.completion import offered
from rnnlm_cli.commands.interactive.lines import parsed
from rnnlm_cli.commands.interactive.session import Session
from rnnlm_cli.commands.interactive.settings import OPTIONS, in_columns, with_settings
from rnnlm_cli.commands.main import run
from rnnlm_cli.errors import UsageError
from rnnlm_cli.generate.filters import Filters

MODEL = ["--checkpoint", "checkpoints/hello.pkl"]


@pytest.fixture
def session(hello_folder):
    return Session(checkpoint.load(hello_folder / "checkpoints/hello.pkl").model, with_settings())


@pytest.fixture
def said(session, capsys):
    """Answer lines; return what is printed, and the notes."""

    def say(*lines):
        capsys.readouterr()
        for line in lines:
            assert answer(session, line)
        return capsys.readouterr()

    return say


def test_a_conversation_through_a_pipe(hello, capsys, monkeypatch):
    lines = ["", "/seed 1", "/len 7", "you", "/nonsense", "shout", "/temp 0", "", "/exit 3", "help"]
    content = "\n".join([*lines, "/no-repeat 1", "/length 20", "you", "quit", "you"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    capsys.readouterr()
    assert run(["interactive", *MODEL]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "you say goodbye and i say hello."
    assert out.count("you say") == 1
    assert "there is no text to go on with; type a start, or /begin" in err
    assert "Error: /nonsense: not a setting or a command; /help lists them" in err
    assert "Error: the start: 'shout' is not in the model's vocabulary" in err
    assert "; use /allow-unknown to read it as <unk>" in err
    assert "Error: /exit 3: has no value; omit it" in err
    assert "Error: /no-repeat-ngram 1: with 9 tokens to draw from" in err
    assert err.count("(seed 1)") == 2
    assert all(f"\n/{name}" in err for name in NAMES)
    assert "\x1b" not in out + err
    assert "> " not in out + err


def test_an_empty_line_goes_on_as_if_the_text_had_not_ended(said):
    whole = said("/seed 3", "/temp 2", "/len 12", "you").out
    halves = said("/len 6", "you", "").out
    assert "".join(halves.split()) == "".join(whole.split())


def test_what_may_come_next_is_that_of_the_model(hello, said, session, capsys):
    def after(start):
        assert run(["eval", "next", *MODEL, "--start", start, "--top", "3"]) == 0
        return capsys.readouterr().out

    assert said("/temp 0", "/top 3 you say").out == after("you say")
    assert said("/top 3").out == after("<eos>")
    said("/len 2", "you")
    assert said("/top 3").out == after("you say goodbye")
    assert len(said("/top you").out.splitlines()) == 9  # ten, if the vocabulary had as many
    assert "Error: /top: 0 is not a whole number of at least 1" in said("/top 0").err
    assert session.text.tokens == ["you", "say", "goodbye"]


def test_an_unknown_word_is_allowed_when_asked_for(said):
    assert "use /allow-unknown" in said("shout").err
    assert said("/len 0", "/allow-unknown", "shout").out == "<unk>\n"
    assert "use /allow-unknown" in said("/allow off", "shout").err
    assert "Error: /allow-unknown: 'maybe' is not on or off" in said("/allow maybe").err
    assert "'help' is not in" in said("/start help").err


def test_settings_are_changed_and_checked(session, said):
    said("/temp 0.8", "/top_k 5", "/skip '<unk>' say", "/see 3", "/min-p 0.1")
    changed = {"temperature": 0.8, "top_k": 5, "skip": ("<unk>", "say"), "seed": 3, "min_p": 0.1}
    assert session.settings == {**with_settings(), **changed}
    assert said("/temperature").err == "/temperature 1.0\n"
    assert said("/seed").err == "/seed\n"
    assert session.settings["seed"] is None
    assert said("/skip --x=y").err.endswith("/skip --x=y\n")
    before = session.settings
    for line, message in (
        ("/temperature 1 2", "/temperature 1 2: has one value"),
        ("/temperature hot", "/temperature: 'hot' is not a number from 0 to 1,000,000"),
        ("/temperature nan", "/temperature: 'nan' is not"),
        ("/length -1", "/length: '-1' is not a whole number from 0"),
        ("/", "/: not a setting or a command; /help lists them"),
        ("//", "//: not a setting or a command; /help lists them"),
        ("/temprature 1", "/temprature: not a setting or a command; did you mean /temperature?"),
        ("/top- 1", "/top-: may be /top-k or /top-p; type more letters"),
        ("/skip 'a", "/skip 'a: a quotation mark is not closed"),
        ("/skip you say goodbye and i hello . <eos> <unk>", "/skip: forbids the whole"),
    ):
        assert said(line).err.startswith(f"Error: {message}"), line
    assert session.settings == before


def test_the_help_has_every_setting_and_its_value(said, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    lines = said("/skip '<unk>'", "/settings").err.splitlines()
    assert max(map(len, lines)) <= 50
    assert "/skip '<unk>'           Never draw this token." in lines
    assert [line.split()[0][1:] for line in lines[1:] if line.startswith("/")] == list(OPTIONS)
    filters = [field.name.replace("_", "-") for field in fields(Filters)]
    assert list(OPTIONS)[-len(filters) :] == filters  # the order in which they are applied
    assert said("/help temp").err.startswith("/temperature 1.0        Below 1 safer")
    assert in_columns([("/skip 안녕 나는", "Never."), ("/x" * 12, "Long.")], 80) == (
        f"/skip 안녕 나는         Never.\n{'/x' * 12}\n{' ' * 24}Long."
    )


def test_a_megabyte_of_a_word_is_one_short_line(said):
    word = "w" * 10**6
    lines = said(word, f"/{word}", f"/skip {word}", f"/top {word}").err.splitlines()
    assert len(lines) == 4
    assert all("www...www" in line and len(line) < 200 for line in lines)


def test_names_are_found_by_any_white_space():
    assert parsed(" /top\t3 you ", NAMES) == ("top", "3 you")
    with pytest.raises(UsageError, match=r"^/s: may be /start, /settings, /sentences, /seed or "):
        parsed("/s", NAMES)


def test_ctrl_c_at_the_prompt_begins_another_line(capsys, monkeypatch):
    answers = iter(["you", KeyboardInterrupt, "say", EOFError])

    def ask():
        answer = next(answers)
        if isinstance(answer, str):
            return answer
        raise answer

    monkeypatch.setattr(terminal_module, "ask", ask)
    monkeypatch.setattr(terminal_module, "edit_lines", lambda offers: None)
    assert list(terminal_module.typed(list)) == ["you", "say"]
    assert capsys.readouterr().err.endswith("the rest\n\n\n")


def test_the_prompt_is_not_among_the_results(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("you\n"))
    assert terminal_module.ask() == "you\n"
    with pytest.raises(EOFError):
        terminal_module.ask()
    assert capsys.readouterr() == ("", "> > ")


def test_ctrl_c_ends_a_program_that_reads_a_pipe(hello, capsys, monkeypatch):
    def interrupted(pieces):
        raise KeyboardInterrupt

    monkeypatch.setattr(session_module, "stream", interrupted)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"you\nyou\n")))
    assert run(["interactive", *MODEL]) == 130


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("you s", ["say "]),
        ("you say ", ["goodbye", "hello", "say", "i", "and", "you", "."]),
        ("q", []),
        ("/te", ["/temperature "]),
        ("/allow-unknown o", ["on", "off"]),
        ("/temp ", []),
        ("/skip you <", ["<eos>", "<unk>"]),
        ("/start you s", ["say "]),
        ("/top 3 you s", ["say "]),
        ("/help te", ["temperature "]),
        ("/s ", []),
    ],
)
def test_tab_offers_names_values_and_words(session, line, words):
    assert sorted(offered(session, line)) == sorted(words)


def test_a_terminal_completes_stops_and_leaves(hello, terminals):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "dumb"}
    program = [sys.executable, "-m", "rnnlm_cli", "interactive", *MODEL]
    terminal = terminals(program, environment)
    shown = terminal.read_until("> ")
    terminal.type("/len\t1000000\r")
    shown += terminal.read_until("/length 1000000\r\n> ")
    terminal.type("you s\t\r")
    shown += terminal.read_until("you say \r\nyou say ")
    terminal.read_until("hello.")
    terminal.type("\x03")  # Ctrl-C
    shown += terminal.read_until("(seed ")
    shown += terminal.read_until("> ")
    terminal.type("/len 3\r")
    shown += terminal.read_until("/length 3\r\n> ")
    terminal.type("\x1b[A\x1b[A\x1b[A\x15/seed 5\r")  # the up arrow; then the line is deleted
    shown += terminal.read_until("/seed 5\r\n> ")
    terminal.type("you \t\t")
    shown += terminal.read_until("goodbye  ")
    terminal.type("\x15\x04")  # Ctrl-D
    assert terminal.wait() == 0
    assert "\x1b" not in shown
