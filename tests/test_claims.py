"""The page about the notes' claims says what was measured; what needs no training still comes."""

import importlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.nn.init import scaled_normal
from rnnlm_cli.nn.layers.recurrent import Recurrent
from rnnlm_cli.nn.param import Param
from rnnlm_cli.train.clipping import clip_gradients

ROOT = Path(__file__).parents[1]
LOG = json.loads((ROOT / "docs" / "logs" / "claims.json").read_text(encoding="utf-8"))
SCRIPTS = ("claims", "claim_checks", "claim_page", "claim_runs", "claim_trained", "claim_variants")


@pytest.fixture
def script(monkeypatch):
    """Return what imports one of the scripts."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    yield importlib.import_module
    for name in (*SCRIPTS, "study"):
        sys.modules.pop(name, None)


def test_the_page_is_its_text_with_the_figures_of_the_log(script):
    page = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    assert page == script("claim_page").page(LOG), "run `make claims`, or claims.py --page"
    assert "{{" not in page


def test_no_figure_of_the_text_is_written_by_hand(script):
    """Only those of the notes, of settings, and of what a gate or a vocabulary is."""
    text = script("claim_page").TEXT.read_text(encoding="utf-8")
    text = re.sub(r"\{\{.*?\}\}|`[^`]*`", "", text)
    assert set(re.findall(r"\d+\.\d+", text)) <= {
        "0.8",
        "0.2",
        "1.25",
        "0.25",
        "0.3",
        "0.5",
        "1.5",
        "0.1",
    }


def test_each_prediction_speaks_of_models_that_are_trained_with_every_seed(script):
    runs, seeds = script("claim_runs"), script("claims").SEEDS
    names = [run.name for run in runs.RUNS]
    assert len(names) == len(set(names))
    assert {name for one in runs.PREDICTIONS for name in (one.low, one.high)} <= set(names)
    for name in names:
        assert {*LOG["runs"][name]} == {str(seed) for seed in seeds}, name


@pytest.mark.parametrize(
    ("low", "high", "equal", "found"),
    [
        ([1, 2, 2], [3, 4, 5], False, "as predicted"),
        ([3, 4, 4], [1, 2, 1], False, "no: the opposite"),
        ([1, 3, 1], [2, 4, 4], False, "no clear difference"),
        ([1, 3, 1], [2, 4, 4], True, "as predicted"),
        ([1, 2, 1], [3, None, 4], True, "no: the first is better"),
        ([3, None, 4], [1, 2, 1], True, "no: the second is better"),
        ([1, 2, 1], [3, 4], False, "too few seeds"),
    ],
)
def test_the_outcome_compares_every_seed(script, low, high, equal, found):
    claims, runs = script("claims"), script("claim_runs")
    log = {
        "runs": {
            name: {str(k): {"valid": value} for k, value in enumerate(values)}
            for name, values in (("a", low), ("b", high))
        }
    }
    assert claims.outcome(log, runs.Prediction(0, "", "a", "b", equal)) == found


@pytest.mark.parametrize("name", LOG["checks"])
def test_what_needs_no_training_still_comes(script, name):
    found = script("claim_checks").CHECKS[name]()
    assert found.keys() == LOG["checks"][name].keys()
    for key, value in found.items():
        # what is nearly zero here may be another rounding there
        assert value == pytest.approx(LOG["checks"][name][key], rel=1e-3, abs=1e-13), key


def test_the_checks_say_what_the_notes_say():
    """The figures that the notes themselves have."""
    checks = LOG["checks"]
    assert (checks["offsets"]["first"], checks["offsets"]["second"]) == (0, 500)
    assert checks["measure"]["0.8"] == 1.25
    assert checks["measure"]["1"] == 1
    assert checks["parameters"]["gru"] < checks["parameters"]["lstm"]
    assert checks["output"]["mean"] == pytest.approx(checks["output"]["mean of the rest"])


def test_new_masks_at_each_step_have_the_gradient_of_their_loss(script):
    variants = script("claim_variants")
    rng = np.random.default_rng(0)
    layer = Recurrent(CELLS["lstm"], variants.NewMasks(), 3, 4, scaled_normal(rng, np.float64), 0.4)
    x, dy = rng.standard_normal((5, 2, 3)), rng.standard_normal((5, 2, 4))
    zero = layer.initial_state(2)

    def forward():
        variants.NewMasks.rng = np.random.default_rng(4)
        tape = layer.begin(5, 2, np.random.default_rng(1))
        y, _ = tape.forward(x, zero)
        return tape, float((y * dy).sum())

    tape, _ = forward()
    assert len({masks.h.tobytes() for masks in tape.drawn}) > 1
    dx, _ = tape.backward(dy, tuple(np.zeros_like(part) for part in zero))
    for place in ((0, 0, 0), (2, 1, 1), (4, 0, 2)):
        kept, ends = x[place], []
        for step in (1e-6, -1e-6):
            x[place] = kept + step
            ends.append(forward()[1])
        x[place] = kept
        assert dx[place] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-9)


def test_without_1e_6_a_clipped_gradient_has_the_norm_asked_for(script):
    def clipped(clip):
        param = Param(np.zeros(4))
        param.add(np.full(4, 0.125))  # a norm of 0.25
        assert clip([param], 0.25) == 0.25
        return param.grad_squared_norm() ** 0.5

    assert clipped(script("claim_variants").clip_without_epsilon) == 0.25
    assert clipped(clip_gradients) == pytest.approx(0.25, rel=1e-5)
    assert clipped(clip_gradients) < 0.25
