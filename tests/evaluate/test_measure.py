import math

import pytest

from rnnlm_cli.evaluate.measure import ACCURACY, MEASURES, PERPLEXITY, PSEUDO_PERPLEXITY, Measure
from rnnlm_cli.model.history import EpochRecord, TextFigures

EPOCH = EpochRecord(2, 1.0, 8.0, None, 0.5, True, TextFigures(2.0, 1.0, 64.0))


def test_its_figure_is_exp_of_the_mean():
    assert PERPLEXITY.figure(6.0, 3) == pytest.approx(math.exp(2))
    assert PERPLEXITY.figure(1e6) == math.inf


@pytest.mark.parametrize(
    ("better", "mean", "improves"),
    [("lower", 1.0, True), ("lower", 3.0, False), ("higher", 1.0, False), ("higher", 3.0, True)],
)
def test_which_direction_is_better(better, mean, improves):
    measure = Measure("m", "u", better)
    assert measure.improves(mean, best=2.0) == improves
    assert not measure.improves(2.0, best=2.0)
    assert not measure.improves(math.nan, best=2.0)


def test_an_epoch_has_the_keys_of_its_measure():
    assert PERPLEXITY.values(EPOCH) == {
        "epoch": 2,
        "part": 1.0,
        "step": None,
        "train_perplexity": 8.0,
        "valid_perplexity": None,
        "train_bits_per_character": 2.0,
        "train_bits_per_byte": 1.0,
        "train_perplexity_per_word": 64.0,
        "valid_bits_per_character": None,
        "valid_bits_per_byte": None,
        "valid_perplexity_per_word": None,
        "learning_rate": 0.5,
        "best": True,
    }
    found = PSEUDO_PERPLEXITY.values(EPOCH)
    assert found["train_pseudo_perplexity"] == 8.0
    assert found["train_pseudo_perplexity_per_word"] == 64.0
    assert not {"train_perplexity", "valid_perplexity"} & found.keys()


def test_every_measure_has_a_name_of_its_own():
    assert len({measure.key() for measure in MEASURES}) == len(MEASURES)


def test_an_accuracy_is_the_share_that_is_right_and_training_reports_the_loss():
    assert ACCURACY.figure(3, 12) == 0.75
    assert ACCURACY.improves(0.25, best=0.5)  # the mean is of wrong labels
    assert (ACCURACY.key("train"), ACCURACY.key("valid")) == ("train_perplexity", "valid_accuracy")
    values = ACCURACY.values(EpochRecord(2, 1.0, 1.5, 0.75, 0.5, True))
    assert (values["train_perplexity"], values["valid_accuracy"]) == (1.5, 0.75)
    assert not any("bits" in key for key in values)
