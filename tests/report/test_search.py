"""The table of trials."""

import pytest

from rnnlm_cli.report.search import short_names


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (["model.layers"], ["layers"]),
        (
            ["training.optimizer.kind", "training.schedule.kind"],
            ["optimizer.kind", "schedule.kind"],
        ),
        (["model.dropout.input", "training.bptt"], ["input", "bptt"]),
        (
            ["training.optimizer.kind", "optimizer.kind"],
            ["training.optimizer.kind", "optimizer.kind"],
        ),
    ],
)
def test_names_are_as_short_as_they_can_be(keys, names):
    assert list(short_names(keys).values()) == names
