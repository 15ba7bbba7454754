"""``rnnlm tune``: what it prints, and how it ends."""

import json
import os
import shlex
import signal
import sys
from pathlib import Path

import pytest

from rnnlm_cli.commands.main import run
from rnnlm_cli.search import study

RATE = "training.optimizer.learning_rate"
CONFIG = """\
corpus: {train: train.txt, valid: 0.2}
model: {cell: rnn, embedding_size: 2, hidden_size: 2}
training: {epochs: 2, batch_size: 4, bptt: 8}
checkpoint: {path: out/m.pkl}
"""
ARGS = shlex.split(f"tune --config c.yaml --search {RATE}=0.5,1e-9 --sampler grid")


@pytest.fixture(autouse=True)
def texts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("train.txt").write_text("a b c a d b c\n" * 30, encoding="utf-8")
    Path("c.yaml").write_text(CONFIG, encoding="utf-8")


def test_the_table_has_the_best_trial_last(capsys):
    pytest.importorskip("optuna")
    assert run(ARGS) == 0
    out, err = capsys.readouterr()
    heading, worse, best = (line.split() for line in out.splitlines())
    assert heading == "trial valid perplexity epochs time state learning_rate".split()
    assert (worse[0], worse[4:]) == ("1", ["complete", "1e-09"])
    assert (best[0], best[2], best[4:]) == ("0", "2", ["best", "0.5"])
    assert float(best[1]) < float(worse[1])
    said = err.splitlines()
    assert "trial 0: learning_rate 0.5" in said
    assert f"trial 0: valid perplexity {best[1]} after 2 epochs, {best[3]} (best)" in said
    assert said[-2:] == [
        "best: trial 0; its model: out/m.tune/trial-0000.pkl",
        "next: rnnlm train --config out/m.tune/best.yaml",
    ]
    assert run(ARGS) == 2
    assert "out/m.tune/study.journal: already exists; use --resume" in capsys.readouterr().err
    assert run([*ARGS, "--resume"]) == 0
    again = capsys.readouterr()
    assert again.out == out
    assert "out/m.tune: 2 of 2 trials have ended" in again.err


def test_json_has_a_line_per_trial(capsys):
    pytest.importorskip("optuna")
    rates = f"{RATE}=0.5,1e29"
    args = [*ARGS[:4], rates, *ARGS[5:], "--study", "s", "--json"]
    assert run([*args, "--set", "training.clip_norm=null"]) == 0
    good, bad = map(json.loads, capsys.readouterr().out.splitlines())
    assert good.keys() == bad.keys()
    assert good["values"] == {RATE: 0.5}
    assert (good["trial"], good["state"], good["best"]) == (0, "complete", True)
    assert (good["checkpoint"], good["config"]) == ("s/trial-0000.pkl", "s/best.yaml")
    assert (bad["trial"], bad["state"], bad["best"]) == (1, "diverged", False)
    assert bad["valid_perplexity"] is bad["checkpoint"] is bad["config"] is None
    assert bad["reason"].startswith("epoch 1, step 2: the loss of the last 2 steps is")


def test_ctrl_c_saves_and_says_how_to_resume(capsys, monkeypatch):
    pytest.importorskip("optuna")
    from rnnlm_cli.train.events import Validating

    shown = []

    def stop_at_validation(self, event):
        if isinstance(event, Validating) and not shown:
            shown.append(event)
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("rnnlm_cli.commands.shared.trial_display.TrialBar.show", stop_at_validation)
    with pytest.raises(SystemExit, match="130"):
        run([*ARGS, "--overwrite"])
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"stopped and saved; to resume: rnnlm {' '.join(ARGS)} --resume"
    )
    assert Path("out/m.tune/trial-0000.last.pkl").exists()
    assert run([*ARGS, "--resume"]) == 0
    err = capsys.readouterr().err
    assert "trial 0: was stopped or killed; it is resumed" in err
    assert "trial 0, resumed: learning_rate 0.5" in err


def test_a_search_without_a_complete_trial_is_an_error(capsys):
    pytest.importorskip("optuna")
    args = [*ARGS[:4], "training.batch_size=5000", "--trials", "1"]
    assert run(args) == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[1].split() == ["0", "-", "0", "0:00", "failed", "5000"]
    assert "trial 0: failed: train.txt without its end: 192 tokens cannot fill 5000" in err
    assert err.splitlines()[-1].startswith("Error: out/m.tune: no trial was completed")


def test_a_dry_run_checks_and_trains_nothing(capsys):
    assert run([*ARGS, "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2 trials by grid, pruner median, seed 1",
        f"{RATE}  0.5,1e-9",
        "study in out/m.tune",
    ]
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([f"--set={RATE}=3"], f"{RATE} is searched, and --set gives it a value; omit one"),
        (["--search=model.layers=0,1"], "Error: --search model.layers=0: model.layers: 0 is not"),
        (["--set=model.layers=0"], "Error: --set model.layers=0: model.layers: 0 is not"),
    ],
)
def test_what_is_refused(args, message, capsys):
    assert run([*ARGS, *args]) == 2
    assert message in capsys.readouterr().err
    assert not Path("out").exists()


def test_without_optuna_it_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert run(ARGS) == 2
    assert capsys.readouterr().err == (
        "Error: optuna is not installed; install it with pip install 'rnnlm-cli[tune]', or in a "
        "checkout pip install '.[tune]'\n"
    )
    assert study.NAME == "rnnlm"
