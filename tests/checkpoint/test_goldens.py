"""Checkpoints of earlier versions load, score and resume; ``make_checkpoints.py`` wrote them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run

GOLDENS = Path(__file__).parents[1] / "goldens" / "checkpoints"
FIGURES = json.loads((GOLDENS / "perplexity.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    shutil.copytree(GOLDENS, tmp_path / "goldens")
    monkeypatch.chdir(tmp_path / "goldens")


def format_version(path):
    return int.from_bytes(Path(path).read_bytes()[8:12], "little")


@pytest.mark.parametrize("name", FIGURES)
def test_they_score_as_they_did(name, capsys):
    assert format_version(f"{name}.pkl") == 1
    assert run(["eval", "perplexity", "--checkpoint", f"{name}.pkl", "--json"]) == 0
    values = json.loads(capsys.readouterr().out)
    (found,) = (values[key] for key in ("perplexity", "pseudo_perplexity") if key in values)
    assert found == pytest.approx(FIGURES[name], rel=1e-6)


@pytest.mark.parametrize("name", FIGURES)
def test_a_resumed_training_ends_as_one_that_was_never_stopped(name):
    assert format_version(f"{name}.last.pkl") == 1
    assert run(["train", "--config", f"{name}.yaml", "--resume"]) == 0
    final = np.load(f"{name}.final.npz")
    params = checkpoint.load(f"{name}.last.pkl").model.network.params
    assert params.keys() == set(final.files)
    for key, param in params.items():  # within rounding: another machine has another BLAS
        np.testing.assert_allclose(param.value, final[key], rtol=1e-3, atol=1e-5, err_msg=key)
    log = [json.loads(line) for line in Path(f"{name}.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in log if line["event"] == "epoch"] == [1, 2, 3]
