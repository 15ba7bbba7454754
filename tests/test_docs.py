"""The docs say what is so."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlm_cli.commands.main import COMMANDS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_configuration_page_is_that_of_the_schema():
    script = ROOT / "docs" / "make_configuration.py"
    page = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8") == page.stdout, (
        "run make docs"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_every_file_named_is_there(page):
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    for link in links:
        assert (page.parent / link).exists(), f"{page.name}: {link}"
    for name in re.findall(r"`((?:rnnlm_cli|configs|tests|benchmarks|docs)/[\w./-]+)`", text):
        assert (ROOT / name).exists(), f"{page.name}: {name}"


def test_every_command_is_in_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f"rnnlm {name}" in text


def test_every_point_of_the_notes_is_in_the_table():
    text = (ROOT / "docs" / "notes-to-code.md").read_text(encoding="utf-8")
    topics = (
        "RNN, Time RNN, truncated BPTT, Time Affine, Time Softmax with loss, LSTM, GRU, dropout, "
        "weight tying, clipping, perplexity, generation"
    )
    for topic in topics.split(", "):
        assert topic.lower() in text.lower(), topic


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
