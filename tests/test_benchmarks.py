"""The scripts under ``benchmarks`` keep up with the program that they measure."""

import importlib
import random
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
ELSEWHERE = {"torch", "atheris", "matplotlib", "openai"}
"""What only some scripts need, and is installed for them alone."""


@pytest.fixture(autouse=True)
def _on_the_path(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield
    for script in BENCHMARKS.glob("*.py"):
        sys.modules.pop(script.stem, None)


@pytest.mark.parametrize("name", sorted(path.stem for path in BENCHMARKS.glob("*.py")))
def test_what_a_script_imports_is_there(name):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in ELSEWHERE:
            raise
        pytest.skip(f"needs {error.name}")


def outcome(damage, kind, path):
    """Return whether a file was read or refused as it should be, and whether it was read."""
    try:
        kind.read(path)
    except damage.RnnlmError as error:
        return damage.is_sound(error), False
    return True, True


def test_each_kind_of_file_is_read_sound_and_damaged(tmp_path):
    damage = importlib.import_module("damage")
    path = tmp_path / "some.yaml"
    rng = random.Random(0)
    for name, kind in damage.kinds(str(tmp_path), types=12, size=3).items():
        path.write_bytes(kind.seal(kind.sound))
        assert kind.read(str(path)), name
        for _ in range(20):
            path.write_bytes(kind.seal(damage.damaged(kind.sound, rng)))
            sound, read = outcome(damage, kind, str(path))
            assert sound, name
            assert not (read and kind.must_fail), name


def test_the_search_for_slow_files_reads_and_counts(tmp_path, capsys):
    slowness = importlib.import_module("slowness")
    kind = importlib.import_module("damage").kinds(str(tmp_path), types=12, size=3)["log"]
    assert slowness.search("log", kind, str(tmp_path), 0.05) == 0
    assert "log" in capsys.readouterr().out
