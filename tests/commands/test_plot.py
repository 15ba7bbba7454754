"""Pictures, as a user calls for them."""

import importlib
import json
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from rnnlm_cli.commands.main import run
from rnnlm_cli.report.curves import read_curves
from rnnlm_cli.report.fonts import families


@pytest.fixture(scope="module", autouse=True)
def fonts():
    """Let matplotlib find its fonts and say so, as it does when it first runs on a machine."""
    importlib.import_module("matplotlib.font_manager")


@pytest.mark.bitwise
@pytest.mark.parametrize(
    ("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_gradients(tmp_path, monkeypatch, capsys, ending, start):
    monkeypatch.chdir(tmp_path)
    args = ["plot", "gradients", "--cell", "rnn", "--steps", "5", "--hidden-size", "8", "--json"]
    assert run([*args, "--out", f"new/g.{ending}"]) == 0
    first = Path(f"new/g.{ending}").read_bytes()
    assert first.startswith(start)
    curves = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(c["cell"], c["scale"]) for c in curves[:3]] == [
        ("rnn", 0.5),
        ("rnn", 1.0),
        ("rnn", 1.5),
    ]
    assert len(curves[0]["dh"]) == 6
    assert run([*args, "--overwrite", "--out", f"new/g.{ending}"]) == 0
    assert Path(f"new/g.{ending}").read_bytes() == first


def test_training_curves(hello, capsys):
    shutil_log = Path("checkpoints/hello.jsonl").read_text(encoding="utf-8")
    Path("other.jsonl").write_text(shutil_log, encoding="utf-8")
    logs = ["checkpoints/hello.jsonl", "other.jsonl"]
    assert run(["plot", "training", *logs, "--out", "curves.svg"]) == 0
    picture = Path("curves.svg").read_text(encoding="utf-8")
    for word in (
        "perplexity per token, unit word: training",
        "learning rate",
        "gradient norm",
        "hello: train",
    ):
        assert word in picture
    assert "other: train" in picture
    os.utime("other.jsonl", (0, 0))
    shutil.copy("other.jsonl", "checkpoints/newest.jsonl")
    assert run(["plot", "training"]) == 0
    assert "using checkpoints/newest.jsonl\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["gradients", "--out", "a.jpg"], 2, "ends in .png, .svg or .pdf"),
        (["training", "none.jsonl"], 2, "name a log"),
        (["training", "configs/hello.yaml"], 1, "configs/hello.yaml:1: not a line of"),
        (["training", "empty.jsonl"], 1, "no step and no epoch yet"),
        (["training", "checkpoints"], 2, "name a log"),
    ],
)
def test_what_cannot_be_drawn(hello, capsys, args, code, said):
    Path("empty.jsonl").write_text('{"event": "end"}\n', encoding="utf-8")
    assert run(["plot", *args]) == code
    assert said in capsys.readouterr().err
    assert not list(Path().glob("*.png"))


def test_without_matplotlib_one_line_says_how_to_get_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert run(["plot", "gradients"]) == 2
    err = capsys.readouterr().err
    assert "matplotlib is not installed; install it with pip install 'rnnlm-cli[plot]'" in err
    assert len(err.splitlines()) == 1


def test_names_are_no_formulas_and_epochs_are_told_once(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    lines = [
        '{"event": "epoch", "epoch": 1, "step": 1, "train_perplexity": 9, "valid_perplexity": 8}',
        '{"event": "epoch", "epoch": 2, "step": 2, "train_perplexity": 7, "valid_perplexity": 77}',
        '{"event": "epoch", "epoch": 2, "step": 2, "train_perplexity": 6, "valid_perplexity": 5}',
        '{"event": "step", "step": 1, "nats_per_token": 1e308}',
    ]
    names = [
        "cost_$5_and_$6.jsonl",
        "_hidden.jsonl",
        "\u65e5\u672c.jsonl",
        "a/x.jsonl",
        "b/x.jsonl",
    ]
    for name in names:
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("\n".join(lines), encoding="utf-8")
    assert read_curves(names[0]).valid.values == [8, 5]
    assert run(["plot", "training", *names, "--out", "curves.svg"]) == 0
    assert capsys.readouterr().err.startswith("wrote curves.svg\n")
    picture = Path("curves.svg").read_text(encoding="utf-8")
    for label in (
        "cost_$5_and_$6: train",
        "_hidden: train",
        "a/x.jsonl: train",
        "b/x.jsonl: train",
    ):
        assert label in picture


def test_an_explosion_is_drawn_without_noise(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    args = ["plot", "gradients", "--cell", "rnn", "--steps", "2000", "--hidden-size", "20"]
    assert run([*args, "--scale", "900", "--scale", "1"]) == 0
    assert capsys.readouterr().err == "wrote gradients.png\n"


class Fonts:
    """matplotlib's font manager, with fonts that have the letters in their names."""

    fontManager = SimpleNamespace(
        ttflist=[
            SimpleNamespace(name=name, fname=name)
            for name in ("cm\ud55c", "A\u65e5", "B\ud55c", "DejaVu Sans")
        ]
    )

    @staticmethod
    def get_font(path):
        return SimpleNamespace(get_char_index=lambda code: chr(code) in path + "\xe9")


def test_fonts_are_found_by_their_letters_and_what_none_has_is_told():
    assert families("plain", Fonts) == (["DejaVu Sans"], "")
    assert families("\xe9", Fonts) == (["DejaVu Sans"], "")
    assert families("\ud55c\xe9", Fonts) == (["DejaVu Sans", "B\ud55c"], "")
    assert families("\u65e5\ud55c\u0e01", Fonts) == (
        ["DejaVu Sans", "A\u65e5", "B\ud55c"],
        "\u0e01",
    )


def test_letters_without_a_font_are_told(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    line = '{"event": "epoch", "epoch": 1, "train_perplexity": 9, "valid_perplexity": 8, "step": 3}'
    Path("\U0001f9ff.jsonl").write_text(line, encoding="utf-8")
    monkeypatch.setattr("matplotlib.font_manager.fontManager.ttflist", [])
    assert run(["plot", "training", "\U0001f9ff.jsonl"]) == 0
    assert "no installed font has \U0001f9ff, so boxes" in capsys.readouterr().err
