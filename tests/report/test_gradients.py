"""Gradients through time, against the equations."""

import numpy as np
import pytest

from rnnlm_cli.report.gradients import gradient_caption, gradient_norms, gradient_panels


@pytest.mark.parametrize("scale", [0.5, 1.5])
def test_an_elman_rnn_multiplies_by_its_weights_at_each_step(scale):
    """With zero inputs, tanh' is 1: the norm is that of the matrix powers."""
    found = gradient_norms("rnn", scale, 12, 30, 0.0, seed=3)
    rng = np.random.default_rng(3)
    rng.standard_normal((1, 30 * 1))  # weight_ih
    w_hh = scale * rng.standard_normal((30, 30)) / np.sqrt(30)
    dh = rng.standard_normal((1, 30))
    dh /= np.linalg.norm(dh)
    for norm in found.dh:
        assert norm == pytest.approx(np.linalg.norm(dh), rel=1e-9)
        dh = dh @ w_hh.T
    assert (found.dh[-1] > 10) == (scale > 1)
    assert found.dc == []


def test_an_open_forget_gate_keeps_the_memory_cell_with_any_weights():
    """dc is multiplied by f = sigmoid(b) at each step; small recurrent weights add little."""
    open_gate = gradient_norms("lstm", 0.1, 50, 40, 4.0, seed=1)
    half = gradient_norms("lstm", 0.1, 50, 40, 0.0, seed=1)
    f = 1 / (1 + np.exp(-4.0))
    ratio = (open_gate.dc[50] / open_gate.dc[20]) ** (1 / 30)
    assert ratio == pytest.approx(f, abs=0.01)
    assert open_gate.dc[50] > 0.3 * open_gate.dc[1]
    assert half.dc[50] < 1e-8 * half.dc[1]


def test_an_open_update_gate_keeps_the_gradient_of_a_gru():
    assert gradient_norms("gru", 0.5, 50, 40, 4.0, seed=1).dh[-1] > 0.3
    assert gradient_norms("gru", 0.5, 50, 40, 0.0, seed=1).dh[-1] < 1e-4


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.5])
def test_an_open_gate_keeps_an_lstms_gradient_from_vanishing_but_not_from_exploding(scale):
    """From the zero state a step multiplies by f + scale/4 or z + (1-z) scale/2, about."""
    kept = 1 / (1 + np.exp(-4.0))
    lstm = gradient_norms("lstm", scale, 50, 100, 4.0, seed=1)
    gru = gradient_norms("gru", scale, 50, 100, 4.0, seed=1)
    assert lstm.factor == pytest.approx(kept + scale / 4, rel=0.02)
    assert gru.factor == pytest.approx(kept + (1 - kept) * scale / 2, rel=0.01)
    assert lstm.dh[-1] > 1 > gru.dh[-1] > 0.3


def test_one_panel_per_cell_and_one_curve_per_scale():
    found = [
        gradient_norms(cell, scale, 5, 8, 4.0, 1)
        for cell in ("rnn", "lstm")
        for scale in (0.5, 1.5)
    ]
    rnn, lstm = gradient_panels(found)
    assert [line.label for line in rnn.lines] == ["dh, scale 0.5", "dh, scale 1.5"]
    assert [line.label for line in lstm.lines][1] == "dc, scale 0.5"
    assert {line.color for line in lstm.lines} == {0, 1}
    assert rnn.reference == 1
    assert rnn.lines[0].tag == f"\u00d7{found[0].factor:.3g}"
    assert "The bias of the LSTM's f is 4." in gradient_caption(found, 8, 4.0)
