"""Learning curves, from logs written by hand."""

import json
import math

import pytest

from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.measure import MEASURES, PERPLEXITY
from rnnlm_cli.report.curves import Place, read_curves
from rnnlm_cli.report.training import training_picture


def log(path, *lines):
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return read_curves(str(path))


def step(number, nats=2.0, speed=100.0, seconds=0.0, **more):
    line = {"event": "step", "step": number, "epoch": 1, "nats_per_token": nats}
    return line | {"tokens_per_second": speed, "seconds": seconds} | more


def epoch(number, valid, **more):
    return {
        "event": "epoch",
        "epoch": number,
        "train_perplexity": 9.0,
        "valid_perplexity": valid,
    } | more


def curves(tmp_path, name, *valid, unit=""):
    """A training of ten steps per epoch, with a loss of ln 10."""
    lines = [{"event": "start", "unit": unit}]
    for number, figure in enumerate(valid, 1):
        lines.append(step(10 * number, math.log(10), seconds=5.0 * number, learning_rate=1.0))
        lines.append(epoch(number, figure, step=10 * number, seconds=6.0 * number))
    return log(tmp_path / name, *lines)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_the_figures_are_found_under_their_measures_keys(tmp_path, measure):
    found = log(
        tmp_path / "a.jsonl",
        step(5, 2.5),
        {"event": "epoch", "epoch": 1, measure.key("train"): 9.0, measure.key("valid"): 8.0},
        {"event": "epoch", "epoch": 2, measure.key("train"): 7.0, measure.key("valid"): None},
    )
    assert found.measure is measure
    assert found.loss.along("step") == ([5], [2.5])
    assert found.train.values == [9.0, 7.0]
    assert found.valid.values == [8.0]
    assert measure.name in [panel.y_label for panel in training_picture([found]).panels]


def test_without_an_epoch_it_is_perplexity(tmp_path):
    found = log(tmp_path / "a.jsonl", {"event": "step", "step": 1, "nats_per_token": 2.0})
    assert found.measure is PERPLEXITY
    assert found.train.values == []
    assert found.best is None
    assert found.loss.along("token") == ([], [])  # such a line does not say how many


def test_tokens_are_speed_times_time_but_for_the_time_that_a_rollback_lost(tmp_path):
    found = log(
        tmp_path / "a.jsonl",
        step(20, seconds=2.0),
        step(40, seconds=4.0),
        {"event": "rollback", "step": 40},
        step(60, seconds=50.0),
        step(80, speed=50.0, seconds=54.0),
    )
    assert found.loss.along("token")[0] == [200, 400, 600, 800]
    assert found.loss.along("second")[0] == [2, 4, 50, 54]


def test_the_end_of_an_epoch_is_found_in_logs_that_lack_its_step(tmp_path):
    """The last report before it is 24 steps per epoch away from the start, at the most."""
    lines = [step(20, seconds=2.0), epoch(1, 8.0, seconds=3.0)]
    lines += [step(40, seconds=4.0), epoch(2, 7.0, seconds=5.0)]
    lines += [step(60, seconds=6.0), step(72, seconds=7.2), epoch(3, 6.0, seconds=8.0)]
    assert log(tmp_path / "a.jsonl", *lines).valid.places[0] == Place(24, 240, 3.0)
    exact = [step(20, seconds=2.0), epoch(1, 8.0, step=30, seconds=3.0)]
    assert log(tmp_path / "b.jsonl", *exact).valid.places == [Place(30, 300, 3.0)]


def test_one_panel_has_losses_as_perplexities_and_marks_the_best_validation(tmp_path):
    picture = training_picture([curves(tmp_path, "a.jsonl", 12.0, 8.0, 9.0)], smooth=0)
    figures, rates = picture.panels
    train, valid = figures.lines
    assert figures.logarithmic
    assert train.ys == pytest.approx([10.0] * 3)
    assert (valid.xs, valid.ys, valid.star) == ([10, 20, 30], [12.0, 8.0, 9.0], 1)
    assert train.label == "a: train 9.00, best valid 8.00 (epoch 2)"
    assert (rates.title, rates.lines[0].ys) == ("learning rate", [1.0] * 3)


def labelled(tmp_path, name, *valid):
    """A classifier's training."""
    ends = [
        {"event": "epoch", "epoch": k, "train_perplexity": 2.0, "valid_accuracy": figure, "step": k}
        for k, figure in enumerate(valid, 1)
    ]
    return log(tmp_path / name, step(1, math.log(3), seconds=1.0), *ends)


@pytest.mark.parametrize("others", [0, 5])
def test_the_most_accurate_validation_is_the_best_and_has_a_panel_of_its_own(tmp_path, others):
    worse = [labelled(tmp_path, f"w{k}.jsonl", 0.1) for k in range(others)]
    panels, _ = training_picture(
        [*worse, labelled(tmp_path, "a.jsonl", 0.5, 0.9, 0.9, 0.7)], "token"
    )
    loss, accuracy = panels[:2]
    assert (loss.y_label, loss.logarithmic) == ("perplexity per label", True)
    assert loss.lines[0].ys == pytest.approx([3.0])
    assert "a: train 2.00, best valid 90.00% (epoch 3)" in loss.lines[0].label
    assert (accuracy.y_label, accuracy.logarithmic) == ("accuracy", False)
    assert accuracy.x_label == "labels"
    assert (accuracy.lines[0].ys, accuracy.lines[0].star) == ([0.5, 0.9, 0.9, 0.7], 2)


def test_a_smoothed_loss_has_each_report_faintly_behind_it(tmp_path):
    found = log(tmp_path / "a.jsonl", *(step(n, n % 2) for n in range(1, 8)))
    faint, smooth = training_picture([found], smooth=1).panels[0].lines
    assert faint.opacity < smooth.opacity
    assert smooth.ys[1:-1] == pytest.approx(
        [math.exp(x) for x in (2 / 3, 1 / 3, 2 / 3, 1 / 3, 2 / 3)]
    )
    assert len(training_picture([found]).panels[0].lines) == 1  # too few to smooth


@pytest.mark.parametrize(
    ("along", "label", "xs"),
    [
        ("token", "tokens", [500, 1000]),
        ("second", "seconds of training", [6, 12]),
        ("step", "steps", [10, 20]),
    ],
)
def test_the_x_axis(tmp_path, along, label, xs):
    panel = training_picture([curves(tmp_path, "a.jsonl", 9.0, 8.0)], along).panels[0]
    assert (panel.x_label, panel.lines[-1].xs) == (label, xs)


def test_many_trainings_are_numbered_by_rank_and_look_different(tmp_path):
    found = [curves(tmp_path, f"{n}.jsonl", 50.0, 40.0 - n) for n in range(23)]
    train, valid, _ = training_picture(found).panels
    assert [line.label.split(":")[0] for line in train.lines[:2]] == ["\u20071  22", "\u20072  21"]
    assert [line.tag for line in valid.lines] == [str(n) for n in range(1, 24)]
    assert len({(line.color, line.style) for line in valid.lines}) == 23


def test_the_worst_losses_do_not_set_the_top(tmp_path):
    found = [curves(tmp_path, f"{n}.jsonl", 50.0, 40.0 - n) for n in range(9)]
    found.append(curves(tmp_path, "bad.jsonl", 9000.0, 8000.0))
    picture = training_picture(found)
    assert picture.panels[1].limits == (pytest.approx(10 / 1.06), pytest.approx(55.0))
    assert "above the top, and runs 10 to the end" in picture.caption


def test_other_tokens_have_panels_of_their_own(tmp_path):
    units = [curves(tmp_path, f"{u}.jsonl", 9.0, unit=u) for u in ("word", "char")]
    titles = [panel.title for panel in training_picture(units).panels]
    assert titles[:2] == [
        "perplexity per token, unit word: training and validation",
        "perplexity per token, unit char: training and validation",
    ]


def test_what_an_old_log_does_not_say_is_no_axis(tmp_path):
    found = log(tmp_path / "a.jsonl", {"event": "step", "step": 1, "nats_per_token": 2.0})
    with pytest.raises(UsageError, match="does not say its tokens; use another x axis"):
        training_picture([found], "token")
