import numpy as np
import pytest

from rnnlm_cli.errors import DivergedError
from rnnlm_cli.model.bounds import checked_log_probs, guessing_nats, score_warnings


@pytest.mark.parametrize("value", [np.nan, -np.inf, -1e30, -10_001.0])
def test_log_probabilities_of_a_model_that_diverged_are_an_error(value):
    with pytest.raises(DivergedError, match="its training diverged"):
        checked_log_probs(np.array([[-1.0, value]]))


def test_other_log_probabilities_are_returned():
    log_probs = np.array([0.0, -700.0, -9_999.0])
    assert checked_log_probs(log_probs) is log_probs
    assert checked_log_probs(np.empty(0)).size == 0


def test_guessing():
    assert guessing_nats(10_000) == pytest.approx(9.2103, abs=1e-4)
    assert guessing_nats(1) > 0


def test_a_mean_loss_far_above_that_of_guessing_is_a_warning():
    assert score_warnings(9.9 * guessing_nats(50), 50) == []
    (warning,) = score_warnings(50.0, 50)
    assert warning.startswith("the loss is 50 nats per token, 12.8 times that of guessing (3.91)")
