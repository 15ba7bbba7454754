"""Helpers for tests of gradients."""

import numpy as np
import pytest


def flat(state):
    """The arrays of a nested state, in order."""
    if isinstance(state, np.ndarray):
        return [state]
    return [array for part in state for array in flat(part)]


def central_difference(loss, array, step=1e-6):
    """The gradient of ``loss()`` with respect to ``array``, element by element."""
    gradient = np.zeros_like(array)
    for index in np.ndindex(*array.shape):
        kept = array[index]
        array[index] = kept + step
        above = loss()
        array[index] = kept - step
        gradient[index] = (above - loss()) / (2 * step)
        array[index] = kept
    return gradient


@pytest.fixture
def check_gradients():
    """Compare gradients with central differences of a loss: name to (gradient, array)."""

    def check(loss, pairs):
        assert pairs
        for what, (analytic, array) in pairs.items():
            expected = central_difference(loss, array)
            scale = max(np.linalg.norm(analytic) + np.linalg.norm(expected), 1e-12)
            error = np.linalg.norm(analytic - expected) / scale
            assert error < 1e-6, f"{what}: relative error {error:.1e}"

    return check
