"""The group: help, versions, and how errors become one line and an exit code."""

import io
import os
import re
import shlex
import shutil
import subprocess
import sys

import click
import pytest

from rnnlm_cli import __version__
from rnnlm_cli.commands.main import cli, explain, run
from rnnlm_cli.commands.shared.examples import examples_in
from rnnlm_cli.errors import CorpusError, RnnlmError, UsageError


def every_command(group=cli, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))


ALL = dict(every_command())


def test_without_arguments_the_help_is_shown(capsys):
    assert run([]) == 0
    assert "Commands:" in capsys.readouterr().out
    assert run(["eval"]) == 0
    assert "perplexity" in capsys.readouterr().out


def test_version(capsys):
    for option in ("--version", "-V"):
        assert run([option]) == 0
        assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_explains_itself_with_an_example(path, capsys):
    assert run([*path, "--help"]) == 0
    text = capsys.readouterr().out
    assert ALL[path].help.split("\n")[0] in " ".join(text.split())
    assert "\n  Examples:\n    # " in text
    assert any(f"rnnlm {' '.join(path)}" in line for _, line in examples_in(ALL[path].epilog))


def listed(group=cli, path=()):
    """The one-line help of every command, as the list of its group has it."""
    for name, text in group.listed.items():
        own = (*path, name)
        yield own, text
        if isinstance(ALL[own], click.Group):
            yield from listed(ALL[own], own)


@pytest.mark.parametrize(("path", "text"), [*listed()], ids=str)
def test_the_listed_help_is_one_line_in_the_commands_own_words(path, text):
    assert len(text) <= 64
    assert text.endswith(".")
    words, own = (set(re.findall(r"[a-z]{4,}", t.lower())) for t in (text, ALL[path].help))
    assert len(words & own) >= len(words) / 2, f"{text} against: {ALL[path].help}"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["trian"], "No such command 'trian' (did you mean train?); see rnnlm --help"),
        (["eval", "perplexty"], "(did you mean perplexity?); see rnnlm eval --help"),
        (["help", "evl"], "No such command 'evl' (did you mean eval?)"),
        (["help", "train", "x"], "rnnlm train has no commands"),
        (["config", "explain", "training.onnan"], "did you mean training.on_nan?"),
        (["config", "check", "none.yaml"], "none.yaml: No such file"),
        (["train"], "Missing option '--config'"),
        (["train", "--config"], "requires an argument; see rnnlm train --help"),
        (["eval", "next", "--top"], "requires an argument; see rnnlm eval next --help"),
        (["generate", "you"], "argument (you) (did you mean --start?); see rnnlm generate --help"),
        (["train", "--config", "a.yaml", "--resume", "--overwrite"], "exclude each other"),
        (["train", "--config", "none.yaml"], "none.yaml: No such file"),
        (["generate"], "checkpoints/: contains no model; train one"),
        (["plot", "training"], "checkpoints/: contains no log; rnnlm train writes one"),
        (["generate", "--length", "-1"], "'-1' is not a whole number from 0 to 1,000,000,000,000"),
        (["generate", "--length", "1e3"], "'1e3' is not a whole number from 0"),
        (["generate", "--temperature", "-1"], "'-1' is not a number from 0 to 1,000,000"),
        (["generate", "--temperature", "abc"], "'abc' is not a number from 0 to 1,000,000"),
        (["generate", "--top-p", "0"], "'0' is not a number above 0 and at most 1"),
        (["generate", "--seed", "-1"], "'-1' is not a whole number of at least 0"),
        (["generate", "--samples", "0"], "'0' is not a whole number from 1 to 1,000,000"),
        (
            ["generate", "--start", "a" * 10**6 + "\udcff"],
            "aaa...aaaaaaaaaaaa\\udcff' is not UTF-8",
        ),
        (["plot", "gradients", "--keep-bias", "-101"], "'-101' is not a number from -100 to 100"),
        (["eval", "tune", "dynamic", "--rate", "inf"], "'inf' is not a number above 0"),
        (["eval", "tune", "dynamic", "--decay", "1"], "is not a number of at least 0 and below 1"),
        (["eval", "perplexity"], "checkpoints/: contains no model; train one"),
        (["eval", "perplexity", "--streams", "0"], "'0' is not a whole number of at least 1"),
        (["eval", "perplexity", "--split", "dev"], "'dev' is not one of"),
        (["eval", "perplexity", "--corpus", "a", "--split", "test"], "exclude each other"),
        (["eval", "perplexity", "--checkpoint", "none.pkl"], "none.pkl: No such file"),
        (["show"], "Missing argument 'FILE...'"),
        (["corpus", "fetch", "ptbb"], "not a known corpus (ptb, ptb-char, tiny-shakespeare)"),
        (["corpus", "fetch", "ptb", "--url", "http://x/"], "choose another name"),
        (["corpus", "fetch", "ptb", "--sha256", "00"], "--sha256 needs --url"),
        (["corpus", "fetch", "a", "--url", "http://x/", "--sha256", "00"], "64 hexadecimal"),
        (["corpus", "fetch", "../a", "--url", "http://x/"], "choose one without"),
        (
            ["corpus", "fetch", "a", "--url", ""],
            "'--url': must not be empty; give a value or omit the option",
        ),
        (
            ["corpus", "python-docs", "--out", ""],
            "'--out': must not be empty; give a value or omit the option",
        ),
        (
            ["eval", "perplexity", "--corpus", ""],
            "'--corpus': must not be empty; give a value or omit the option",
        ),
        (
            ["eval", "perplexity", "--checkpoint", ""],
            "'--checkpoint': must not be empty; give a value or omit the option",
        ),
        (
            ["eval", "perplexity", "--config", ""],
            "'--config': must not be empty; give a value or omit the option",
        ),
        (
            ["train", "--config", ""],
            "'--config': must not be empty; give a value or omit the option",
        ),
        (["generate", "--start", "you", "--temperature", "nan"], "'nan' is not a number"),
        (["generate", "--start", "you", "--temperature", "inf"], "'inf' is not a number from 0"),
        (["generate", "--start", "you", "--length", "9" * 30], "is not a whole number from 0 to 1"),
        (
            ["generate", "--start", "you", "--samples", "9" * 30],
            "is not a whole number from 1 to 1",
        ),
        (["generate", "--start", "you", "--beam", "9" * 30], "is not a whole number from 1 to 1"),
        (
            ["generate", "--start", "you", "--length-penalty", "1e9"],
            "'1e9' is not a number from 0 to 10",
        ),
    ],
)
def test_usage_errors_are_one_line_and_code_2(args, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(args) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Error: ")
    assert err.count("\n") == 1
    assert message in err


@pytest.mark.parametrize(
    ("error", "line", "code"),
    [
        (UsageError("u"), "u", 2),
        (CorpusError("c"), "c", 1),
        (KeyboardInterrupt(), "interrupted", 130),
        (OSError(28, "No space", "a.pkl"), "a.pkl: No space; free some space", 1),
        (OSError(13, "Permission denied", "a.pkl"), "a.pkl: Permission denied; choose", 1),
        (OSError(5, "I/O error"), "I/O error; check the disk", 1),
        (OSError(28, "No space"), "standard output: No space; free some space", 1),
        (
            UnicodeEncodeError("latin-1", "a\uc548", 1, 2, "no"),
            "the encoding latin-1 cannot represent '\\uc548'; set PYTHONUTF8=1 and "
            "PYTHONIOENCODING=utf-8",
            1,
        ),
        (
            UsageError("is bad", field="no_repeat_ngram", place="3"),
            "--no-repeat-ngram 3: is bad",
            2,
        ),
        (
            RnnlmError("x", remedy="use {overwrite=True}, {max_bytes}"),
            "x; use --overwrite, --max-b",
            1,
        ),
        (MemoryError(), "out of memory", 1),
        (ZeroDivisionError("x"), "ZeroDivisionError: x; this is a bug", 1),
    ],
)
def test_every_error_has_a_line_and_a_code(error, line, code):
    message, found = explain(error)
    assert message.startswith(line)
    assert found == code


def test_a_traceback_only_on_demand(monkeypatch, capsys):
    assert run(["show", "none.pkl"]) == 2
    assert "Traceback" not in capsys.readouterr().err
    monkeypatch.setenv("RNNLM_DEBUG", "1")
    with pytest.raises(UsageError, match=r"none\.pkl"):
        run(["show", "none.pkl"])


@pytest.mark.skipif(os.name != "posix", reason="pipes as POSIX has them")
@pytest.mark.parametrize("args", [["--help"], ["--version"]])
def test_a_reader_that_has_gone_is_no_error(args):
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "rnnlm_cli", *args]
    found = subprocess.run(
        command, stdout=writing, stderr=subprocess.PIPE, encoding="utf-8", check=False
    )
    os.close(writing)
    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.skipif(os.name != "posix", reason="a shell as POSIX has it")
@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        ("show none.pkl >&-", 2, "No such file"),
        ("show none.pkl 2>&-", 2, ""),
        ("--help >&-", 0, ""),
        ("eval perplexity --corpus - --checkpoint none.pkl <&-", 2, "No such file"),
    ],
)
def test_closed_standard_streams_are_borne(command, code, message):
    line = f"{shlex.quote(sys.executable)} -m rnnlm_cli {command}"
    found = subprocess.run(["sh", "-c", line], capture_output=True, encoding="utf-8", check=False)
    assert found.returncode == code
    assert message in found.stderr
    assert "Traceback" not in found.stderr


def test_help_imports_neither_numpy_nor_a_command():
    code = (
        "import sys; from rnnlm_cli.commands.main import run; run(['--help']);"
        "sys.exit('numpy' in sys.modules or 'rnnlm_cli.commands.train' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


NEEDS_MORE = {("corpus", "fetch"), ("corpus", "python-docs"), ("train",), ("tune",)}
NEEDS_MORE |= {("completion",), ("import", "notes"), ("import", "safetensors"), ("import", "hub")}
NEEDS_MORE |= {("serve",), ("corpus", "addition"), ("corpus", "dates")}
NEEDS_MORE |= {("corpus", "brackets"), ("label",), ("eval", "accuracy")}
NEEDS_MORE |= {("translate",), ("eval", "translation"), ("plot", "attention")}
"""Commands whose examples need the network, a file of others or a long time, write at home, or do
not end."""


def examples():
    for path, command in ALL.items():
        if isinstance(command, click.Group) or path in NEEDS_MORE or path == ("interactive",):
            continue
        for _, example in examples_in(command.epilog):
            if "init" in path and "--text" in example:  # see test_init.py
                continue
            if "--given" in example:  # it needs a model that takes a label; see test_described.py
                continue
            if "--generated" in example:  # it needs a validation text; see test_ngram.py
                continue
            if "--find" in example:  # it needs a long text; see test_plot_learned.py
                continue
            yield pytest.param(example, id=example)


@pytest.mark.parametrize("example", [*examples()])
def test_the_examples_in_the_help_run(example, hello, monkeypatch, capfd):
    if example.startswith("rnnlm init"):
        (hello / "empty").mkdir()
        monkeypatch.chdir(hello / "empty")
    if "plot training" in example:
        for name in "ab":
            shutil.copy("checkpoints/hello.jsonl", f"checkpoints/{name}.jsonl")
    before, pipe, line = example.rpartition(" | ")
    words = shlex.split(line)
    assert words[0] == "rnnlm"
    if pipe:
        piped = subprocess.run(["sh", "-c", before], stdout=subprocess.PIPE, check=True).stdout
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped), encoding="utf-8"))
    if ">" in words:
        tool = f"{shlex.quote(sys.executable)} -m rnnlm_cli"
        code = subprocess.run(["sh", "-c", line.replace("rnnlm", tool, 1)], check=False).returncode
    else:
        code = run(words[1:])
    out, err = capfd.readouterr()
    assert code == 0, err
    assert out or err or ">" in words


def test_an_example_is_a_comment_and_a_line_with_a_command_and_its_options():
    for path, command in [((), cli), *ALL.items()]:
        for does, line in examples_in(command.epilog):
            assert 0 < len(does) <= 90, line
            assert len(line) <= 100, line
            own, found = cli, []
            words = shlex.split(line.rpartition("| ")[2].partition(" > ")[0])
            assert words.pop(0) == "rnnlm", line
            while isinstance(own, click.Group) and words:
                found.append(words.pop(0))
                own = own.get_command(click.Context(own), found[-1])
            assert tuple(found[: len(path)]) == path, line
            options = {name for p in own.params for name in (*p.opts, *p.secondary_opts)}
            named = {word for word in words if word.startswith("--")}
            assert named <= options, line


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_the_help_names_values_and_no_limits_that_no_user_reaches(path):
    for parameter in ALL[path].params:
        assert not isinstance(parameter.type, click.types._NumberRangeBase), parameter.name
        if isinstance(parameter, click.Option):
            assert parameter.help or parameter.name == "help", parameter.name
            metavar = parameter.metavar or parameter.type.name.upper()
            assert parameter.is_flag or metavar != "TEXT", parameter.name


def test_help_of_a_command_by_name(capsys):
    for args in (["help", "eval", "perplexity"], ["eval", "perplexity", "--help"]):
        assert run(args) == 0
    twice = capsys.readouterr().out
    assert twice[: len(twice) // 2] == twice[len(twice) // 2 :]
    assert twice.startswith("Usage: rnnlm eval perplexity [OPTIONS]")
    assert run(["help"]) == 0
    assert "Commands:" in capsys.readouterr().out


def test_nothing_is_printed_while_a_shell_completes(capsys):
    with cli.make_context("rnnlm", [], resilient_parsing=True) as context:
        assert context.args == []
    assert capsys.readouterr().out == ""
