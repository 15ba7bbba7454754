"""The names of a training's files."""

import ast
import doctest
import re
from pathlib import Path

from rnnlm_cli.config import run_names

PACKAGE = Path(run_names.__file__).parents[1]
SUFFIX = re.compile(r"(?<![\w])\.(last|rollback|pkl|jsonl|lock)\b")
"""A suffix by itself, not one at the end of an example such as NAME.pkl."""


def test_the_examples_in_the_documentation():
    result = doctest.testmod(run_names)
    assert result.attempted == 4
    assert result.failed == 0


def retyped(source):
    """Strings of a program that contain a suffix of a training's files, and their lines."""
    return [
        (node.lineno, node.value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and SUFFIX.search(node.value)
    ]


OTHERS = {"search/directory.py": [".lock"]}
"""Suffixes of other programs' files: Optuna's lock."""


def test_what_counts_as_retyped():
    found = retyped("""p.endswith(".pkl"); f"{p}.last.pkl"; p + ".jsonl"; f".{p}.lock"; "*.pkl" """)
    assert len(found) == 5
    assert (
        retyped("""help = "NAME.pkl, m.last.pkl and checkpoints/a.jsonl"; self.files.last""") == []
    )


def test_no_other_module_types_a_suffix():
    found = {}
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if path.name != "run_names.py" and SUFFIX.search(source):  # parsing takes longer
            found[path.relative_to(PACKAGE).as_posix()] = [text for _, text in retyped(source)]
    assert {name: texts for name, texts in found.items() if texts} == OTHERS
