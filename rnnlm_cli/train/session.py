"""A complete training: new, started from another model, or resumed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnlm_cli import checkpoint
from rnnlm_cli.checkpoint import TrainingState
from rnnlm_cli.config import Config
from rnnlm_cli.data.streams import TextBlocks
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.errors import DivergedError
from rnnlm_cli.evaluate.measure import Measure
from rnnlm_cli.evaluate.perplexity import mean_figures
from rnnlm_cli.model.network import Network
from rnnlm_cli.model.networks import empty_network, engine_of, random_network
from rnnlm_cli.model.origin import UNKNOWN_ORIGIN, Origin
from rnnlm_cli.model.trained import TrainedNetwork
from rnnlm_cli.nn.device import rounded_factors
from rnnlm_cli.tasks import known_by, task_of
from rnnlm_cli.train.blocks import trainer_of, validation_blocks
from rnnlm_cli.train.compatibility import (
    check_best_model,
    check_same_shape,
    check_same_text,
    check_same_tokenizer,
    load_state,
    with_codec_of,
)
from rnnlm_cli.train.events import (
    Ended,
    EpochDone,
    Event,
    LogRestored,
    NotExclusive,
    Sampled,
    Saving,
    StepDone,
    Validating,
    ValidationDone,
)
from rnnlm_cli.train.files import RunFiles, Seen
from rnnlm_cli.train.group import ALONE, Group
from rnnlm_cli.train.lock import RunLock
from rnnlm_cli.train.logs import START, Lengths, Logs
from rnnlm_cli.train.loop import Trainer
from rnnlm_cli.train.notes import device_notes, machine_changes, resume_notes
from rnnlm_cli.train.origin import origin_of, resumed_origin
from rnnlm_cli.train.poll import Poll, Stopped, go_on
from rnnlm_cli.train.ppmi import start_from_cooccurrences
from rnnlm_cli.train.progress import stored_progress
from rnnlm_cli.train.recorder import Recorder
from rnnlm_cli.train.recovery import Recovery
from rnnlm_cli.train.sample import Sampler
from rnnlm_cli.train.stored import check_replaceable, read_once, sound_state
from rnnlm_cli.train.tuning import add_new_tokens
from rnnlm_cli.train.unigram import start_from_frequencies
from rnnlm_cli.train.unwritten import NoLock, NoLogs
from rnnlm_cli.train.vectors import start_from_vectors


@dataclass(frozen=True)
class Session:
    """A training that is ready to run, or that is finished.

    Each of its three constructors returns a complete one or raises ``UsageError`` (a file is
    missing, or does not fit the configuration), ``CorpusError`` or ``CheckpointError`` (a file is
    invalid).

    Attributes:
        config: The effective configuration.
        texts: The texts it reads.
        trainer: The training loop, with the network.
        recovery: The policy for divergence.
        before: Stamps of model and state on disk, taken before the texts were read; no other
            training may have written them since.
        lengths: Bytes of its logs that belong to the state it resumes from.
        is_resumed: Whether it resumes from a saved state.
        finished: Whether it has already ended, with its texts and its model still present.
        is_other_machine: Whether it is resumed with another engine, level or number of threads.
        notes: Lines for the user before it runs.
        origin: Version and texts, for the model file.
        begun: When it started, from the state that it resumes from; empty for now.
        group: The ranks that train together.
    """

    config: Config
    texts: TrainingTexts
    trainer: Trainer
    recovery: Recovery
    before: Seen
    lengths: Lengths = START
    is_resumed: bool = False
    finished: bool = False
    is_other_machine: bool = False
    notes: Sequence[str] = ()
    origin: Origin = UNKNOWN_ORIGIN
    begun: str = ""
    group: Group = ALONE

    def __post_init__(self) -> None:
        """Check the start of the samples before any work."""
        Sampler(self.config, self.texts, self.model)

    @classmethod
    def new(
        cls,
        config: Config,
        before: Seen,
        cache: bool = True,
        dry: bool = False,
        group: Group = ALONE,
    ) -> Session:
        """Start with random weights; in a dry run, with weights that take no memory."""
        texts = task_of(config).read(config, None, cache, False, group)
        sizes, training = (len(texts.vocabulary), len(texts.labels)), config.training
        how = training.dtype, engine_of(config)
        if dry:
            model = empty_network(config, *sizes, *how)
        else:
            rng = np.random.default_rng([training.seed, 0])
            model = random_network(config, *sizes, rng, *how)
            start_from_frequencies(config, texts, model)
            start_from_cooccurrences(config, texts, model)
        notes = device_notes(config, model.engine)
        notes += start_from_vectors(config, texts.vocabulary, model)
        trainer = trainer_of(config, texts, model, group)
        recovery = Recovery(config, texts, group=group)
        origin = UNKNOWN_ORIGIN if dry else group.first(lambda: origin_of(config))
        return cls(
            config, texts, trainer, recovery, before, notes=notes, origin=origin, group=group
        )

    @classmethod
    def tuned_from(
        cls, path: str, config: Config, before: Seen, cache: bool = True, group: Group = ALONE
    ) -> Session:
        """Start with the weights and vocabulary of another model, but dropout as configured.

        With ``corpus.extend_vocabulary`` the vocabulary grows; the state then has the grown one.
        """
        source = checkpoint.load_any(path).model
        check_same_shape(path, source.config, config)
        config, notes = with_codec_of(source.config, config, path)
        extend = config.corpus.extend_vocabulary
        model = source.rebuilt(config, engine_of(config))
        texts = task_of(config).read(config, known_by(source), cache, extend, group)
        notes += device_notes(config, model.engine)
        notes += add_new_tokens(path, source, model, texts) if extend else []
        trainer = trainer_of(config, texts, model, group)
        recovery = Recovery(config, texts, group=group)
        origin = group.first(lambda: origin_of(config, source))
        return cls(
            config, texts, trainer, recovery, before, notes=notes, origin=origin, group=group
        )

    @classmethod
    def resumed(
        cls, config: Config, before: Seen, cache: bool = True, group: Group = ALONE
    ) -> Session:
        """Resume from the last state, which rank 0 reads; the best model must still exist."""
        files = RunFiles.of(config)

        def read() -> tuple[TrainedNetwork, TrainingState]:
            check_replaceable(files.rollback)
            stored, state = load_state(files.last, config)
            files.check_same_events(RunFiles.of(stored.config))
            return stored, state

        stored, state = read_once(group, read)
        config, codec_notes = with_codec_of(stored.config, config, files.last)
        with sound_state(files.last):
            progress = stored_progress(state.trainer)
        check_same_tokenizer(files.last, stored.codec, config)
        group.first(lambda: check_best_model(files.model, files.last, stored, progress.best_epoch))
        texts = task_of(config).read(config, known_by(stored), cache, False, group)
        model = stored.rebuilt(config, engine_of(config, state.engine))
        trainer = trainer_of(config, texts, model, group)
        check_same_text(files.last, state.texts, texts)
        with sound_state(files.last):
            trainer.restore(state.trainer, stored.history)
        finished = state.ended and trainer.end_reason is not None
        recovery = Recovery(config, texts, state.rollbacks, state.unlogged_rollbacks, group)
        if not finished and recovery.can_use(progress.step) and recovery.has_state():
            recovery.load()  # refuses a state of another training before anything is written
        other = bool(state.engine and machine_changes(state, trainer))
        notes = [*codec_notes, *device_notes(config, model.engine, state.engine)]
        notes += resume_notes(files.log, stored.config, config, state, trainer)
        return cls(
            config,
            texts,
            trainer,
            recovery,
            before,
            lengths=Lengths.of(state),
            is_resumed=True,
            finished=finished,
            is_other_machine=other,
            notes=notes,
            origin=group.first(lambda: resumed_origin(config, stored)),
            begun=state.begun,
            group=group,
        )

    @property
    def files(self) -> RunFiles:
        """The paths it writes."""
        return RunFiles.of(self.config)

    @property
    def model(self) -> Network:
        """The network being trained."""
        return self.trainer.model

    @property
    def blocks(self) -> TextBlocks:
        """The training text."""
        return self.trainer.blocks

    @property
    def measure(self) -> Measure:
        """The figure that its epochs report."""
        return self.trainer.epochs.measure

    def events(self, poll: Poll = go_on) -> Iterator[Event]:
        """Train; yield each event after its files are on disk.

        Args:
            poll: Called between blocks, also in validation; may raise ``Stopped``.

        Raises:
            Stopped: ``poll`` raised it; the state is saved.
            DivergedError: Training has diverged; earlier files are unchanged.
            UsageError: Another training writes the same files, or has written them meanwhile.
            OSError: A file could not be written; earlier files are unchanged.
        """
        group = self.group
        for path in self.files.paths if group.leads else ():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            lock_of, logs_of = (RunLock, Logs) if group.leads else (NoLock, NoLogs)
            lock = stack.enter_context(contextlib.closing(lock_of(self.files, self.before)))
            if not lock.excludes:
                yield NotExclusive(self.files.model)
            logs = stack.enter_context(contextlib.closing(logs_of(self.files)))
            group.gather(None)  # until here an error of one rank reaches the others
            group.begun = True
            recorder = Recorder(
                self.config,
                self.texts,
                self.trainer,
                self.recovery,
                lock,
                logs,
                self.origin,
                self.begun,
                group,
            )
            recorder.begin(self.lengths, not self.is_resumed, self.is_other_machine)
            try:
                with rounded_factors(self.config.training.precision):  # what follows is exact
                    yield from self._train(recorder, logs, group.agreed(poll))
                if self.texts.valid is not None:
                    yield Validating(final=True)
                ended = self.ended(poll)
                recorder.end(ended)
                yield ended
            except Stopped:
                recorder.save_state()
                raise
            except DivergedError as error:  # all ranks have the same figures
                raise group.of_all(error) from None

    def _train(self, recorder: Recorder, logs: Logs, poll: Poll) -> Iterator[Event]:
        """Run the loop to its end, rolling back on divergence if configured."""
        while True:
            try:
                for event in self.trainer.run(poll):
                    sampled: Sampled | None = None
                    if recorder.saves_long(event):
                        yield Saving()
                    if isinstance(event, StepDone):
                        recorder.step(event)
                    elif isinstance(event, EpochDone | ValidationDone):
                        sampled = recorder.validated(event)
                    yield from map(LogRestored, logs.take_restored())
                    yield event
                    if sampled is not None:
                        yield sampled
                    if self.trainer.settled:
                        poll()
                return
            except DivergedError as error:
                yield recorder.roll_back(error)

    def _exact_loss(self, poll: Poll) -> float:
        """Return the mean loss of the best model; one stream cannot be divided among ranks."""
        best, task = checkpoint.load_any(self.files.model).model, task_of(self.config)
        network = best.rebuilt(best.config, self.model.engine.name).placed()
        blocks = validation_blocks(self.config, self.texts, exact=True)
        loss, number = task.loss(network, blocks, poll)
        return loss / number

    def ended(self, poll: Poll) -> Ended:
        """Evaluate the best model exactly, in one stream; return the final event."""
        valid = figures = None
        if self.texts.valid is not None:
            mean = self.group.first(lambda: self._exact_loss(poll))
            valid = self.measure.figure(mean)
            if self.measure.of_text:
                figures = mean_figures(mean, self.texts.valid.size)
        progress, history = self.trainer.progress, self.trainer.epochs.history
        return Ended(
            reason=self.trainer.end_reason or "",
            epochs=progress.epoch,
            best_epoch=progress.best_epoch,
            best_step=next((record.step for record in reversed(history) if record.best), None),
            valid=valid,
            seconds=progress.seconds,
            checkpoint=self.files.model,
            valid_figures=figures,
        )
