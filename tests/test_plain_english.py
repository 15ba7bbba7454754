"""Docstrings, comments and strings of the package use the field's words."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "rnnlm_cli"

ROOMS = (
    "nn",
    "model",
    "text",
    "data",
    "system",
    "config",
    "shipped",
    "errors.py",
    "checks.py",
    "train",
    "checkpoint",
    "evaluate",
    "generate",
    "exchange",
    "corpora",
    "report",
    "api",
    "kenlm",
    "serve",
    "commands",
)
"""The rooms that are checked."""

BETTER = {
    r"\bodds\b": "probability (odds are p / (1 - p))",
    r"(?<!``)\bfolders?\b": "directory",
    r"(?<!there )\b(is|are|was) no (?!longer|more)\w": "is not a",
    r"\b(or|and) no UTF-8\b": "not UTF-8",
    r"\bso many\b": "at most n, or the number of",
    r"\bstands?\b(?! for\b)|\bstood\b": "occurs, is",
    r"\bleave (it|them|\w+ option) away\b": "omit it",
    r"\bwhat is there\b": "existing files",
    r"\b(is|are) there already\b": "already exists",
    r"\b(begins?|beginning) anew\b": "start over",
    r"\bgo(es|ing)? on at\b": "resume at",
    r"\btold\b": "reported, printed",
    r"\bhangs? on\b": "depends on",
    r"\bborne\b": "tolerated",
    r"\bfor (itself|themselves)\b": "by itself",
    r"\b(those|that) of before\b|\bof before there\b": "the earlier ones",
    r"\b(nobody|anybody)\b": "no other process, no user",
    r"\bsound\b": "valid",
    r"\b(record|bytes|row|mask|bits|value) an? (token|line|block|stream|epoch|layer)\b": "per",
}
"""Patterns, and the plain words to use instead."""

ANY = re.compile("|".join(f"(?:{pattern})" for pattern in BETTER), re.IGNORECASE)

ALLOWED = {
    ("text/storage.py", "scratch folder of rnnlm, process "): "bytes in files of earlier versions",
    ("config/keys.py", "told on resume"): "the value of a mark, which is never shown",
}
"""Texts that match and stay, with the reason."""


def texts(source: str) -> Iterator[tuple[int, str]]:
    """Yield every string of a program, docstrings too, and its comments, with the line.

    The comments are read, which takes long, only if one of them may match a pattern.
    """
    behind_hashes = (line[line.index("#") :] for line in source.splitlines() if "#" in line)
    if any(ANY.search(" ".join(text.split())) for text in behind_hashes):
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            value = node.value
            yield node.lineno, value if isinstance(value, str) else value.decode("latin-1")


def findings(source: str, name: str = "") -> list[tuple[int, str, str]]:
    """Return line, words and plain words of every text that matches a pattern."""
    return [
        (line, found[0], better)
        for line, text in texts(source)
        if (name, text) not in ALLOWED
        if ANY.search(plain := " ".join(text.split()))
        for pattern, better in BETTER.items()
        if (found := re.search(pattern, plain, re.IGNORECASE))
    ]


FILES = [
    path.relative_to(PACKAGE).as_posix()
    for room in ROOMS
    for path in (
        [PACKAGE / room] if room.endswith(".py") else sorted((PACKAGE / room).rglob("*.py"))
    )
]


@pytest.mark.parametrize("name", FILES)
def test_a_file_has_plain_words(name):
    source = (PACKAGE / name).read_text(encoding="utf-8")
    assert findings(source, name) == []


def test_every_room_has_files():
    assert all(any(name.split("/")[0] == room for name in FILES) for room in ROOMS)


def test_every_exception_is_still_needed():
    for name, text in ALLOWED:
        assert text in [found for _, found in texts((PACKAGE / name).read_text(encoding="utf-8"))]
        assert any(re.search(pattern, text, re.IGNORECASE) for pattern in BETTER)


@pytest.mark.parametrize(
    "text",
    [
        '"""ids in, the next token\'s odds out"""',
        "x = 1  # the folder of the model",
        "raise ValueError(\"'x' is no bool\")",
        'f"{path}: is there already; add --resume to go on"',
        '"""Return the place of the next\n    so many steps."""',
        '"""Where a token stands."""',
        '"""One record an epoch."""',
    ],
)
def test_old_words_are_found(text):
    assert len(findings(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        '"""Characters that its tokens stand for."""',
        '"""Relative to ``folder``."""',
        '"""It is no longer referenced, and there is no state."""',
        "folder = 1",
    ],
)
def test_plain_words_pass(text):
    assert findings(text) == []
