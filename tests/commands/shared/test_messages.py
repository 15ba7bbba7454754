"""What reaches a terminal, what a pipe, and what happens where there is neither."""

import io
import json
import os
import re
import shlex
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from msgspec import structs

import rnnlm_cli.commands
from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run
from rnnlm_cli.commands.shared.messages import note, print_result
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.errors import printable
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.text.vocabulary import Vocabulary

posix = pytest.mark.skipif(os.name != "posix", reason="terminals as POSIX has them")

OSC, CSI, C1 = "\x1b]0;title\x07", "\x1b[31m", "\x9b31m"
STAYS = "안녕 e\u0301 ｗｉｄｅ\u3000日本 नि \u0646\u200c\u0627 👩\u200d🔬"
"""Hangul, combining and wide characters, a wide space, and joiners where they belong."""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (OSC, r"\x1b]0;title\x07"),
        (CSI, r"\x1b[31m"),
        (C1, r"\x9b31m"),
        ("\x7f\x08\r", r"\x7f\x08\r"),
        ("a\u202eb\u2066", r"a\u202eb\u2066"),  # which reverse what follows
        ("a\u2028b\nc\td", r"a\u2028b\nc\td"),
        ("\U000e0041", r"\U000e0041"),
        (STAYS, STAYS),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(text, shown):
    assert printable(text) == shown
    assert printable("\n\t", "\n\t") == "\n\t"


def test_no_command_prints_by_itself():
    for path in Path(rnnlm_cli.commands.__file__).parent.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if path.name != "messages.py":
            assert not re.search(r"click\.s?echo|\bprint\(|stdout\.write", source), path.name


@pytest.fixture
def hostile(hello):
    """A stranger's checkpoint, in which tokens and the unknown token are terminal sequences."""
    saved = checkpoint.load("checkpoints/hello.pkl").model
    names = {
        "goodbye": OSC,
        "hello": f"{C1}a\nb",
        "say": CSI,
        saved.vocabulary.unknown: "u\x1b[2J\x9b",
    }
    old = saved.vocabulary
    tokens = [names.get(token, token) for token in old.tokens]
    vocabulary = Vocabulary(tokens, old.counts, names[old.unknown])
    corpus = structs.replace(saved.config.corpus, unknown=names[old.unknown])
    config = structs.replace(saved.config, corpus=corpus)
    checkpoint.save(
        "checkpoints/hostile.pkl", TrainedModel(config, codec_of(config), vocabulary, saved.network)
    )
    Path("text.txt").write_text(f"you {CSI} {OSC} and\n", encoding="utf-8")
    Path("list.txt").write_text(f"1 you {CSI} {OSC}\n", encoding="utf-8")
    return "--checkpoint checkpoints/hostile.pkl"


COMMANDS = {
    "generate": "generate --start you --length 12 --temperature 0",
    "samples": "generate --start you --length 12 --samples 2 --seed 1",
    "json": "generate --start you --length 12 --temperature 0 --json",
    "next": "eval next --start you --top 20",
    "sentences": "eval sentences --corpus text.txt",
    "words": "eval words --corpus text.txt",
    "kenlm": "eval words --corpus text.txt --format kenlm",
    "rescore": "eval rescore list.txt",
    "fill": "fill 'you ___ and' --top 9",
    "show": "show checkpoints/hostile.pkl",
    "perplexity": "eval perplexity --corpus text.txt",
}


def line(command, model):
    return f"{shlex.quote(sys.executable)} -m rnnlm_cli {command} " + (
        "" if command.startswith("show") else model
    )


def received(terminal, into):
    """Read what a terminal receives until its other end is closed."""
    while True:
        try:
            data = os.read(terminal, 1 << 16)
        except OSError:  # the other end is closed
            return
        if not data:
            return
        into.append(data)


def on_terminal(work):
    """Do work with one end of a terminal; return its outcome and what the terminal receives."""
    terminal, end = os.openpty()
    parts = []
    reader = threading.Thread(target=received, args=(terminal, parts))
    reader.start()
    try:
        outcome = work(end)
    finally:
        os.close(end)
        reader.join()
        os.close(terminal)
    return outcome, b"".join(parts).decode().replace("\r\n", "\n")


def run_on(end, args, monkeypatch):
    """Run a command with standard output and error at a terminal's end; return the exit code."""
    with (
        open(end, "w", encoding="utf-8", closefd=False) as out,
        open(end, "w", encoding="utf-8", closefd=False, buffering=1) as err,
        monkeypatch.context() as patch,
    ):
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        return run(args)


def arguments(command, model):
    return shlex.split(command) + ([] if command.startswith("show") else model.split())


def assert_escaped(name, shown):
    # a carriage return is our own: of the line's end, or of a progress bar
    assert all(c == "\n" or c == "\t" or c.isprintable() for c in shown.replace("\r", "")), shown
    assert "\x1b]" not in shown
    if name != "perplexity":
        assert re.search(r"\\x1b|\\u001b|\\x9b", shown)


@posix
@pytest.mark.parametrize("name", COMMANDS)
def test_no_stranger_speaks_to_the_terminal(hostile, name, monkeypatch):
    args = arguments(COMMANDS[name], hostile)
    code, shown = on_terminal(lambda end: run_on(end, args, monkeypatch))
    assert code == 0, shown
    assert_escaped(name, shown)


@posix
def test_no_stranger_speaks_to_the_terminal_of_a_process(hostile):
    command = line(COMMANDS["generate"], hostile)

    def work(end):
        return subprocess.run(["sh", "-c", command], stdout=end, stderr=end, stdin=end, check=False)

    done, shown = on_terminal(work)
    assert done.returncode == 0, shown
    assert_escaped("generate", shown)


def assert_every_byte(out):
    assert CSI.encode() in out
    assert OSC.encode() in out or C1.encode() in out
    assert b"\\x1b" not in out


@pytest.mark.parametrize("name", ["generate", "sentences", "rescore"])
def test_a_pipe_gets_every_byte(hostile, name, capfdbinary):
    capfdbinary.readouterr()
    assert run(arguments(COMMANDS[name], hostile)) == 0
    assert_every_byte(capfdbinary.readouterr().out)


@posix
def test_a_pipe_behind_a_process_gets_every_byte(hostile):
    command = line(COMMANDS["rescore"], hostile)
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert_every_byte(done.stdout)


def test_rescoring_gives_back_the_line_it_read(hostile, capsys):
    capsys.readouterr()
    assert run(["eval", "rescore", "list.txt", *hostile.split()]) == 0
    assert capsys.readouterr().out == Path("list.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["next", "words", "fill", "show"])
def test_a_line_end_in_a_token_breaks_no_table(hostile, capsys, name):
    Path("text.txt").write_text("you zebra and\n", encoding="utf-8")
    args = arguments(COMMANDS[name], hostile)
    capsys.readouterr()
    assert run([*args, *(["--allow-unknown"] if name == "fill" else [])]) == 0
    out = capsys.readouterr().out
    assert "\x9b" not in out
    if name == "next":
        rows = out.splitlines()
        assert len(rows) == len(checkpoint.load("checkpoints/hostile.pkl").model.vocabulary)
        assert all(re.match(r" *\d\.\d{4}  +-?\d+\.\d{4}  \S", row) for row in rows)
    if name == "show":
        assert r"unknown ones become 'u\x1b[2J\x9b'" in out


@pytest.mark.parametrize("character", ["\x7f", "\x9b", "\u2028", "\u202e", "\U000e0041"])
def test_json_escapes_what_would_not_show(character):
    line = json_line({"text": f"한{character}"})
    assert line.isprintable()
    assert json.loads(line) == {"text": f"한{character}"}
    assert "한" in line


def test_notes_show_what_they_quote(capsys):
    note(f"wrote {OSC}{STAYS}")
    assert capsys.readouterr().err == "wrote \\x1b]0;title\\x07" + STAYS + "\n"


def test_a_result_may_end_otherwise(capsys):
    print_result(f"{CSI}a", end="")
    print_result("b")
    assert capsys.readouterr().out == f"{CSI}ab\n"


CLOSED = "Error: standard output is closed; redirect it to a terminal, a file or a pipe"


@pytest.mark.parametrize(
    "command",
    [
        "show checkpoints/hello.pkl",
        "eval perplexity --corpus corpora/hello.txt",
        "eval words --corpus corpora/hello.txt",
        "eval sentences --corpus corpora/hello.txt --format json",
        "eval next --start you",
        "eval compare checkpoints/hello.pkl checkpoints/hello.pkl --corpus corpora/hello.txt",
        "eval tune cache --corpus corpora/hello.txt --size 3 --theta 1 --lambda 0.1",
        "eval rescore nbest.txt",
        "generate --start you --length 3",
        "fill 'you ___'",
        "interactive",
        "train --config configs/hello.yaml --overwrite --set training.epochs=1",
        "train --config configs/hello.yaml --overwrite --dry-run",
        "plot gradients --steps 3 --hidden-size 4 --json",
    ],
)
def test_a_closed_standard_output_is_an_error(hello, command, monkeypatch, capsys):
    Path("nbest.txt").write_text("you\n", encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.StringIO("you\n"))
    monkeypatch.setattr(sys, "stdout", None)  # as Python has it where the descriptor is closed
    assert run(shlex.split(command)) == 1
    said = capsys.readouterr().err
    assert [line for line in said.splitlines() if line.startswith("Error")] == [CLOSED]
    assert checkpoint.load("checkpoints/hello.pkl")


@posix
def test_a_process_with_a_closed_standard_output_says_so(hello):
    command = line("train --config configs/hello.yaml --overwrite --dry-run >&-", "")
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stderr.splitlines()[-1] == CLOSED
    assert "Traceback" not in done.stderr


@posix
def test_closed_streams_lend_their_numbers_to_no_file(hello):
    """A file opened as number 1 or 2 would take what is written there."""
    code = (
        "import os\n"
        "from rnnlm_cli.__main__ import hold_standard_streams\n"
        "hold_standard_streams()\n"
        "open('found', 'w').write(str(os.open('corpora/hello.txt', os.O_RDONLY)))\n"
    )
    line = f"{shlex.quote(sys.executable)} -c {shlex.quote(code)} <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", line], check=False).returncode == 0
    assert int(Path("found").read_text(encoding="utf-8")) > 2
