import io

import numpy as np
import pytest

from rnnlm_cli.checkpoint import plain_pickle
from rnnlm_cli.config.model import DropoutConfig, ModelConfig
from rnnlm_cli.config.optimizer import Adam, Sgd
from rnnlm_cli.config.schedule import Linear, Plateau
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.data.streams import Blocks
from rnnlm_cli.errors import TrainingError
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.rnnlm import RnnlmPass
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.train.events import EpochDone, StepDone, Validating
from rnnlm_cli.train.loop import Trainer

V = 5


def ids(tokens=200):
    """A text in which each token determines the next."""
    return np.arange(tokens, dtype=np.uint8) % V


def trainer_of(validate=None, dropout=0.0, dtype=np.float32, **training):
    config = ModelConfig(
        embedding_size=6, hidden_size=6, layers=2, dropout=DropoutConfig(hidden=dropout)
    )
    model = Rnnlm.random(config, V, np.random.default_rng(1), dtype)
    options = {"batch_size": 3, "bptt": 7, "epochs": 3, "report_every": 4} | training
    blocks = Blocks(Corpus("text", ids(), 0, 0), options["batch_size"], options["bptt"])
    return Trainer(model, blocks, TrainingConfig(**options), validate)


def values(trainer):
    return {name: param.value.copy() for name, param in trainer.model.params.items()}


def test_it_learns():
    trainer = trainer_of(epochs=20, optimizer=Adam(learning_rate=0.02), clip_norm=None)
    epochs = [event.record for event in trainer.run() if isinstance(event, EpochDone)]
    assert epochs[0].train > 3
    assert epochs[-1].train < 1.05
    assert [e.epoch for e in epochs] == list(range(1, 21))
    assert trainer.end_reason == "20 epochs"


def test_a_step_is_forward_backward_clip_and_update():
    """The first step by hand, with gradients from a separate pass."""
    trainer = trainer_of(dtype=np.float64, optimizer=Sgd(learning_rate=0.7), clip_norm=0.01)
    model, before = trainer.model, values(trainer)
    block = Blocks(Corpus("text", ids(), 0, 0), 3, 7)[0]
    zeros = model.initial_state(3)
    tape = model.begin(block.steps, block.streams)
    h, after = tape.forward(block.inputs, zeros)
    loss = model.output.loss_and_gradients(h, block.targets)
    tape.backward(loss.dh, zeros)
    tape.finish()
    gradients = {name: param.grad.copy() for name, param in model.params.items()}
    norm = np.sqrt(sum((g**2).sum() for g in gradients.values()))
    model.zero_grad()

    done = next(trainer.run())
    assert isinstance(done, StepDone)
    assert done.nats_per_token == pytest.approx(loss.nats / loss.counted)
    for name, param in model.params.items():
        expected = before[name] - 0.7 * 0.01 / (norm + 1e-6) * gradients[name]
        np.testing.assert_allclose(param.value, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(trainer.hidden[0][0], after[0][0])


def test_the_state_is_carried_within_an_epoch_and_reset_at_its_end():
    trainer = trainer_of(epochs=2)
    states = []
    for event in trainer.run():
        states.append((isinstance(event, EpochDone), trainer.hidden[0][0].copy()))
    for epoch_over, h in states:
        assert h.any() != epoch_over


def test_without_state_every_block_starts_from_zero(monkeypatch):
    seen, forward = [], RnnlmPass.forward
    trainer = trainer_of(epochs=1, stateful=False)

    def watched(self, ids, state):
        seen.append(state[0][0].copy())
        return forward(self, ids, state)

    monkeypatch.setattr(RnnlmPass, "forward", watched)
    list(trainer.run())
    assert len(seen) == 10
    assert not np.any(seen)


def test_reports_are_means_since_the_last_one():
    trainer = trainer_of(epochs=2, report_every=4)
    steps = [event for event in trainer.run() if isinstance(event, StepDone)]
    reports = [step.report for step in steps if step.report]
    assert [report.step for report in reports] == [4, 8, 12, 16, 20]
    assert reports[0].nats_per_token == pytest.approx(
        np.mean([step.nats_per_token for step in steps[:4]]), rel=1e-6
    )


def test_plateau_divides_the_rate_and_patience_ends():
    valid = iter([3.0, 2.0, 2.5, 1.9, 2.0, 2.1, 2.2])
    trainer = trainer_of(
        lambda poll: next(valid),
        epochs=50,
        patience=3,
        schedule=Plateau(divide_by=2),
        optimizer=Sgd(learning_rate=8),
    )
    epochs = [event.record for event in trainer.run() if isinstance(event, EpochDone)]
    assert [e.best for e in epochs] == [True, True, False, True, False, False, False]
    assert [e.learning_rate for e in epochs] == [8, 8, 8, 4, 4, 2, 1]
    assert trainer.progress.best_epoch == 4
    assert trainer.end_reason == "3 epochs without a better validation"


@pytest.mark.bitwise
@pytest.mark.parametrize("stop", [1, 5, 10, 11, 17, 28])
@pytest.mark.parametrize("optimizer", [Sgd(learning_rate=2), Adam()])
def test_a_restored_trainer_ends_bit_identical(stop, optimizer):
    def fresh():
        calls = iter(range(99))
        return trainer_of(lambda poll: 1 / (1 + next(calls)), dropout=0.3, optimizer=optimizer)

    whole, first, second = fresh(), fresh(), fresh()
    for _ in whole.run():
        pass
    for event, _ in zip(first.run(), range(stop), strict=False):
        assert event
    file = io.BytesIO()
    plain_pickle.dump([first.state(), values(first)], file)
    file.seek(0)
    state, weights = plain_pickle.load(file)
    for name, param in second.model.params.items():
        param.value[...] = weights[name]
    second.restore(state, first.epochs.history)
    for _ in second.run():
        pass
    for name, value in values(whole).items():
        np.testing.assert_array_equal(values(second)[name], value)
    assert second.progress.step == whole.progress.step
    assert [h.train for h in second.epochs.history] == [h.train for h in whole.epochs.history]


def test_the_time_limit_ends_within_an_epoch_with_a_validation():
    trainer = trainer_of(lambda poll: 1.5, epochs=3, max_seconds=1e-9)
    events = list(trainer.run())
    assert [type(event) for event in events] == [StepDone, Validating, EpochDone]
    assert events[2].record.part == pytest.approx(0.1)
    assert events[2].record.valid == pytest.approx(np.exp(1.5))
    assert trainer.end_reason == "the 1e-09 seconds of training.max_seconds"
    assert trainer.progress.epoch == 0


def test_the_limit_on_steps_ends_within_an_epoch_where_the_falling_rate_ends():
    trainer = trainer_of(
        lambda poll: 1.5, epochs=3, max_steps=13, report_every=1, schedule=Linear()
    )
    events = list(trainer.run())
    rates = [event.report.learning_rate for event in events if isinstance(event, StepDone)]
    assert rates == pytest.approx([20 * (1 - step / 13) for step in range(13)])
    records = [event.record for event in events if isinstance(event, EpochDone)]
    assert [record.part for record in records] == pytest.approx([1, 0.3])
    assert trainer.end_reason == "the 13 steps of training.max_steps"


def test_a_loss_that_is_not_finite_is_not_applied():
    trainer = trainer_of(optimizer=Sgd(learning_rate=1.0), clip_norm=None)
    events = trainer.run()
    next(events)
    trainer.model.output.bias.value[0] = np.nan
    before = values(trainer)
    with pytest.raises(TrainingError, match="epoch 1, step 2: the loss is nan"):
        next(events)
    for name, value in before.items():
        np.testing.assert_array_equal(trainer.model.params[name].value, value)
