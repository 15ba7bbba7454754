"""The keys in which two configurations differ, and how a value is written."""

import doctest
import sys

from rnnlm_cli.config import config_from_plain, differences


def config(**sections):
    plain = {"corpus": {"train": "a.txt"}, "checkpoint": {"path": "a.pkl"}}
    return config_from_plain({**plain, **sections})


def test_every_key_with_another_value_is_named_dotted_with_both():
    one = config(training={"optimizer": {"kind": "sgd", "learning_rate": 0.5}})
    other = config(training={"optimizer": {"kind": "momentum", "learning_rate": 0.5}})
    assert differences(one, other) == {
        "training.optimizer.kind": ("sgd", "momentum"),
        "training.optimizer.momentum": (None, 0.9),
    }
    assert differences(one, one) == {}


def test_the_examples_in_the_documentation():
    result = doctest.testmod(sys.modules[differences.__module__])
    assert (result.attempted, result.failed) == (1, 0)
