"""The kernels in C against the plain engine, at every level that this processor has."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlm_cli.errors import UsageError
from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.nn.cells.mogrifier import Mogrifier
from rnnlm_cli.nn.cpu import threads
from rnnlm_cli.nn.engines import choose, updates
from rnnlm_cli.nn.engines.blocked import BlockedPass, SteppedPass
from rnnlm_cli.nn.engines.compiled import Compiled
from rnnlm_cli.nn.engines.compiled_mogrifier import PASSES, CompiledMogrifierPass
from rnnlm_cli.nn.engines.compiled_pass import CompiledPass
from rnnlm_cli.nn.engines.compiled_sru import CompiledSRUSteps
from rnnlm_cli.nn.engines.kernels import Kernels, kernels, levels
from rnnlm_cli.nn.engines.plain import Plain
from rnnlm_cli.nn.engines.unchanged import Unchanged
from rnnlm_cli.nn.engines.updates import AdamStep, adam_update
from rnnlm_cli.nn.init import scaled_normal
from rnnlm_cli.nn.layers.recurrent import Recurrent
from rnnlm_cli.nn.outputs.compiled import CompiledSoftmaxOutput
from rnnlm_cli.nn.outputs.plain import PlainSoftmax
from rnnlm_cli.nn.param import Param

built = pytest.mark.skipif(not levels(), reason="no kernels: no compiler, or another processor")
IN_C = [name for name, cell in CELLS.items() if type(cell) in PASSES]
every_level = pytest.mark.parametrize("level", levels())


def layer_of(engine, cell, inputs, size, **dropout):
    rng = np.random.default_rng(0)
    layer = Recurrent(CELLS[cell], engine, inputs, size, scaled_normal(rng, np.float32), **dropout)
    for param in layer.params.values():
        param.value += 0.2 * rng.standard_normal(param.value.shape).astype(np.float32) / size**0.5
    return layer


def outcome(engine, cell, steps, streams, inputs, size, parts=1, **dropout):
    layer = layer_of(engine, cell, inputs, size, **dropout)
    rng = np.random.default_rng(1)
    x = rng.standard_normal((steps, streams, inputs)).astype(np.float32)
    state = tuple(rng.standard_normal((streams, size), np.float32) for _ in layer.cell.states)
    tape = layer.begin(steps, streams, np.random.default_rng(2))
    ys, dxs, after, cuts = [], [], state, np.array_split(np.arange(steps), parts)
    for cut in cuts:
        y, after = tape.forward(x[cut], after)
        ys.append(y)
    dbefore = tuple(np.sin(3 * part) for part in after)
    for y in reversed(ys):
        dx, dbefore = tape.backward(np.cos(3 * y), dbefore)
        dxs.insert(0, dx)
    tape.finish()
    gradients = (param.grad for param in layer.params.values())
    return [np.concatenate(ys), *after, np.concatenate(dxs), *dbefore, *gradients]


@pytest.mark.slow
@every_level
@given(
    cell=st.sampled_from(IN_C),
    steps=st.integers(4, 7),
    streams=st.sampled_from([1, 2, 5, 6, 7, 13, 29, 30, 31, 61, 257]),
    inputs=st.integers(1, 9),
    size=st.sampled_from([1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 97, 130]),
    rates=st.sampled_from([(0, 0), (0.4, 0), (0, 0.4), (0.3, 0.3)]),
)
@settings(max_examples=40, deadline=None)
def test_odd_sizes_equal_the_plain_engine(level, cell, steps, streams, inputs, size, rates):
    dropout = dict(zip(("recurrent_dropout", "weight_dropout"), rates, strict=True))
    shape = cell, steps, streams, inputs, size
    expected = outcome(Plain(), *shape, **dropout)
    for value, found in zip(
        expected, outcome(Compiled(kernels(level)), *shape, **dropout), strict=True
    ):
        largest = max(1, np.abs(value).max())
        np.testing.assert_allclose(found, value, rtol=0, atol=1e-5 * largest)


@every_level
@pytest.mark.parametrize(("rounds", "rank"), [(1, None), (2, 3), (4, None), (5, 17)])
@pytest.mark.parametrize(("streams", "inputs", "size"), [(31, 5, 9), (7, 70, 33)])
def test_rounds_of_a_mogrifier_equal_those_of_the_plain_engine(
    level, rounds, rank, streams, inputs, size, monkeypatch
):
    monkeypatch.setitem(CELLS, "mogrifier", Mogrifier(rounds, rank))
    monkeypatch.setattr("rnnlm_cli.nn.engines.compiled_pass.THREAD_WORK", 1)
    monkeypatch.setattr("rnnlm_cli.nn.engines.compiled_pass.core_count", lambda: 3)
    monkeypatch.setattr(threads, "core_count", lambda: 3)
    shape, engine = ("mogrifier", 5, streams, inputs, size), Compiled(kernels(level))
    assert type(layer_of(engine, "mogrifier", inputs, size).begin(5, 2)) is CompiledMogrifierPass
    dropout = {"recurrent_dropout": 0.3, "weight_dropout": 0.3}
    in_parts = outcome(engine, *shape, parts=2, **dropout)
    for value, found in zip(outcome(Plain(), *shape, **dropout), in_parts, strict=True):
        largest = max(1, np.abs(value).max())
        np.testing.assert_allclose(found, value, rtol=0, atol=1e-5 * largest)


@every_level
@pytest.mark.parametrize(("streams", "inputs", "size"), [(7, 33, 33), (1, 9, 9), (5, 4, 70)])
def test_an_sru_of_odd_size_equals_the_plain_engine(level, streams, inputs, size, monkeypatch):
    monkeypatch.setattr("rnnlm_cli.nn.engines.compiled_sru.THREAD_VALUES", 1)
    monkeypatch.setattr("rnnlm_cli.nn.engines.compiled_sru.core_count", lambda: 3)
    monkeypatch.setattr(threads, "core_count", lambda: 3)
    shape, engine = ("sru", 6, streams, inputs, size), Compiled(kernels(level))
    for value, found in zip(outcome(Plain(), *shape), outcome(engine, *shape), strict=True):
        largest = max(1, np.abs(value).max())
        np.testing.assert_allclose(found, value, rtol=0, atol=1e-5 * largest)
    tape = layer_of(engine, "sru", inputs, size).begin(6, streams)
    assert type(tape._work) is CompiledSRUSteps


@every_level
def test_tanh_and_sigmoid_are_right_to_some_units_of_the_last_place(level):
    """With no other weight than one from the input, the cells show their functions."""
    x = np.concatenate([np.linspace(-12, 12, 3995), np.geomspace(1e-30, 1e-3, 400)])
    x = np.concatenate([x, -x[-400:], [-1e4, 1e4, -1e38, 1e38, 0]]).astype(np.float32)
    exact = x.astype(np.float64).reshape(4, -1, 1)

    def steps(cell):
        layer = layer_of(Compiled(kernels(level)), cell, 1, 9)
        for param in layer.params.values():
            param.value[...] = 0
        layer.weights.ih.value[:, -9:] = 1
        state = tuple(np.ones((1200, 9), np.float32) for _ in layer.cell.states)
        return layer.begin(4, 1200).forward(x.reshape(4, -1, 1), state)

    y, _ = steps("rnn")
    np.testing.assert_allclose(y, np.repeat(np.tanh(exact), 9, axis=-1), rtol=4e-7, atol=1e-37)
    y, (_, c) = steps("lstm")  # i = f = 1/2, g = 0: c halves at each step, h = o tanh(c)
    o = 1 / (1 + np.exp(-np.clip(exact, -87, 87)))
    half = np.tanh(0.5 ** np.arange(1, 5)).reshape(4, 1, 1)
    np.testing.assert_allclose(y, np.repeat(o * half, 9, axis=-1), rtol=5e-7, atol=1e-37)
    np.testing.assert_array_equal(c, np.full((1200, 9), 1 / 16, np.float32))


@every_level
@pytest.mark.parametrize("cell", IN_C)
def test_what_is_not_a_number_stays_so(level, cell):
    layer = layer_of(Compiled(kernels(level)), cell, 3, 20)
    x = np.zeros((4, 2, 3), np.float32)
    x[1, 1] = np.nan
    y, _ = layer.begin(4, 2).forward(x, layer.initial_state(2))
    np.testing.assert_array_equal(np.isnan(y).all(axis=-1), [[0, 0], [0, 1], [0, 1], [0, 1]])
    assert np.isfinite(y[:, 0]).all()


@built
@pytest.mark.parametrize("cell", IN_C)
def test_the_recurrence_is_the_same_on_any_number_of_cores(cell, monkeypatch):
    def run(cores):
        monkeypatch.setattr("rnnlm_cli.nn.engines.compiled_pass.core_count", lambda: cores)
        layer = layer_of(Compiled(kernels()), cell, 8, 96)
        x = np.random.default_rng(1).standard_normal((6, 41, 8)).astype(np.float32)
        y, _ = layer.begin(6, 41).forward(x, layer.initial_state(41))
        return y

    monkeypatch.setattr("rnnlm_cli.nn.engines.compiled_pass.THREAD_WORK", 1)
    monkeypatch.setattr(threads, "core_count", lambda: 3)
    np.testing.assert_array_equal(run(1), run(3))


@every_level
@pytest.mark.parametrize("tokens", [1, 7, 8, 65, 1000])
def test_the_softmax_equals_the_plain_one(level, tokens, monkeypatch):
    monkeypatch.setattr("rnnlm_cli.nn.outputs.compiled.kernels", lambda: kernels(level))
    rng = np.random.default_rng(0)
    weight, bias = rng.standard_normal((tokens, 12)), rng.standard_normal(tokens)
    h = rng.standard_normal((9, 5, 12)).astype(np.float32)
    targets = rng.integers(-1, tokens, (9, 5))
    found = []
    for kind in (PlainSoftmax, CompiledSoftmaxOutput):
        layer = kind(Param(weight.astype(np.float32)))
        layer.bias.value[...] = bias
        loss = layer.loss_and_gradients(h, targets)
        log_probs = layer.target_log_probs(h, targets)
        assert loss.nats == pytest.approx(-log_probs.sum(), rel=1e-6)
        found.append([loss.nats, loss.dh, log_probs, *(p.grad for p in layer.params.values())])
    for expected, value in zip(*found, strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-5, atol=2e-6)


@every_level
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_the_softmax_of_what_is_not_finite_is_not_a_number(level, bad):
    for column in (3, 20):  # in a whole vector, and in the rest
        logits = np.zeros((2, 21), np.float32)
        logits[1, column] = bad
        log_probs, _ = kernels(level).exponentiate(
            logits, np.zeros(21, np.float32), np.zeros(2, int)
        )
        np.testing.assert_array_equal(np.isnan(log_probs), [False, True])


def test_what_has_no_kernel_runs_in_numpy():
    layer = layer_of(Compiled(None), "lstm", 3, 5)
    assert type(layer.begin(9, 2)) is BlockedPass
    wide = layer_of(choose.ENGINES["compiled"], "lstm", 3, 5)
    for param in wide.params.values():
        param.value = param.value.astype(np.float64)
    assert type(wide.begin(9, 2)) is BlockedPass
    other = layer_of(choose.ENGINES["compiled"], "ln_lstm", 3, 5)
    assert type(other.begin(9, 2)) is BlockedPass
    for engine, dtype in ((Compiled(None), np.float32), (choose.ENGINES["compiled"], np.float64)):
        mixing = layer_of(engine, "mogrifier", 3, 5)
        for param in mixing.params.values():
            param.value = param.value.astype(dtype)
        assert type(mixing.begin(9, 2)) is SteppedPass


@built
def test_kernels_are_taken_where_they_are():
    assert choose.FASTEST == "compiled"
    assert type(layer_of(choose.ENGINES["compiled"], "gru", 3, 5).begin(9, 2)) is CompiledPass
    assert isinstance(kernels(), Kernels)
    assert kernels().level == levels()[-1]
    assert kernels("v1") is None


def test_a_library_of_an_older_version_is_not_used(monkeypatch):
    class Older:
        """A library that has levels, and not every function."""

        has_v3 = staticmethod(lambda: 1)

    monkeypatch.setattr("rnnlm_cli.nn.engines.kernels.library", Older)
    monkeypatch.setattr("rnnlm_cli.nn.engines.kernels.levels", lambda: ("v3",))
    assert kernels.__wrapped__() is None


def test_an_engine_that_is_not_installed_is_refused(monkeypatch):
    monkeypatch.delenv("RNNLM_ENGINE", raising=False)
    monkeypatch.setattr(choose, "kernels", lambda: None)
    with pytest.raises(UsageError, match=r"training\.engine: .* no compiled kernels .* auto"):
        choose.choose_engine("compiled")
    assert choose.choose_engine("auto", recorded="compiled") == choose.FASTEST
    monkeypatch.setenv("RNNLM_ENGINE", "compiled")
    with pytest.raises(ValueError, match="RNNLM_ENGINE: this installation"):
        choose.choose_engine()


@every_level
@pytest.mark.parametrize("cell", IN_C)
@pytest.mark.parametrize(("steps", "streams", "size"), [(1, 1, 70), (1, 64, 33), (3, 5, 130)])
def test_few_steps_equal_the_plain_engine_while_weights_do_not_change(
    level, cell, steps, streams, size, monkeypatch
):
    monkeypatch.setattr("rnnlm_cli.nn.engines.compiled_pass.THREAD_WEIGHTS", 1)
    monkeypatch.setattr("rnnlm_cli.nn.engines.compiled_pass.core_count", lambda: 3)
    monkeypatch.setattr(threads, "core_count", lambda: 3)
    rng = np.random.default_rng(1)
    x = rng.standard_normal((steps, streams, 7)).astype(np.float32)
    plain, compiled = (
        layer_of(engine, cell, 7, size) for engine in (Plain(), Compiled(kernels(level)))
    )
    state = tuple(rng.standard_normal((streams, size), np.float32) for _ in plain.cell.states)
    expected, after = plain.begin(steps, streams).forward(x, state)
    with Unchanged(compiled.params.values()):
        for _ in range(2):  # with what was laid out, and with what was kept
            tape = compiled.begin(steps, streams)
            assert type(tape) is PASSES[type(compiled.cell)]
            parts, now = [], state
            for t in range(steps):
                y, now = tape.forward(x[t : t + 1], now)
                parts.append(y)
            np.testing.assert_allclose(np.concatenate(parts), expected, rtol=0, atol=2e-6)
            for part, value in zip(now, after, strict=True):
                np.testing.assert_allclose(part, value, rtol=0, atol=2e-6)
    in_numpy = SteppedPass if compiled.cell.mixes else BlockedPass
    assert type(compiled.begin(steps, streams)) is in_numpy


@every_level
@pytest.mark.parametrize("tokens", [5, 200])
def test_the_softmax_is_the_same_while_weights_do_not_change(level, tokens, monkeypatch):
    monkeypatch.setattr("rnnlm_cli.nn.outputs.compiled.kernels", lambda: kernels(level))
    monkeypatch.setattr("rnnlm_cli.nn.engines.kernels.THREAD_WEIGHTS", 1)
    monkeypatch.setattr("rnnlm_cli.nn.engines.kernels.core_count", lambda: 3)
    monkeypatch.setattr(threads, "core_count", lambda: 3)
    rng = np.random.default_rng(0)
    layer = CompiledSoftmaxOutput(Param(rng.standard_normal((tokens, 12)).astype(np.float32)))
    layer.bias.value[...] = rng.standard_normal(tokens)
    h, targets = rng.standard_normal((40, 1, 12), np.float32), rng.integers(-1, tokens, (40, 1))
    expected = PlainSoftmax.log_probs(layer, h), PlainSoftmax.target_log_probs(layer, h, targets)
    with Unchanged(layer.params.values()):
        found = layer.log_probs(h), layer.target_log_probs(h, targets)
    for value, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(value, wanted, rtol=1e-5, atol=2e-6)


@every_level
@pytest.mark.parametrize("keep", [1, 0.98])
def test_an_update_of_adam_has_the_bits_of_numpy(level, keep, monkeypatch):
    def updated(found):
        monkeypatch.setattr(updates, "kernels", lambda: found)
        rng = np.random.default_rng(0)
        value, gradient, m, v = (rng.standard_normal(1003).astype(np.float32) for _ in range(4))
        adam_update(
            value, gradient, m, np.square(v, out=v), AdamStep(keep, 0.9, 0.999, 3e-3, 7, 1e-8)
        )
        return value, m, v

    for with_kernel, without in zip(updated(kernels(level)), updated(None), strict=True):
        np.testing.assert_array_equal(with_kernel, without)
