"""Penalties on a block with padding."""

import numpy as np
import pytest

from rnnlm_cli.nn.layers.penalties import ActivationPenalty, SlownessPenalty


@pytest.mark.parametrize("penalty", [ActivationPenalty, SlownessPenalty])
def test_penalties_are_means_over_steps_that_are_not_padding(penalty, check_gradients):
    layer = penalty(0.7)
    h = np.random.default_rng(0).standard_normal((4, 3, 2))
    lengths = [4, 1, 2]
    padding = np.arange(4)[:, np.newaxis] >= np.array(lengths)

    def loss():
        lines = [h[:length, line] for line, length in enumerate(lengths)]
        if penalty is SlownessPenalty:
            lines = [np.diff(line, axis=0) for line in lines]
        return 0.7 * (np.concatenate(lines) ** 2).mean()

    check_gradients(loss, {"h": (layer.gradient(h, padding), h)})
    assert not layer.gradient(h, padding)[padding].any()


def test_a_block_of_padding_but_for_one_step_has_no_slowness_penalty():
    padding = np.array([[False], [True]])
    assert not SlownessPenalty(0.7).gradient(np.ones((2, 1, 3)) * [[[1]], [[5]]], padding).any()
