"""Completion by Tab: what is offered, and that real shells offer it."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from rnnlm_cli.commands.main import cli, run
from rnnlm_cli.commands.shared.completion.answer import INDEX, answer, print_answer
from rnnlm_cli.commands.shared.completion.index import index_text
from rnnlm_cli.commands.shared.options import PathName

ROOT = Path(__file__).parents[2]
TEXT = INDEX.read_text(encoding="utf-8")
COMMANDS = json.loads(TEXT)


def test_the_index_is_that_of_the_commands_and_of_the_schema():
    assert index_text() == TEXT, "run make docs"


def offered(line):
    found = answer(line, COMMANDS)
    return found.prefix, [candidate.value or candidate.kind for candidate in found.candidates]


@pytest.mark.parametrize(
    ("line", "prefix", "values"),
    [
        ("rnnlm tr", "", ["train", "translate"]),
        ("rnnlm eval s", "", ["sentences"]),
        ("rnnlm none ", "", []),
        ("rnnlm train --res", "", ["--resume"]),
        ("rnnlm train --resume --res", "", []),
        ("rnnlm train --set a=1 --se", "", ["--set"]),
        ("rnnlm --version --h", "", ["--help"]),
        ("rnnlm train --config ", "", [".yaml .yml"]),
        ("rnnlm train --config=con", "--config=", [".yaml .yml"]),
        (
            "rnnlm train --config a.yaml --set ",
            "",
            ["corpus.", "task.", "model.", "training.", "checkpoint."],
        ),
        ("rnnlm train --set training.o", "", ["training.on_nan=", "training.optimizer."]),
        ("rnnlm train --set training.on_nan=", "training.on_nan=", ["rollback", "stop"]),
        ("rnnlm train --set=training.on_nan=s", "--set=training.on_nan=", ["stop"]),
        ("rnnlm train --set model.tie_weights=t", "model.tie_weights=", ["true"]),
        ("rnnlm train --set corpus.normalize=n", "corpus.normalize=", ["nfc", "nfkc", "null"]),
        ("rnnlm train --set training.optimizer.kind=adam", None, ["adam", "adamw"]),
        ("rnnlm train --set corpus.train=a", "corpus.train=", ["files"]),
        ("rnnlm train --set corpus.valid=", "corpus.valid=", ["null", "files"]),
        ("rnnlm train --set no.key=", "no.key=", []),
        ("rnnlm config explain model.dr", "", ["model.dropout."]),
        ("rnnlm config explain training.pat", "", ["training.patience"]),
        ("rnnlm config check --set model.cell=l", "model.cell=", ["ln_lstm", "lstm"]),
        ("rnnlm help eval w", "", ["words"]),
        ("rnnlm completion ", "", ["bash", "zsh", "fish"]),
        ("rnnlm eval tune c", "", ["cache"]),
        ("rnnlm eval tune cache --lambda 0.1 ", "", ["files"]),
        ("rnnlm generate --length ", "", []),
        ("rnnlm generate --start ", "", []),
        ("rnnlm generate --encoding cp", "", ["cp949", "cp1252", "cp1251"]),
        ("rnnlm eval words --inde", "", ["--independent"]),
        ("rnnlm eval words --corpus -", "", ["files"]),
        ("rnnlm plot training a.jsonl b", "", [".jsonl .jsonl.gz"]),
        ("rnnlm init ", "", ["directories"]),
        ("rnnlm init --config hel", "", ["hello"]),
        ("rnnlm show -- --js", "", [".pkl .jsonl .jsonl.gz"]),
        ("rnnlm train 'no end", "", []),
        ("rnnlm", "", []),
        ("", "", []),
    ],
)
def test_what_may_come_next(line, prefix, values, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = offered(line)
    if isinstance(values, str):  # among others
        assert values in found[1]
    else:
        assert found[1] == values
    assert prefix in (None, found[0])


def test_models_come_first_the_newest_at_the_top(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkdir("checkpoints")
    for age, name in enumerate(("b.pkl", "a.pkl", "a.last.pkl", "a.rollback.pkl", "a.jsonl")):
        Path("checkpoints", name).touch()
        os.utime(f"checkpoints/{name}", (1000 - age, 1000 - age))
    found = ["checkpoints/b.pkl", "checkpoints/a.pkl"]
    assert offered("rnnlm generate --checkpoint ")[1] == found
    assert offered("rnnlm show ")[1] == [*found, "checkpoints/a.jsonl"]
    assert offered("rnnlm eval words --checkpoint checkpoints/a")[1] == ["checkpoints/a.pkl"]
    assert offered("rnnlm show checkpoints/a.l")[1] == [".pkl .jsonl .jsonl.gz"]
    assert offered("rnnlm show x")[1] == [".pkl .jsonl .jsonl.gz"]


def parameters(group=cli):
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from parameters(command)
        else:
            yield from ((name, parameter) for parameter in command.params)


def test_every_path_completes_and_nothing_else_does():
    named = {"weights", "nbest", "logs", "models", "first", "second", "file", "files", "directory"}
    for command, parameter in parameters():
        metavar = (parameter.metavar or "").partition(".")[0]
        is_path = metavar in ("FILE", "DIR", "PATH") or (
            isinstance(parameter, click.Argument) and parameter.name in named
        )
        assert isinstance(parameter.type, PathName) == is_path, f"{command} {parameter.name}"


def test_a_tab_loads_neither_click_nor_numpy(tmp_path):
    code = (
        "import sys; from rnnlm_cli.__main__ import main; main();"
        "sys.exit(any(name in sys.modules for name in ('click', 'numpy', 'yaml', 'msgspec')))"
    )
    environment = {**os.environ, "_RNNLM_COMPLETE": "rnnlm train --set model.cell=gr"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, encoding="utf-8"
    )
    assert (done.returncode, done.stdout) == (0, "model.cell=\ngr\nword\tgru\t\n")


def test_a_script_is_printed_for_each_shell(capsys):
    for shell in ("bash", "zsh", "fish"):
        assert run(["completion", shell]) == 0
        assert "_RNNLM_COMPLETE=" in capsys.readouterr().out
    assert run(["completion", "csh"]) == 2


def test_odd_names_are_printed_as_they_are(tmp_path, monkeypatch, capfdbinary):
    monkeypatch.chdir(tmp_path)
    os.mkdir("checkpoints")
    Path("checkpoints", "한 글.pkl").touch()
    print_answer("rnnlm show ")
    sys.stdout.flush()
    assert "word\tcheckpoints/한 글.pkl\t\n".encode() in capfdbinary.readouterr().out


SHELLS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "--interactive"],
}
LOADING = {
    "bash": "bind 'set bell-style none'; eval \"$(rnnlm completion bash)\"",
    "zsh": 'setopt no_beep; eval "$(rnnlm completion zsh)"',
    "fish": "rnnlm completion fish | source",
}
LISTING = {
    "bash": "rnnlm plot \t\t",
    "zsh": "rnnlm plot \t",
    "fish": "complete --do-complete='rnnlm plot '\n",  # its menu needs a terminal that can do more
}
TYPED = [
    ("rnnlm trai\t--conf\tconfigs/o\t", ["train", "--config", "configs/one.yaml"]),
    ("rnnlm train --config=configs/o\t", ["train", "--config=configs/one.yaml"]),
    ("rnnlm ev\tperp\t--corp\tmy\\ t\t", ["eval", "perplexity", "--corpus", "my texts"]),
    ("rnnlm train --set trai\ton_n\tst\t", ["train", "--set", "training.on_nan=stop"]),
    ("rnnlm train --set corpus.train=note\t", ["train", "--set", "corpus.train=notes.txt"]),
    ("rnnlm show che\t", ["show", "checkpoints/m.pkl"]),
    ("rnnlm init en\t", ["init", "en"]),
    ("rnnlm eval words --corpus 'my t\ta\t", ["eval", "words", "--corpus", "my texts/a.txt"]),
    ('rnnlm eval words --corpus="my t\ta\t', ["eval", "words", "--corpus=my texts/a.txt"]),
    ("rnnlm train --set 'model.ce\tgr\t", ["train", "--set", "model.cell=gru"]),
    ("rnnlm config expl\tmodel.ce\t", ["config", "explain", "model.cell"]),
]
"""Keys, and the arguments that the command then gets."""


@pytest.fixture
def folder(tmp_path):
    """A directory with files, and a ``rnnlm`` that completes, and else prints its arguments."""
    tool = tmp_path / "tools" / "rnnlm"
    tool.parent.mkdir()
    real = f'exec {shlex.quote(sys.executable)} -m rnnlm_cli "$@"'
    tool.write_text(
        f'#!/bin/sh\n[ "${{_RNNLM_COMPLETE+x}}" ] && {real}\n'
        f'[ "$1 $2" = "completion $SHELL_NAME" ] && {real}\n'
        'printf "GOT"\nfor word; do printf "<%s>" "$word"; done\nprintf "END\\n"\n'
    )
    tool.chmod(0o755)
    work = tmp_path / "work"
    for name in (
        "configs/one.yaml",
        "configs/o.txt",
        "my texts/a.txt",
        "en/a.txt",
        "notes.txt",
    ):
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).touch()
    (work / "checkpoints").mkdir()
    (work / "checkpoints/m.pkl").touch()
    return work


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_a_real_shell_completes(shell, folder, monkeypatch, terminals):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    monkeypatch.chdir(folder)
    environment = {
        "PATH": f"{folder.parent / 'tools'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder.parent),
        "TERM": "dumb",
        "LC_ALL": "C.UTF-8",
        "SHELL_NAME": shell,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    terminal = terminals(SHELLS[shell], environment)
    terminal.type(f"{LOADING[shell]}; echo READ''Y\n")
    terminal.read_until("READY")
    for keys, arguments in TYPED:
        terminal.type(f"{keys}\n")
        terminal.read_until("GOT")
        got = terminal.read_until("END")
        # zsh removes the slash of a directory where the line ends, or doubles it
        expected = "".join(f"<{argument}>" for argument in arguments)
        assert got.replace("/>", ">").replace("//", "/") == expected, keys
    terminal.type(LISTING[shell])
    terminal.read_until("gradients")
    terminal.read_until("training")
