"""Learning curves, from logs written by hand."""

import json

import pytest

from rnnlm_cli.evaluate.measure import MEASURES, PERPLEXITY
from rnnlm_cli.report.training import read_curves, training_panels


def log(path, *lines):
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return read_curves(str(path))


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_the_figures_are_found_under_their_measures_keys(tmp_path, measure):
    curves = log(
        tmp_path / "a.jsonl",
        {"event": "step", "step": 5, "epoch": 1, "nats_per_token": 2.5},
        {"event": "epoch", "epoch": 1, measure.key("train"): 9.0, measure.key("valid"): 8.0},
        {"event": "epoch", "epoch": 2, measure.key("train"): 7.0, measure.key("valid"): None},
    )
    assert curves.measure is measure
    assert curves.loss == [(5, 2.5)]
    assert curves.train == [(1, 9.0), (2, 7.0)]
    assert curves.valid == [(1, 8.0)]
    loss, figures = training_panels([curves])
    assert loss.y_label == "nats per token"
    assert (figures.title, figures.y_label) == (measure.name, measure.name)


def test_without_an_epoch_it_is_perplexity(tmp_path):
    curves = log(tmp_path / "a.jsonl", {"event": "step", "step": 1, "nats_per_token": 2.0})
    assert curves.measure is PERPLEXITY
    assert curves.train == []
