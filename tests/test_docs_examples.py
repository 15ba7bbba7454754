"""What README and docs show is what comes: every block of code is run, or says why it is not.

A block with lines ``$ command`` shows a session: each command is run, in one folder a page and in
order, and what it prints must be what stands below it. A line ``...`` stands for any lines. A block
of Python is run in that folder too, and a comment that is a value is compared. A YAML block is
a config that ships. Above any other block stands a comment
``<!-- not run: reason -->``, and it is listed here. A session that takes long has the comment
``<!-- run by .ci/readme: reason -->``; that script sets ``RNNLM_README`` and runs it in a copy of
the checkout. With ``but for its numbers`` in the comment, any number may stand for another.
"""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from rnnlm_cli.commands.main import cli
from rnnlm_cli.config import load_config

ROOT = Path(__file__).parents[1]
GENERATED = "docs/commands.md"
"""Made from the help; ``commands/test_main.py`` runs its examples."""
TRANSLATED = "README.ko.md"
"""``test_readme_ko.py`` holds its blocks to those of the README."""
PAGES = sorted(
    {page.relative_to(ROOT).as_posix() for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]}
    - {GENERATED, TRANSLATED}
)

NOT_RUN = {
    ("CONTRIBUTING.md", "make test     # install into .venv and run all tests"),
    ("README.md", "rnnlm init --text novel.txt --minutes 10"),
    ("docs/architecture.md", "text -> tokens -> ids -> blocks -> embeddings -> hidden states"),
    ("docs/architecture.md", "tape = engine.begin(cell, weights, steps, streams, masks)"),
    ("docs/decoders.md", "from rnnlm_cli.kenlm import Model, State"),
    ("docs/decoders.md", "import sys"),
    ("docs/decoders.md", "from torchaudio.models.decoder import CTCDecoderLM"),
    ("docs/decoders.md", "$ printf 'UTTERANCE=u1"),
    ("docs/results.md", "rnnlm train --config configs/ptb-lstm.yaml --set 'training.schedule"),
    ("docs/results.md", "rnnlm train --config configs/ptb-lstm.yaml --set training.epochs=1"),
    ("docs/results.md", "rnnlm train --config configs/ptb-lstm.yaml --set training.epochs=2"),
    ("docs/results.md", "PyTorch 2.13.0+cpu; V=2000, B=20, T=35, SGD"),
    ("docs/results.md", "ROMEO:"),
    ("docs/pictures.md", "rnnlm corpus fetch tiny-shakespeare && rnnlm corpus fetch ptb"),
    ("docs/gpu.md", "pip install"),
    ("docs/gpu.md", "make gpu-wheels"),
    ("docs/gpu.md", "rnnlm train --config configs/ptb-lstm-650.yaml"),
    ("docs/scaling.md", "pip install 'rnnlm-cli[mpi]'"),
    ("docs/scaling.md", "mpiexec -n 4 rnnlm eval sentences"),
    ("docs/scaling.md", "rnnlm train --config configs/ptb-lstm.yaml --dry-run --machines 16"),
    ("docs/tasks.md", "$ rnnlm eval perplexity --checkpoint checkpoints/brackets.pkl"),
    ("docs/tasks.md", "from rnnlm_cli import Classifier"),
    ("docs/tasks.md", "rnnlm corpus brackets"),
    ("docs/tasks.md", "$ rnnlm corpus addition"),
    ("docs/tasks.md", "$ rnnlm corpus dates"),
    ("docs/serving.md", "rnnlm serve --checkpoint checkpoints/hello.pkl"),
    ("docs/serving.md", "curl http://127.0.0.1:8000/v1/completions"),
    ("docs/serving.md", "docker build --tag rnnlm --build-arg EXTRAS='[serve]' ."),
}
"""The blocks that no test runs: page, and how the first line begins."""


class Block(NamedTuple):
    """A fenced block of a page."""

    page: str
    kind: str  # what stands behind the fence
    lines: list[str]
    not_run: str | None  # the reason
    long: str | None  # the reason why only .ci/readme runs it


def blocks_of(page, text):
    marks = r"(?:<!-- not run: ([^>]+) -->\n|<!-- run by \.ci/readme([^>]+) -->\n)?"
    fenced = rf"{marks}^( *)```(\w*)\n(.*?)^\3```$"
    for reason, long, indent, kind, body in re.findall(fenced, text, re.MULTILINE | re.DOTALL):
        lines = [line.removeprefix(indent) for line in body.splitlines()]
        yield Block(page, kind, lines, reason or None, long or None)


def all_blocks():
    for page in PAGES:
        yield from blocks_of(page, (ROOT / page).read_text(encoding="utf-8"))


BLOCKS = [*all_blocks()]


def test_what_is_not_run_is_listed():
    begins = {(block.page, block.lines[0]) for block in BLOCKS if block.not_run}
    assert len(begins) == len(NOT_RUN)
    for page, line in NOT_RUN:
        assert any(page == p and first.startswith(line) for p, first in begins), (page, line)


def test_every_other_block_is_of_a_kind_that_is_checked():
    for block in BLOCKS:
        session = any(line.startswith("$ ") for line in block.lines)
        assert block.not_run or session or block.kind in ("python", "yaml"), block
    assert sum(text.count("```") for text in map(page_text, PAGES)) == 2 * len(BLOCKS)


def page_text(page):
    return (ROOT / page).read_text(encoding="utf-8")


def shell_in(directory, environment):
    """Return a function that runs a command line, and takes both its outputs as one."""

    def run(command):
        return subprocess.run(
            ["sh", "-c", command],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )

    return run


@pytest.fixture
def terminal(tmp_path, monkeypatch):
    """Return what runs a command line in an empty folder and gives what a terminal would show."""
    tools = tmp_path / "tools"
    tools.mkdir()
    tool = tools / "rnnlm"
    tool.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m rnnlm_cli "$@"\n')
    tool.chmod(0o755)
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    environment = {
        **os.environ,
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PYTHONUNBUFFERED": "1",
    }

    return shell_in(None, environment)


def commands_of(lines):
    """Each command of a session, its continued lines joined, with what stands below it."""
    rest = list(lines)
    while rest:
        line = rest.pop(0)
        assert line.startswith("$ "), f"{line!r} follows no command"
        command = line[2:]
        while command.endswith("\\"):
            command = command[:-1] + rest.pop(0)
        shown = list(takewhile(lambda line: not line.startswith("$ "), rest))
        rest = rest[len(shown) :]
        yield command, shown


NUMBER = r"\d(?:[\d,.:]*\d)?(?:e[-+]?\d+)?"


def matches(shown, printed, any_number=False):
    """Whether lines are those shown; ``...`` stands for any number of lines.

    With ``any_number`` other numbers are the same, and spaces before them.
    """

    def pattern_of(line):
        if not any_number:
            return re.escape(f"{line}\n")
        words = re.split(rf" *{NUMBER}", line)
        return rf" *{NUMBER}".join(map(re.escape, words)) + "\n"

    pattern = "".join("(?:.*\n)*" if line == "..." else pattern_of(line) for line in shown)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a", "b"], ["a"], False),
        (["a"], ["a", ""], False),
        ([], ["a"], False),
        (["..."], ["a", "b"], True),
        (["a", "...", "c"], ["a", "c"], True),
        (["a", "...", "c"], ["a", "b", "b", "c"], True),
        (["a", "...", "c"], ["a", "b"], False),
        (["a.c"], ["abc"], False),
    ],
)
def test_what_is_compared(shown, printed, same):
    assert matches(shown, printed) == same


@pytest.mark.parametrize(
    ("printed", "same"),
    [
        ("epoch 1: valid 1,111.6 (3%), rate 1e-05, 0:07", True),
        ("epoch 12: valid     9 (3.5%), rate 12.5, 1:00:07", True),
        ("epoch one: valid 9 (3.5%), rate 12.5, 0:07", False),
        ("epoch 1: train 9 (3.5%), rate 12.5, 0:07", False),
        ("epoch 1: valid 9 (3.5%), rate 12.5, 0:07, 3", False),
    ],
)
def test_what_is_compared_but_for_numbers(printed, same):
    shown = ["epoch 2: valid 111.65 (2.5%), rate 2.40096e-06, 0:15"]
    assert matches(shown, [printed], any_number=True) == same


def compare_session(block, terminal):
    any_number = "but for its numbers" in (block.long or "")
    for command, shown in commands_of(block.lines):
        done = terminal(command)
        assert done.returncode == 0, f"{command}: {done.stdout}"
        assert matches(shown, done.stdout.splitlines(), any_number), (
            f"{block.page}: $ {command}\nshows\n{chr(10).join(shown)}\nand prints\n{done.stdout}"
        )


def assert_like(found, shown):
    """Compare a value with one in a comment: ``...`` is any rest, floats to a hundredth."""
    if isinstance(shown, list | tuple):
        rest = Ellipsis in shown
        assert len(found) >= len(shown) - rest if rest else len(found) == len(shown)
        for one, other in zip(found, shown, strict=False):
            if other is Ellipsis:
                return
            assert_like(one, other)
    elif isinstance(shown, float):
        assert found == pytest.approx(shown, abs=0.01)
    else:
        assert found == shown


def run_python(block):
    """Run a block statement by statement; one that ends in a comment that is a value gives it."""
    names, source = {}, "\n".join(block.lines)
    for statement in ast.parse(source).body:
        text = ast.get_source_segment(source, statement)
        comment = block.lines[statement.end_lineno - 1][statement.end_col_offset :]
        if not isinstance(statement, ast.Expr):
            exec(text, names)
            continue
        found = eval(text, names)
        try:
            shown = ast.literal_eval(comment.strip().removeprefix("# "))
        except (SyntaxError, ValueError):
            continue  # words
        assert_like(found, shown)


@pytest.fixture
def checkout(tmp_path):
    """Return what runs a command line in a copy of the checkout, with a Python of its own."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        copy = tmp_path / "checkout" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy, follow_symlinks=False)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "python"], check=True)
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment["PATH"] = f"{tmp_path / 'python' / 'bin'}{os.pathsep}{environment['PATH']}"
    environment.pop("PYTHONPATH", None)

    return shell_in(tmp_path / "checkout", environment)


LONG = [block for block in BLOCKS if block.long]


def test_the_script_that_runs_long_blocks_runs_them():
    assert {block.page for block in LONG} == {"README.md"}
    script = (ROOT / ".ci" / "readme").read_text(encoding="utf-8")
    assert "RNNLM_README=1" in script
    assert f"{Path(__file__).name}::{test_a_long_block_shows_what_comes.__name__}" in script


@pytest.mark.skipif("RNNLM_README" not in os.environ, reason=".ci/readme runs it")
@pytest.mark.parametrize("block", LONG, ids=lambda block: block.lines[0])
def test_a_long_block_shows_what_comes(block, checkout):
    compare_session(block, checkout)


def in_tests(block):
    return not (block.not_run or block.long)


@pytest.mark.parametrize("page", sorted({block.page for block in BLOCKS if in_tests(block)}))
def test_the_page_shows_what_comes(page, terminal):
    for block in BLOCKS:
        if block.page != page or not in_tests(block) or block.kind == "yaml":
            continue
        if block.kind == "python":
            run_python(block)
        else:
            compare_session(block, terminal)


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.kind == "yaml"], ids=lambda b: b.page)
def test_a_config_that_is_shown_is_one_that_ships(block, tmp_path):
    """All its values, defaults too, are those of the file that the page names."""

    def effective(text):
        path = tmp_path / "one.yaml"
        path.write_text(text, encoding="utf-8")
        return load_config(str(path))

    shown = effective("\n".join(block.lines))
    names = re.findall(r"`(configs/[\w-]+\.yaml)`", page_text(block.page))
    assert any(effective(page_text(name)) == shown for name in names)


def commands_named():
    """Every command that a page names, in a block or in a sentence."""
    course = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/**/course/*.md")]
    for page in [*PAGES, *course]:
        text = re.sub(r"\\\n *", "", page_text(page))
        for found in re.findall(r"^(?:\$ )?(rnnlm .*)$|`(rnnlm [^`]+)`", text, re.MULTILINE):
            yield page, "".join(found)


@pytest.mark.parametrize(("page", "line"), sorted(set(commands_named())), ids=str)
def test_every_command_that_is_named_has_the_options_named(page, line):
    words = shlex.split(line.replace("[", "").replace("]", ""))[1:]
    command = cli
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0)
        command = command.get_command(click.Context(command), name)
        assert command is not None, f"{page}: {line}: there is no {name}"
    known = {option for parameter in command.params for option in parameter.opts}
    named = {word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)}
    assert named <= known | {"--help", "--version"}, f"{page}: {line}"
