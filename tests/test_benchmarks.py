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


def test_a_command_that_fails_ends_a_script_with_its_error(tmp_path):
    watched = importlib.import_module("watched")
    assert watched.output_of([sys.executable, "-c", "print('text')"], tmp_path) == "text\n"
    (tmp_path / "rnnlm_cli").mkdir()  # found first, and quicker to start
    (tmp_path / "rnnlm_cli/__init__.py").touch()
    (tmp_path / "rnnlm_cli/__main__.py").write_text("raise SystemExit('Error: no text')")
    with pytest.raises(SystemExit, match="--overwrite failed: Error: no text"):
        importlib.import_module("direct").trained(str(tmp_path), [])


def test_a_goal_is_reached_at_the_first_validation_that_has_it(tmp_path, capsys):
    quality = importlib.import_module("quality")
    figures = (120.0, 60), (99.0, 120), (101.0, 180), (89.5, 240)
    lines = [
        f'{{"event": "epoch", "epoch": {n}, "valid_perplexity": {figure}, "seconds": {seconds}}}\n'
        for n, (figure, seconds) in enumerate(figures, 1)
    ]
    end = '{"event": "end", "valid_perplexity": 80.0, "seconds": 250}\n'  # exact, so another figure
    (tmp_path / "a.jsonl").write_text("".join(lines) + end, encoding="utf-8")
    quality.table([str(tmp_path / "a.jsonl")])
    assert capsys.readouterr().out.splitlines()[-1] == "| a | 2 | 4 | not in 4 |"


@pytest.fixture
def on_a_device(monkeypatch):
    """The scripts of ``benchmarks/gpu``, which are modules of a package."""
    monkeypatch.syspath_prepend(str(BENCHMARKS.parent))
    return lambda name: importlib.import_module(f"benchmarks.gpu.{name}")


def test_a_part_that_fails_or_hangs_takes_nothing_from_the_others(on_a_device, tmp_path, capfd):
    runner = on_a_device("__main__")
    parts = [
        runner.Part("broken", ["-c", "print('| a | 1 |'); 1 / 0"], 20),
        runner.Part("endless", ["-c", "import time; time.sleep(30)"], 0.5),
        runner.Part("sound", ["-c", "print('text'); print('| c | 3 |')"], 20),
    ]
    assert runner.run_all(parts, tmp_path, {}) is False
    table = (tmp_path / "table.md").read_text(encoding="utf-8")
    assert "| broken | failed (1), " in table
    assert "| endless | stopped after 0.5 s, " in table
    assert "| sound | done, " in table
    assert "## sound\n\n| c | 3 |\n" in table
    assert "| a | 1 |" in table
    assert "ZeroDivisionError" in (tmp_path / "log.txt").read_text(encoding="utf-8")
    assert "ZeroDivisionError" in capfd.readouterr().out


def test_the_limits_of_the_parts_are_8_minutes(on_a_device):
    runner = on_a_device("__main__")
    texts = BENCHMARKS
    assert sum(part.seconds for part in runner.parts(texts, texts)) <= 480
    for part in runner.parts(texts, texts):
        for name in part.arguments:
            assert not name.startswith("tests/") or (BENCHMARKS.parent / name).exists()


@pytest.mark.usefixtures("device")
def test_the_time_of_a_step_is_told_by_part(on_a_device, monkeypatch):
    speed = on_a_device("speed")
    shape = speed.Shape(30, 5, 5, 2, True, 4, 6, 0.5)
    monkeypatch.setattr(speed, "TURNS", 1)
    monkeypatch.setattr(speed, "STEPS", 2)
    names = [line.split(" | ")[0] for line in speed.by_part(shape)]
    assert names[2:] == ["| masks", "| forward", *names[4:]]
    assert len(names) == 9
    step = speed.own_step(shape)
    assert step().step == 1
    assert speed.medians({"own": step})["own"] > 0
