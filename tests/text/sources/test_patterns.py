"""Patterns stand for the files that Python's glob finds, each once, without hidden ones."""

import glob
import os

import pytest

from rnnlm_cli.errors import UsageError
from rnnlm_cli.text.sources.patterns import Pattern


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in (
        "b.txt",
        "a.txt",
        "sub/c.txt",
        "sub/deep/c.txt",
        "sub.txt",
        ".h/x.txt",
        "[x]/y.md",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"{path}\n", encoding="utf-8")
    return tmp_path


PATTERNS = ["*", "*.txt", "?.txt", "[ab].txt", "**", "**/*.txt", "sub/**", "*/c.*", "**/deep/**"]
PATTERNS += ["su*/**/c.txt", "**/**/c.txt", ".h/*", "[[]x]/*", "none/*", "**/.h/*"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_finds_what_glob_finds(tree, pattern):
    for name in (pattern, str(tree / pattern)):
        expected = {path for path in glob.glob(name, recursive=True) if os.path.isfile(path)}
        found, _ = Pattern.of(name).files()
        assert found == sorted(expected, key=lambda path: path.split(os.sep))
        fitting = {path for path in glob.glob("**", recursive=True) if Pattern.of(name).fits(path)}
        assert {path for path in fitting if os.path.isfile(path)} == {
            os.path.relpath(path) for path in expected if not os.path.relpath(path).startswith(".h")
        }


def test_a_directory_is_all_files_below_it(tree):
    assert Pattern.of("sub").files()[0] == ["sub/c.txt", "sub/deep/c.txt"]
    found, left_out = Pattern.of(".").files()
    assert [path.removeprefix("./") for path in found] == [
        "[x]/y.md",
        "a.txt",
        "b.txt",
        "sub/c.txt",
        "sub/deep/c.txt",
        "sub.txt",
    ]
    assert left_out == {"hidden": [".h"]}


@pytest.mark.parametrize("name", ["[x]/y.md", "a*b.txt", "[", "gone.txt", "[x]/gone.txt", "a.txt"])
def test_what_exists_or_has_no_star_is_a_file(tree, name):
    (tree / "a*b.txt").touch()
    (tree / "[").touch()
    assert Pattern.of(name) is None


def test_a_pattern_below_a_directory_whose_name_has_brackets(tree):
    assert Pattern.of(f"{tree}/[x]/*.md").files()[0] == [f"{tree}/[x]/y.md"]


def test_links_to_files_are_followed_and_no_loop_is_entered(tree):
    os.symlink("..", tree / "sub/up")
    os.symlink("../a.txt", tree / "sub/link.txt")
    os.symlink("gone", tree / "sub/broken.txt")
    os.symlink("itself", tree / "sub/itself")
    os.mkfifo(tree / "sub/pipe")
    found, left_out = Pattern.of("sub").files()
    assert found == ["sub/c.txt", "sub/deep/c.txt", "sub/link.txt"]
    assert {kind: sorted(names) for kind, names in left_out.items()} == {
        "linked directory": ["up"],
        "not a regular file": ["broken.txt", "itself", "pipe"],
    }
    assert sorted(Pattern.of("sub/*").files()[1]["directory"]) == ["deep", "up"]
    assert Pattern.of("sub/up/?.txt").files()[0] == ["sub/up/a.txt", "sub/up/b.txt"]


@pytest.mark.parametrize(
    ("name", "path", "fits"),
    [
        (".", "new/m.jsonl", True),
        ("sub", "sub/new/m.jsonl", True),
        ("sub", "m.jsonl", False),
        ("sub", "sub/.new/m.jsonl", False),
        ("*.jsonl", "m.jsonl", True),
        ("*.jsonl", "sub/m.jsonl", False),
        ("**/*.jsonl", "sub/m.jsonl", True),
        ("**/*.txt", "sub/m.jsonl", False),
        ("sub/*", "sub/deep/m.jsonl", False),
    ],
)
def test_a_file_that_does_not_exist_yet(tree, name, path, fits):
    assert Pattern.of(name).fits(path) == fits
    assert Pattern.of(name).fits(str(tree / path)) == fits


def test_only_so_many_names_are_looked_at(tree):
    pattern = Pattern.of("**/none.txt")
    assert pattern.files(100)[0] == []
    with pytest.raises(UsageError, match="has more than 5 files and directories"):
        pattern.files(5)
