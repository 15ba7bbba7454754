"""The docs say what is so."""

import ast
import re
import runpy
import subprocess
import sys
from pathlib import Path

import click
import pytest

from rnnlm_cli.commands.main import cli

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


def table_after(text, heading):
    """The cells of the first table below a heading, its own heading apart."""
    _, found, below = text.partition(f"{heading}\n")
    assert found, f"there is no {heading!r}"
    table = re.search(r"(?:^\|.*\|\n)+", below, re.MULTILINE)[0]
    return [re.split(r"(?<!\\) *\| *", row)[1:-1] for row in table.splitlines()[2:]]


def test_the_configuration_page_is_that_of_the_schema():
    script = ROOT / "docs" / "make_configuration.py"
    page = subprocess.run(
        [sys.executable, script], capture_output=True, encoding="utf-8", check=True
    )
    assert text_of("docs/configuration.md") == page.stdout, "run make docs"


def test_the_page_of_commands_is_that_of_the_help():
    page = runpy.run_path(str(ROOT / "docs" / "make_commands.py"))["page"]
    assert text_of("docs/commands.md") == page(), "run make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_every_file_named_is_there(page):
    text = text_of(page)
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    for link in links:
        assert (page.parent / link).exists(), f"{page.name}: {link}"
    for name in re.findall(r"`((?:rnnlm_cli|configs|tests|benchmarks|docs)/[\w./-]+)`", text):
        assert (ROOT / name).exists(), f"{page.name}: {name}"


def leaves(group=cli, path="rnnlm"):
    """Every command that is no group, as it is typed."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, f"{path} {name}")
        else:
            yield f"{path} {name}"


def test_the_readmes_table_has_every_command_and_no_other():
    rows = table_after(text_of("README.md"), "## What it does")
    named = [use for row in rows for use in re.findall(r"`(rnnlm [^`]*)`", row[0])]
    commands = set(leaves())
    found = {
        max((c for c in commands if f"{use} ".startswith(f"{c} ")), default=use, key=len)
        for use in named
    }
    assert found == commands


NOTES = {
    "RNN": "class Elman(",
    "Time RNN": "class PlainPass(",
    "Truncated BPTT": "truncated",
    "Time Affine": "class Linear(",
    "Time Softmax with loss": "class PlainSoftmax(",
    "LSTM": "class LSTM(",
    "GRU": "class GRU(",
    "Dropout": "class Dropout(",
    "Weight tying": "weight tying",
    "clipping": "def clip_gradients(",
    "Perplexity": "def perplexity(",
    "Generation": "def sample(",
}
"""Points of the course, as the table names them, and what stands in a file that it names."""


@pytest.mark.parametrize("topic", NOTES)
def test_every_point_of_the_notes_leads_to_its_code(topic):
    page = text_of("docs/course/13-from-the-notes-code.md")
    rows = table_after(page, "## Idea by idea")
    (files,) = [
        re.findall(r"`(rnnlm_cli/[\w/]+\.py)`", row[1])
        for row in rows
        if topic in ", ".join(re.findall(r"\*\*(.+?)\*\*", row[0])).split(", ")
    ]
    assert any(NOTES[topic] in text_of(file) for file in files)


def test_every_report_that_was_tried_names_tests_that_exist():
    text = (ROOT / "docs" / "reports-tried.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| [")]
    assert len(rows) >= 24
    for row in rows:
        source, _, _, _, held_by = row.strip("| ").split(" | ")
        assert re.search(r"\]\(https://[^)]+\)", source), row
        named = re.findall(r"`(tests/[\w/]+\.py)::([\w:]+)`", held_by)
        assert len(named) == held_by.count("`") // 2 > 0, row
        for path, name in named:
            assert has_test(ROOT / path, name.split("::")), f"{path}::{name}"


def has_test(path: Path, names: list[str]) -> bool:
    """Whether a file has a test function, or a class with such a one."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for name in names:
        found = [
            node
            for node in body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name
        ]
        if not found:
            return False
        body = found[0].body
    return names[-1].startswith("test_")
