"""Truncated back-propagation through time: forward, backward, clip, step."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import msgspec
import numpy as np

from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.data.streams import Block, TextBlocks
from rnnlm_cli.evaluate.measure import PERPLEXITY, Measure
from rnnlm_cli.model.history import EpochRecord
from rnnlm_cli.model.network import Network
from rnnlm_cli.nn.device import numbers, to_host
from rnnlm_cli.train.clipping import clip_gradients
from rnnlm_cli.train.epochs import Epochs, TextSizes, Validate
from rnnlm_cli.train.events import EpochDone, StepDone, Validating, ValidationDone
from rnnlm_cli.train.group import ALONE, Group
from rnnlm_cli.train.guard import Guard
from rnnlm_cli.train.optimizers import optimizer_of
from rnnlm_cli.train.others import Others, by_stream
from rnnlm_cli.train.past import past_decoder, restore_params, stored_params
from rnnlm_cli.train.poll import Poll, go_on
from rnnlm_cli.train.progress import (
    Progress,
    end_reason,
    stored_progress,
    total_steps,
    validates_after,
)
from rnnlm_cli.train.schedules import Place, learning_rate
from rnnlm_cli.train.stored import state_like
from rnnlm_cli.train.trend import Memory


class Trainer:
    """Trains a model on a text, block by block (Williams and Peng, 1990).

    At every event, and at every poll in validation, ``state()`` is complete: a trainer that
    restores it continues exactly as this one would.

    Attributes:
        model: The network being trained.
        blocks: The training text.
        optimizer: Updates the weights.
        epochs: Validates, ranks and records each epoch.
        progress: How far training is.
        hidden: The hidden state after the last block.
        past: The decoder of ``training.past_decode``, if that is asked for.
    """

    def __init__(
        self,
        model: Network,
        blocks: TextBlocks,
        config: TrainingConfig,
        validate: Validate | None = None,
        measure: Measure = PERPLEXITY,
        sizes: TextSizes | None = None,
        group: Group = ALONE,
    ) -> None:
        """Prepare; nothing is trained yet.

        Args:
            model: The network.
            blocks: The training text, or this rank's share of it.
            config: Epochs, optimizer, schedule and so on.
            validate: Returns the mean loss on the validation text.
            measure: The figure that mean losses are reported as.
            sizes: Of the texts, to report losses per byte, character and word too.
            group: The ranks that train the model.
        """
        self.model = model
        self.blocks = blocks
        self.past = past_decoder(model, config)
        trained = model.trained | (self.past.params if self.past else {})
        self.optimizer = optimizer_of(trained, config, total_steps(config, len(blocks)))
        self.progress = Progress()
        self.hidden = model.initial_state(blocks.streams)
        self._config = config
        self._others = Others(group, trained, config.reduction, config.average_every)
        self._first_complete = {
            name: param
            for name, param in model.trained.items()
            if name.startswith("output.") and model.output.dense
        }
        self._guard = Guard(model, config)
        self.epochs = Epochs(self.optimizer, self._guard, measure, validate, sizes)
        self._rng = np.random.default_rng([config.seed, 1])  # [seed, 0] drew the weights
        self._clock = 0.0
        self._cautioned = ""

    @property
    def ranks(self) -> int:
        """The number of processes that train the model."""
        return self._others.ranks

    @property
    def digest(self) -> str:
        """The SHA-256 of the weights that are trained."""
        return self._others.digest()

    @property
    def end_reason(self) -> str | None:
        """The reason training ended, or ``None`` if it should continue."""
        return end_reason(self._config, self.progress)

    @property
    def total_steps(self) -> int:
        """Number of steps of the whole training, unless it ends early."""
        return total_steps(self._config, len(self.blocks))

    def run(
        self, poll: Poll = go_on
    ) -> Iterator[StepDone | Validating | ValidationDone | EpochDone]:
        """Train to the end, from the current progress.

        Args:
            poll: Called during validation; between events the caller polls.

        Raises:
            DivergedError: Training has diverged (see ``train/guard.py``); the step is not applied,
                or the epoch not recorded.
        """
        self.model.engine.keep_memory()
        self._clock = time.monotonic()
        progress = self.progress
        while True:
            while progress.block < len(self.blocks) and self.end_reason is None:
                if self._validation_is_due:
                    yield Validating(final=False)
                    yield ValidationDone(self._validated(poll), progress.seconds)
                else:
                    yield self._step(self.blocks.in_epoch(progress.epoch)[progress.block])
            if progress.block > progress.validated_block:
                if self.epochs.validate is not None:
                    yield Validating(final=False)
                yield self._finish_epoch(poll)
            if self.end_reason is not None:
                return

    def state(self) -> dict[str, Any]:
        """Return all that the rest of the training depends on, except model and text."""
        return {
            "progress": asdict(self.progress),
            "hidden": to_host(self._others.with_all_streams(self.hidden, self.blocks)),
            "rng": self._rng.bit_generator.state,
            "optimizer": to_host(self.optimizer.state()),
            "guard": msgspec.to_builtins(self._guard.memory),
            "past": stored_params(self.past),
        }

    def restore(self, state: Mapping[str, Any], history: list[EpochRecord]) -> None:
        """Continue from a state that ``state`` returned.

        Raises:
            AttributeError, LookupError, TypeError, ValueError, msgspec.ValidationError: It is not
                such a state, or belongs to another model or text.
        """
        progress = stored_progress(state)
        progress.check_place(len(self.blocks))
        self.progress = progress
        self._others.restart()
        zeros, others = self.model.initial_state, self._others
        hidden = state_like(state["hidden"], zeros(others.all_streams(self.blocks)))
        self.hidden = others.own_streams(hidden, self.blocks)
        self._rng.bit_generator.state = state["rng"]
        self.optimizer.restore(state["optimizer"])
        # states saved by versions without a guard lack the key
        self._guard.memory = msgspec.convert(state.get("guard", {}), Memory)
        restore_params(self.past, state.get("past", {}))  # nor do older states have this one
        self.epochs.history = list(history)

    def _step(self, block: Block) -> StepDone:
        model, progress = self.model, self.progress
        zeros = model.initial_state(block.streams)
        carried = self._config.stateful and self.blocks.continuous
        before = self.hidden if carried and not block.begins else zeros
        rng = by_stream(self._rng, block.whole)
        mean_over = self._others.mean_over(block)
        model.zero_grad()
        if self.past is not None:
            self.past.zero_grad()
        with model.running():
            tape = model.begin(block.steps, block.streams, rng)
            if block.padding is not None:
                tape.leave_out(block.padding, block.whole and block.whole.present)
            h, after = tape.forward(block.inputs, before)
            nats, tokens, dh = model.output.loss_and_gradients(h, block.targets, rng, *mean_over)
            own_tokens = mean_over[0] if mean_over else tokens
            tokens = tokens if block.whole is None else block.whole.counted
            if self.past is not None:
                dh = dh + self.past.gradients(h, block.inputs, block.targets, own_tokens)
            self._others.begin(self._first_complete)
            tape.backward(dh, zeros)  # truncated: the state is carried over, its gradient is not
            tape.finish()
            nats = self._others.add_up(nats)
            own = self.past.params.values() if self.past else ()
            norm = clip_gradients([*model.params.values(), *own], self._config.clip_norm)
            nats, norm = numbers(nats, norm)  # on a device, the only wait of a step
            norm = self._others.norm(norm)
            rate = self._rate(progress.step)
            warnings = self._guard.check_step(
                f"epoch {progress.epoch + 1}, step {progress.step + 1}{self._others.blame()}",
                nats / tokens,
                norm,
                ends_epoch=progress.block + 1 == len(self.blocks),
            )
            self.optimizer.step(rate * block.rate)
        warnings += self._cautions()

        if carried:
            self.hidden = after
        progress.count(nats, tokens)
        self._tick()
        if self._others.every > 1 and self.settled:
            self._others.average(self.optimizer.state())
        due = progress.step % self._config.report_every == 0
        report = progress.report(norm, rate) if due else None
        return StepDone(
            progress.epoch + 1, progress.block, progress.step, nats / tokens, report, warnings
        )

    def _cautions(self) -> list[str]:
        """Return what the engine has to tell, once."""
        before, self._cautioned = self._cautioned, self.model.engine.caution
        return [self._cautioned] if self._cautioned not in ("", before) else []

    @property
    def settled(self) -> bool:
        """Whether all ranks have the same weights: after an average, if they are not the same.

        Only then is a state that of all.
        """
        progress, every = self.progress, self._others.every
        at_average = progress.step % every == 0 or progress.block in (0, len(self.blocks))
        return at_average or self._validation_is_due or self.end_reason is not None

    @property
    def _validation_is_due(self) -> bool:
        """Whether the next event within the epoch is a validation, also after a resume."""
        every, progress = self._config.validate_every, self.progress
        after = validates_after(every, progress.block, len(self.blocks))
        return after and progress.block > progress.validated_block

    def _validated(self, poll: Poll) -> EpochRecord:
        progress, every = self.progress, self._config.validate_every
        rate = self._rate(progress.step - 1)  # of the last step
        record = self.epochs.finish(progress, len(self.blocks), rate, poll, every)
        self._tick()
        return record

    def _finish_epoch(self, poll: Poll) -> EpochDone:
        progress = self.progress
        record = self._validated(poll)
        if progress.block == len(self.blocks):  # else a limit ended it; a resume may go on
            progress.new_epoch()
            self.hidden = self.model.initial_state(self.blocks.streams)
            self._guard.new_epoch()
        self._others.check_weights()
        return EpochDone(record, progress.seconds)

    def _rate(self, step: int) -> float:
        """Return the learning rate of the step that follows ``step`` finished ones."""
        config = self._config
        place = Place(step, self.total_steps, self.progress.bad_epochs)
        rate = learning_rate(config.optimizer.learning_rate, config.schedule, place)
        return rate * self.progress.rate_factor

    def check_weights(self) -> None:
        """Check the weights before they are saved.

        Raises:
            DivergedError: A weight is infinite, NaN or too large.
        """
        self._guard.check_weights(f"epoch {self.progress.epoch + 1}")

    def _tick(self) -> None:
        now = time.monotonic()
        # even a monotonic clock can go back, on a machine restored from a snapshot
        passed = max(now - self._clock, 0.0)
        self.progress.seconds += self._others.agreed(passed, self._config.max_seconds)
        self._clock = now
