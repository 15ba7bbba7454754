"""Truncated back-propagation through time: the loop, and nothing else."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
import numpy as np

from rnnlm_cli.checkpoint import Count
from rnnlm_cli.config.schema import TrainingConfig
from rnnlm_cli.data.streams import Block, TextBlocks
from rnnlm_cli.evaluate.perplexity import perplexity
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.history import EpochRecord
from rnnlm_cli.nn.cpu.allocation import keep_freed_memory
from rnnlm_cli.nn.cpu.threads import network_pass
from rnnlm_cli.nn.param import array_like
from rnnlm_cli.train.clipping import clip_gradients
from rnnlm_cli.train.events import EpochDone, Report, StepDone, Validating
from rnnlm_cli.train.guard import Guard, Memory
from rnnlm_cli.train.optimizers import build_optimizer
from rnnlm_cli.train.schedules import Place, learning_rate


@dataclass
class Progress:
    """How far training is, in plain numbers."""

    epoch: Count = 0  # finished ones
    block: Count = 0  # finished ones of the running epoch
    validated_block: Count = 0  # of them when the running epoch was last validated
    step: Count = 0  # finished blocks of all epochs
    seconds: float = 0.0
    epoch_nats: float = 0.0
    epoch_tokens: Count = 0
    report_nats: float = 0.0  # since the last report
    report_tokens: Count = 0
    report_seconds: float = 0.0  # when the last report was
    best_nats: float = math.inf  # a token, of validation
    best_epoch: Count = 0
    bad_epochs: Count = 0  # without a better validation
    bad_epochs_in_a_row: Count = 0
    rate_factor: float = 1.0  # of every learning rate; a rollback halves it


class Trainer:
    """Trains a model on a text, block by block (Williams and Peng, 1990).

    At every event, and whenever validation polls, ``state()`` is whole: a trainer that restores
    it goes on exactly as this one would have.

    Attributes:
        model: The network that learns.
        progress: How far it is.
        hidden: The hidden state after the last block.
        history: A record an epoch.
    """

    def __init__(
        self,
        model: Rnnlm,
        blocks: TextBlocks,
        config: TrainingConfig,
        validate: Callable[[], float] | None = None,
    ) -> None:
        """Prepare; nothing is trained yet.

        Args:
            model: The network.
            blocks: The training text.
            config: Epochs, optimizer, schedule and so on.
            validate: Gives nats a token on the validation text.
        """
        self.model = model
        self.progress = Progress()
        self.hidden = model.initial_state(blocks.streams)
        self.history: list[EpochRecord] = []
        self._blocks = blocks
        self._config = config
        self._validate = validate
        self._optimizer = build_optimizer(model.params, config.optimizer)
        self._guard = Guard(model, config.on_nan)
        self._rng = np.random.default_rng([config.seed, 1])  # [seed, 0] drew the weights
        self._clock = 0.0

    @property
    def end_reason(self) -> str | None:
        """Why training is over, or ``None`` while it is not."""
        return end_reason(self._config, self.progress)

    @property
    def total_steps(self) -> int:
        """Blocks of all epochs."""
        return self._config.epochs * len(self._blocks)

    def run(self) -> Iterator[StepDone | Validating | EpochDone]:
        """Train to the end, from wherever the progress is.

        Raises:
            NotFiniteError: Training has diverged (see ``train/guard.py``); the step is not applied,
                or the epoch not recorded.
        """
        keep_freed_memory()
        self._clock = time.monotonic()
        progress = self.progress
        while True:
            while progress.block < len(self._blocks) and self.end_reason is None:
                yield self._step(self._blocks[progress.block])
            if progress.block > progress.validated_block:
                if self._validate is not None:
                    yield Validating(final=False)
                yield self._finish_epoch()
            if self.end_reason is not None:
                return

    def final_weights(self) -> AbstractContextManager[None]:
        """Put the weights to save in place of those that learn, where the optimizer has others."""
        return self._optimizer.final_weights()

    def state(self) -> dict[str, Any]:
        """Return all that the rest of the training depends on, model and text apart."""
        return {
            "progress": asdict(self.progress),
            "hidden": self.hidden,
            "rng": self._rng.bit_generator.state,
            "optimizer": self._optimizer.state(),
            "guard": msgspec.to_builtins(self._guard.memory),
        }

    def restore(self, state: Mapping[str, Any], history: list[EpochRecord]) -> None:
        """Go on from what ``state`` returned.

        Raises:
            AttributeError, LookupError, TypeError, ValueError, msgspec.ValidationError: It is no
                such state, or that of another model or text.
        """
        progress, blocks = stored_progress(state), len(self._blocks)
        if (
            not progress.validated_block <= progress.block <= blocks
            or progress.step != progress.epoch * blocks + progress.block
        ):
            raise ValueError("its place in the text does not exist")
        self.progress = progress
        self.hidden = _state_like(state["hidden"], self.model.initial_state(self._blocks.streams))
        self._rng.bit_generator.state = state["rng"]
        self._optimizer.restore(state["optimizer"])
        # a state that was saved before there was a guard has none
        self._guard.memory = msgspec.convert(state.get("guard", {}), Memory)
        self.history = list(history)

    def _step(self, block: Block) -> StepDone:
        model, progress = self.model, self.progress
        zeros = model.initial_state(block.streams)
        carried = self._config.stateful and self._blocks.continuous
        before = self.hidden if carried else zeros
        model.zero_grad()
        with network_pass():  # checked below
            h, after, cache = model.forward(block.inputs, before, self._rng)
            nats, tokens, dh = model.output.loss(h, block.targets, self._rng)
            model.backward(dh, zeros, cache)  # truncated: the state goes on, its gradient does not
            norm = clip_gradients(model.params.values(), self._config.clip_norm)
            rate = self._rate(progress.step)
            warnings = self._guard.check_step(
                f"epoch {progress.epoch + 1}, step {progress.step + 1}",
                nats / tokens,
                norm,
                first_epoch=progress.epoch == 0,
                ends_epoch=progress.block + 1 == len(self._blocks),
            )
            self._optimizer.step(rate)

        if carried:
            self.hidden = after
        progress.block += 1
        progress.step += 1
        progress.epoch_nats += nats
        progress.epoch_tokens += tokens
        progress.report_nats += nats
        progress.report_tokens += tokens
        self._tick()
        due = progress.step % self._config.report_every == 0
        report = self._report(norm, rate) if due else None
        return StepDone(
            progress.epoch + 1, progress.block, progress.step, nats / tokens, report, warnings
        )

    def _report(self, norm: float, rate: float) -> Report:
        progress = self.progress
        elapsed = max(progress.seconds - progress.report_seconds, 1e-9)
        report = Report(
            step=progress.step,
            epoch=progress.epoch + 1,
            nats_per_token=progress.report_nats / progress.report_tokens,
            gradient_norm=norm,
            learning_rate=rate,
            tokens_per_second=progress.report_tokens / elapsed,
            seconds=progress.seconds,
        )
        progress.report_nats, progress.report_tokens = 0.0, 0
        progress.report_seconds = progress.seconds
        return report

    def _finish_epoch(self) -> EpochDone:
        progress = self.progress
        with self._optimizer.final_weights():
            valid_nats = self._validate() if self._validate else None
            self.check_weights()
            if valid_nats is not None:
                self._guard.check_validation(f"epoch {progress.epoch + 1}", valid_nats)
        part = progress.block / len(self._blocks)
        best = valid_nats is None or valid_nats < progress.best_nats
        rate = self._rate(progress.step - 1)  # that of the last step
        if best:
            progress.best_epoch = progress.epoch + 1
            progress.best_nats = math.inf if valid_nats is None else valid_nats
        if part == 1:
            if valid_nats is not None:
                self._optimizer.validated(valid_nats)
            progress.bad_epochs += not best
            progress.bad_epochs_in_a_row = 0 if best else progress.bad_epochs_in_a_row + 1
        self._tick()
        done = EpochDone(
            epoch=progress.epoch + 1,
            part=part,
            train_perplexity=perplexity(progress.epoch_nats, progress.epoch_tokens),
            valid_perplexity=None if valid_nats is None else perplexity(valid_nats, 1),
            learning_rate=rate,
            seconds=progress.seconds,
            best=best,
        )
        if self.history and self.history[-1].epoch == done.epoch:  # a part of it, before
            self.history.pop()
        self.history.append(
            EpochRecord(
                epoch=done.epoch,
                part=done.part,
                train_perplexity=done.train_perplexity,
                valid_perplexity=done.valid_perplexity,
                learning_rate=done.learning_rate,
                best=done.best,
            )
        )
        progress.validated_block = progress.block
        if part == 1:
            progress.epoch, progress.block, progress.validated_block = progress.epoch + 1, 0, 0
            progress.epoch_nats, progress.epoch_tokens = 0.0, 0
            self.hidden = self.model.initial_state(self._blocks.streams)
            self._guard.new_epoch()
        return done

    def _rate(self, step: int) -> float:
        """Return the learning rate of the step that comes after so many."""
        config = self._config
        place = Place(step, self.total_steps, self.progress.bad_epochs)
        rate = learning_rate(config.optimizer.learning_rate, config.schedule, place)
        return rate * self.progress.rate_factor

    def check_weights(self) -> None:
        """Make sure that what is to be saved is still a model.

        Raises:
            NotFiniteError: A weight is infinite, NaN or too large.
        """
        self._guard.check_weights(f"epoch {self.progress.epoch + 1}")

    def _tick(self) -> None:
        now = time.monotonic()
        # not even a monotonic clock always is: that of a machine restored from a snapshot goes back
        self.progress.seconds += max(now - self._clock, 0.0)
        self._clock = now


def end_reason(config: TrainingConfig, progress: Progress) -> str | None:
    """Why a training that has come so far is over, or ``None`` where it is not."""
    if progress.epoch >= config.epochs:
        return f"{config.epochs} epochs"
    if config.patience is not None and progress.bad_epochs_in_a_row >= config.patience:
        return f"{config.patience} epochs without a better validation"
    if config.max_seconds is not None and progress.seconds >= config.max_seconds:
        return f"{config.max_seconds:g} seconds"
    return None


def stored_progress(state: Mapping[str, Any]) -> Progress:
    """Return the progress in what ``Trainer.state`` returned.

    Raises:
        AttributeError, LookupError, ValueError, msgspec.ValidationError: There is none, or it is
            not sound.
    """
    stored = state["progress"]
    if stored.keys() != asdict(Progress()).keys():
        raise ValueError("its progress has other fields")
    progress = msgspec.convert(stored, Progress)
    values = asdict(progress)
    if math.isnan(values.pop("best_nats")) or not all(0 <= v < math.inf for v in values.values()):
        raise ValueError("its progress is negative, infinite or no number")
    return progress


def _state_like(stored: Any, like: Any) -> Any:
    """Turn the lists of a stored hidden state back into tuples, nested as ``like`` is."""
    if not isinstance(like, tuple):
        return array_like(stored, like, "the hidden state")
    return tuple(_state_like(part, one) for part, one in zip(stored, like, strict=True))
