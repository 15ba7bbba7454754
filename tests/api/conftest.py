"""What tests of the Python interface need."""

import pytest

import rnnlm_cli


@pytest.fixture
def lm(hello):
    """The model of the directory ``hello``, in which the test runs."""
    return rnnlm_cli.load("checkpoints/hello.pkl")


@pytest.fixture
def both_sides(hello):
    """A bidirectional model of the same text, hardly trained."""
    return rnnlm_cli.train(
        "configs/hello.yaml",
        overrides={
            "training.epochs": 30,
            "model.direction": "bidirectional",
            "checkpoint.path": "checkpoints/both.pkl",
        },
    )
