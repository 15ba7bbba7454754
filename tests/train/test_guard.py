import math
from itertools import chain

import msgspec
import numpy as np
import pytest

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.optimizer import Sgd
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.errors import DivergedError
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.train.guard import LEAP, Guard
from rnnlm_cli.train.trend import RECENT_NORMS, RECENT_STEPS, Memory

V = 50
GUESSING = math.log(V)


def guard_of(**training):
    config = ModelConfig(embedding_size=3, hidden_size=4)
    network = Rnnlm.random(config, V, np.random.default_rng(1))
    return Guard(network, TrainingConfig(**training))


def check(guard, nats, norm=1.0, ends_epoch=False):
    return guard.check_step("epoch 1, step 9", nats, norm, ends_epoch)


@pytest.mark.parametrize(
    ("nats", "norm"), [(math.inf, 1), (math.nan, 1), (3, math.inf), (3, math.nan)]
)
def test_a_value_that_is_not_finite_is_an_error_at_once(nats, norm):
    guard = guard_of()
    guard._model.params["layer0.bias"].add(np.full(16, np.nan, np.float32))
    with pytest.raises(
        DivergedError, match=r"epoch 1, step 9: .*first in layer0\.bias.*not applied"
    ):
        check(guard, nats, norm)
    assert guard.memory == Memory()


def test_the_loss_is_judged_by_its_mean_over_the_last_steps():
    """It ends at 10 ln V, independent of how the processor's arithmetic overflows."""
    guard = guard_of()
    for _ in range(RECENT_STEPS - 1):
        assert check(guard, GUESSING) == []
    just_below = (RECENT_STEPS * 10 - (RECENT_STEPS - 1)) * GUESSING - 0.01
    assert check(guard, just_below) == []  # the mean is 10 ln V, all but
    with pytest.raises(DivergedError, match=r"last 20 steps is 39\.\d+ nats per token, 10 times"):
        check(guard, GUESSING + 0.02)


def test_a_finite_loss_of_1e30_is_divergence():
    guard = guard_of()
    for _ in range(RECENT_STEPS):
        check(guard, 2.0)
    with pytest.raises(DivergedError, match=r"3\.5e\+28 nats per token.*not applied. Lower"):
        check(guard, 7e29)


def test_a_divergence_is_found_before_all_steps_are_known():
    with pytest.raises(DivergedError, match="loss of the last 1 steps"):
        check(guard_of(), 1e30)


def test_a_short_training_is_judged_at_the_end_of_its_epoch():
    guard = guard_of()
    assert check(guard, 100 * GUESSING) == []
    with pytest.raises(DivergedError, match="of the last 2 steps"):
        check(guard, GUESSING, ends_epoch=True)


def test_worse_than_guessing_is_a_warning_with_the_values_to_change():
    guard = guard_of(optimizer=Sgd(learning_rate=2000), clip_norm=None)
    said = [check(guard, 1.6 * GUESSING) for _ in range(100)]
    assert list(chain(*said)) == [
        "epoch 1, step 9: the loss of the last 20 steps is 6.26 nats per token, 1.6 times that of "
        "guessing (3.91); lower training.optimizer.learning_rate (now 2000), or set "
        "training.clip_norm (now null)"
    ]
    assert said[39]
    guard.new_epoch()
    assert check(guard, 1.6 * GUESSING, ends_epoch=True) == [], "it is told once"


def test_a_short_training_is_warned_at_the_end_of_its_epoch():
    (warning,) = check(guard_of(), 1.6 * GUESSING, ends_epoch=True)
    assert "of the last 1 steps is 6.26 nats" in warning


def test_a_rising_loss_is_a_warning_with_its_lowest():
    guard = guard_of()
    losses = [2.0] * 20 + [2.7] * 80 + [2.8] * 100
    (warning,) = chain(*(check(guard, nats) for nats in losses))
    assert warning == (
        "epoch 1, step 9: the loss of the last 20 steps is 2.8 nats per token and rises; at its "
        "lowest it was 2; lower training.optimizer.learning_rate (now 20) or training.clip_norm "
        "(now 0.25)"
    )


def test_a_leap_of_the_gradients_norm_is_a_warning_once_per_epoch():
    guard = guard_of()
    for k in range(RECENT_STEPS):
        assert check(guard, 1.0, norm=1 + k % 2) == []  # the median is 1.5
    assert check(guard, 1.0, norm=1.5 * LEAP) == []
    (warning,) = check(guard, 1.0, norm=3 * LEAP)
    assert "norm is 300, 150 times the median of the last 21" in warning
    assert check(guard, 1.0, norm=10_000) == []
    guard.new_epoch()
    assert len(check(guard, 1.0, norm=10_000)) == 1


def test_a_norm_of_zero_is_not_a_leap():
    guard = guard_of()
    for _ in range(RECENT_STEPS + 1):
        check(guard, 1.0, norm=0.0)
    assert check(guard, 1.0, norm=5.0) == []


def test_its_memory_is_bounded_and_is_all_of_its_state():
    whole, first = guard_of(), guard_of()
    rng = np.random.default_rng(1)
    steps = list(zip(rng.uniform(1, 8, 300), rng.lognormal(0, 3, 300), strict=True))
    for step in steps[:150]:
        assert check(whole, *step) == check(first, *step)
    resumed = guard_of()
    stored = msgspec.to_builtins(first.memory)
    assert [len(stored["losses"]), len(stored["norms"])] == [RECENT_STEPS, RECENT_NORMS]
    resumed.memory = msgspec.convert(stored, Memory)
    for step in steps[150:]:
        assert check(whole, *step) == check(resumed, *step)
    assert whole.memory == resumed.memory


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 2e9, -1e30])
def test_an_absurd_weight_is_an_error(value):
    guard = guard_of()
    guard.check_weights("epoch 3")
    guard._model.params["output.bias"].value[7] = value
    with pytest.raises(DivergedError, match=r"epoch 3: a weight of output\.bias is .*not saved"):
        guard.check_weights("epoch 3")


@pytest.mark.parametrize("nats", [math.inf, math.nan, 710.0, 7e29])
def test_a_validation_without_a_perplexity_is_an_error(nats):
    guard = guard_of()
    guard.check_validation("epoch 1", 700.0)
    with pytest.raises(DivergedError, match="epoch 1: the validation loss is"):
        guard.check_validation("epoch 1", nats)


def test_the_remedy_fits_the_setting():
    with pytest.raises(DivergedError, match=r"or set training\.on_nan: rollback"):
        check(guard_of(on_nan="stop"), math.nan)
    with pytest.raises(DivergedError) as error:
        check(guard_of(on_nan="rollback"), math.nan)
    assert "on_nan" not in str(error.value)
