import numpy as np
import pytest

from rnnlm_cli.config import optimizer as schema
from rnnlm_cli.config.schedule import Constant, Cosine, Linear, OneCycle, Plateau
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.nn.param import Param
from rnnlm_cli.train.clipping import clip_gradients
from rnnlm_cli.train.optimizers import OPTIMIZERS, build_optimizer, optimizer_of
from rnnlm_cli.train.schedules import Place, learning_rate


def params_with(*gradients):
    params = {}
    for k, gradient in enumerate(gradients):
        params[f"p{k}"] = Param(np.ones_like(gradient))
        params[f"p{k}"].add(gradient)
    return params


def test_sgd_updates_by_rate_times_gradient():
    params = params_with(np.array([1.0, -2.0]))
    build_optimizer(params, schema.Sgd()).step(0.5)
    assert params["p0"].value.tolist() == [0.5, 2.0]


def test_adam_follows_the_formula_of_its_paper():
    params = params_with(np.zeros(3))
    config = schema.Adam(beta1=0.8, beta2=0.9, epsilon=1e-6)
    optimizer = build_optimizer(params, config)
    rng = np.random.default_rng(0)
    w, m, v = np.ones(3), np.zeros(3), np.zeros(3)
    for t in range(1, 8):
        g = rng.standard_normal(3)
        params["p0"].zero_grad()
        params["p0"].add(g)
        optimizer.step(0.1)
        m = 0.8 * m + 0.2 * g
        v = 0.9 * v + 0.1 * g**2
        w -= 0.1 * (m / (1 - 0.8**t)) / (np.sqrt(v / (1 - 0.9**t)) + 1e-6)
        np.testing.assert_allclose(params["p0"].value, w, rtol=1e-12)


@pytest.mark.parametrize(
    "config",
    [
        *(kind() for kind in OPTIMIZERS),
        schema.Sgd(weight_decay=0.1),
        schema.Momentum(weight_decay=0.1),
        schema.NtAsgd(epochs_without_gain=1),
    ],
    ids=lambda config: type(config).__name__,
)
def test_a_restored_optimizer_continues_as_the_first_would(config):
    gradients = np.random.default_rng(0).standard_normal((6, 4))
    whole, first, second = (params_with(np.zeros(4)) for _ in range(3))

    def steps(params, optimizer, rows):
        for g in rows:
            params["p0"].zero_grad()
            params["p0"].add(g)
            optimizer.step(0.1)
            optimizer.validated(float(g[0]))  # up and down, so that averaging begins

    complete = build_optimizer(whole, config)
    steps(whole, complete, gradients)
    optimizer = build_optimizer(first, config)
    steps(first, optimizer, gradients[:3])
    later = build_optimizer(second, config)
    later.restore(optimizer.state())
    second["p0"].value[...] = first["p0"].value
    steps(second, later, gradients[3:])
    np.testing.assert_array_equal(second["p0"].value, whole["p0"].value)
    with later.final_weights(), complete.final_weights():
        np.testing.assert_array_equal(second["p0"].value, whole["p0"].value)


@pytest.mark.parametrize("kind", OPTIMIZERS, ids=lambda kind: kind.__name__)
def test_it_keeps_the_number_of_arrays_that_it_reports(kind):
    """The number that ``train/memory.py`` reads, against the arrays in the state."""
    params = params_with(np.zeros(4), np.zeros((2, 3)))
    optimizer = build_optimizer(params, kind())
    for nats in (1.0, *range(2, 12)):  # ever worse, so that averaging begins
        for param in params.values():
            param.zero_grad()
            param.add(np.ones_like(param.value))
        optimizer.step(0.1)
        optimizer.validated(nats)
    kept = [values for values in optimizer.state().values() if isinstance(values, dict)]
    assert len(kept) == optimizer.arrays_per_parameter
    assert all(values.keys() == params.keys() for values in kept)


def trajectory(config, gradients, rate):
    """The weights after each step from ones."""
    params = params_with(np.zeros(gradients.shape[1]))
    optimizer = build_optimizer(params, config)
    for g in gradients:
        params["p0"].zero_grad()
        params["p0"].add(g)
        optimizer.step(rate)
        yield params["p0"].value.copy()


def test_weight_decay_shrinks_every_weight():
    (w,) = trajectory(schema.Sgd(weight_decay=0.2), np.array([[1.0, 0.0]]), 0.5)
    np.testing.assert_allclose(w, [1 - 0.5 * (1 + 0.2), 1 - 0.5 * 0.2])


def test_momentum_follows_its_formula():
    gradients = np.random.default_rng(0).standard_normal((5, 3))
    w, v = np.ones(3), np.zeros(3)
    config = schema.Momentum(momentum=0.8, weight_decay=0.1)
    for g, found in zip(gradients, trajectory(config, gradients, 0.2), strict=True):
        v = 0.8 * v + g + 0.1 * w
        w = w - 0.2 * v
        np.testing.assert_allclose(found, w, rtol=1e-12)


def test_adamw_decays_separately_from_adam():
    gradients = np.random.default_rng(0).standard_normal((4, 3))
    config = schema.AdamW(weight_decay=0.3, beta1=0.0, beta2=0.0, epsilon=1e-12)
    w = np.ones(3)
    for g, found in zip(gradients, trajectory(config, gradients, 0.1), strict=True):
        w = w * (1 - 0.1 * 0.3) - 0.1 * np.sign(g)  # without memory Adam moves by the sign
        np.testing.assert_allclose(found, w, rtol=1e-9)


class TestNtAsgd:
    def make(self, patience=2):
        params = params_with(np.zeros(1))
        return params, build_optimizer(params, schema.NtAsgd(epochs_without_gain=patience))

    def step(self, params, optimizer, gradient):
        params["p0"].zero_grad()
        params["p0"].add(np.array([gradient]))
        optimizer.step(1.0)

    def final(self, params, optimizer):
        with optimizer.final_weights():
            return float(params["p0"].value[0])

    @pytest.mark.parametrize(
        ("validations", "begins"),
        [
            ([5.0, 4.0, 3.0, 2.0], False),
            ([5.0, 4.0, 4.5, 4.2], False),  # better than all before the last two
            ([5.0, 4.0, 4.5, 4.6, 4.2], True),  # worse than the best of them
            ([5.0, 6.0, 7.0], False),  # nothing before the last two
            ([5.0, 6.0, 7.0, 6.0], True),
        ],
    )
    def test_averaging_begins_when_validation_no_longer_improves(self, validations, begins):
        params, optimizer = self.make()
        for nats in validations:
            self.step(params, optimizer, 1.0)
            optimizer.validated(nats)
        learning = float(params["p0"].value[0])
        self.step(params, optimizer, 1.0)
        self.step(params, optimizer, 1.0)
        expected = learning - 1.5 if begins else learning - 2  # the mean of the two, or the last
        assert self.final(params, optimizer) == pytest.approx(expected)
        assert float(params["p0"].value[0]) == learning - 2  # what learns is untouched


class TestAveraging:
    """Steps of -1 from 1, so that the weights are 0, -1, -2, ..."""

    def make(self, averaging, steps, kind=schema.Sgd):
        params = params_with(np.zeros(1))
        training = TrainingConfig(optimizer=kind(), averaging=averaging)
        return params, optimizer_of(params, training, steps)

    def train(self, params, optimizer, steps):
        for _ in range(steps):
            params["p0"].zero_grad()
            params["p0"].add(np.ones(1))
            optimizer.step(1.0)

    def final(self, params, optimizer):
        with optimizer.final_weights():
            return float(params["p0"].value[0])

    def test_without_it_the_optimizer_is_the_plain_one(self):
        _, optimizer = self.make(schema.NoAverage(), 10)
        assert type(optimizer) is OPTIMIZERS[schema.Sgd]

    @pytest.mark.parametrize(
        ("done", "expected"), [(7, -6.0), (8, -7.0), (9, -7.5), (10, -8.0)], ids=str
    )
    def test_the_tail_is_the_plain_mean_of_the_last_steps(self, done, expected):
        params, optimizer = self.make(schema.TailAverage(fraction=0.3), 10)
        self.train(params, optimizer, done)
        assert self.final(params, optimizer) == pytest.approx(expected)
        assert float(params["p0"].value[0]) == 1 - done  # what learns is untouched

    def test_a_longer_training_drops_the_tail_of_the_shorter_one(self):
        config = schema.TailAverage(fraction=0.5)
        params, optimizer = self.make(config, 10)
        self.train(params, optimizer, 10)
        longer, later = self.make(config, 40)
        later.restore(optimizer.state())
        longer["p0"].value[...] = params["p0"].value
        assert self.final(longer, later) == -7.0
        self.train(longer, later, 1)
        assert self.final(longer, later) == -10.0
        self.train(longer, later, 11)
        assert self.final(longer, later) == pytest.approx(-20.5)  # steps 21 and 22

    def test_a_moving_average_follows_its_recurrence(self):
        params, optimizer = self.make(schema.EmaAverage(decay=0.75), 100)
        mean = None
        for step in range(60):
            self.train(params, optimizer, 1)
            decay = min(0.75, step / (step + 9))
            value = float(-step)
            mean = value if mean is None else decay * mean + (1 - decay) * value
            assert self.final(params, optimizer) == pytest.approx(mean)
        assert mean == pytest.approx(-59 + 3)  # it lags by decay / (1 - decay) steps

    @pytest.mark.parametrize("kind", [k for k in OPTIMIZERS if k is not schema.NtAsgd])
    def test_every_optimizer_is_restored_with_its_average(self, kind):
        whole, complete = self.make(schema.EmaAverage(), 9, kind)
        self.train(whole, complete, 9)
        first, optimizer = self.make(schema.EmaAverage(), 9, kind)
        self.train(first, optimizer, 4)
        second, later = self.make(schema.EmaAverage(), 9, kind)
        later.restore(optimizer.state())
        second["p0"].value[...] = first["p0"].value
        self.train(second, later, 5)
        assert second["p0"].value == whole["p0"].value
        assert self.final(second, later) == self.final(whole, complete) != whole["p0"].value
        assert (
            later.arrays_per_parameter == build_optimizer(second, kind()).arrays_per_parameter + 1
        )

    def test_a_mean_without_steps_is_refused(self):
        params, optimizer = self.make(schema.EmaAverage(), 10)
        self.train(params, optimizer, 1)
        with pytest.raises(ValueError, match="steps without one"):
            optimizer.restore({**optimizer.state(), "mean": {}})


def test_adam_takes_row_gradients():
    dense, rows = params_with(np.zeros((4, 2))), params_with(np.zeros((4, 2)))
    gradient = np.array([[0, 0], [1.0, 2.0], [0, 0], [3.0, 4.0]])
    dense["p0"].add(gradient)
    rows["p0"].zero_grad()
    rows["p0"].add_rows(np.array([3, 1]), gradient[[3, 1]])
    for params in (dense, rows):
        build_optimizer(params, schema.Adam()).step(0.1)
    np.testing.assert_allclose(rows["p0"].value, dense["p0"].value)


def norm_of(params):
    return np.sqrt(sum((p.grad**2).sum() for p in params.values()))


def test_clipping_scales_the_whole_gradient_and_returns_its_norm():
    params = params_with(np.array([3.0]), np.array([[4.0]]))
    assert clip_gradients(params.values(), 1.0) == pytest.approx(5.0)
    assert norm_of(params) == pytest.approx(1.0, rel=1e-5)
    assert params["p0"].grad[0] / params["p1"].grad[0, 0] == pytest.approx(0.75)


@pytest.mark.parametrize("limit", [5.1, None])
def test_a_short_gradient_is_not_scaled(limit):
    params = params_with(np.array([3.0]), np.array([[4.0]]))
    assert clip_gradients(params.values(), limit) == pytest.approx(5.0)
    assert params["p0"].grad.tolist() == [3.0]


@pytest.mark.parametrize(
    ("config", "place", "factor"),
    [
        (Constant(), Place(70, 100, 3), 1.0),
        (Plateau(divide_by=4), Place(70, 100, 0), 1.0),
        (Plateau(divide_by=4), Place(70, 100, 2), 1 / 16),
        (Linear(), Place(0, 100, 0), 1.0),
        (Linear(), Place(75, 100, 0), 0.25),
        (Linear(hold=0.5), Place(50, 100, 0), 1.0),
        (Linear(hold=0.5), Place(75, 100, 0), 0.5),
        (Linear(), Place(150, 100, 0), 0.0),
        (Cosine(), Place(0, 100, 0), 1.0),
        (Cosine(), Place(50, 100, 0), 0.5),
        (Cosine(), Place(100, 100, 0), 0.0),
        (OneCycle(), Place(0, 100, 0), 0.1),
        (OneCycle(), Place(45, 100, 0), 1.0),
        (OneCycle(begin=0.25, rise=0.5, end=0.1), Place(70, 100, 0), 0.625),
        (OneCycle(), Place(90, 100, 0), 0.1),
        (OneCycle(), Place(95, 100, 0), 0.05),
        (OneCycle(), Place(150, 100, 0), 0.0),
        (OneCycle(rise=0, end=0), Place(0, 100, 0), 1.0),
        (OneCycle(rise=0, end=0), Place(100, 100, 0), 0.0),
        (Constant(warmup=10), Place(0, 100, 0), 0.1),
        (Constant(warmup=10), Place(4, 100, 0), 0.5),
        (Linear(warmup=10), Place(50, 100, 0), 0.5),
    ],
)
def test_schedules(config, place, factor):
    assert learning_rate(20.0, config, place) == pytest.approx(20.0 * factor)
