"""Whatever a training needs before its first step: texts, a model, and nothing in its way."""

from __future__ import annotations

import numpy as np

from rnnlm_cli import checkpoint
from rnnlm_cli.checkpoint import SavedModel
from rnnlm_cli.config import Config
from rnnlm_cli.data.texts import input_paths, read_training_texts
from rnnlm_cli.errors import UsageError
from rnnlm_cli.model import PLACEHOLDERS, Rnnlm
from rnnlm_cli.nn.cpu.threads import use_threads
from rnnlm_cli.train.files import CONTINUE_OR_REPLACE, RunFiles
from rnnlm_cli.train.resume import (
    changed_keys,
    changed_rate,
    check_best_model,
    check_replaceable,
    check_resumable,
    short_log,
    sound_state,
    training_state,
)
from rnnlm_cli.train.run import Run
from rnnlm_cli.train.trainer import stored_progress

MODEL_SHAPE = {
    "model.cell",
    "model.direction",
    "model.embedding_size",
    "model.hidden_size",
    "model.layers",
    "model.tie_weights",
    "model.residual",
    "model.output_layer.cutoffs",
    "model.output_layer.shrink",
    "corpus.unit",
    "corpus.end_of_line",
    "corpus.lowercase",
    "corpus.unknown",
}
"""Keys that must be alike where the weights of another model are taken."""


def prepare(
    config: Config,
    resume: bool = False,
    overwrite: bool = False,
    dry: bool = False,
    use_cache: bool = True,
) -> Run | None:
    """Read the texts, build or load the model; no more is written than the ids of a large text.

    Args:
        config: What to train on what.
        resume: Go on from the last state, if there is one.
        overwrite: Begin anew though there is a checkpoint.
        dry: Nothing will be trained: the weights take no memory, and what is there does not matter.
        use_cache: Keep the ids of a large text beside it.

    Returns:
        The training, or ``None`` where there is nothing left to do: it is finished, and its texts
        and its model are still there.

    Raises:
        UsageError: A checkpoint is in the way, the state does not fit, a text or the best model is
            missing.
        CorpusError, CheckpointError: A text or a checkpoint is not sound.
    """
    use_threads(config.training.threads)
    files = RunFiles.of(config)
    files.check_writable(input_paths(config))
    seen = files.seen()
    run = _prepare(config, files, resume, overwrite, dry, use_cache and not dry)
    if run is not None:
        run.seen = seen
    return run


def _prepare(
    config: Config, files: RunFiles, resume: bool, overwrite: bool, dry: bool, use_cache: bool
) -> Run | None:
    there = files.present()
    if resume and files.last in there:
        check_replaceable(files.rollback)
        return _resumed(config, files, use_cache)
    if there and not (overwrite or dry):
        if resume:
            raise UsageError(
                f"already exists, but there is no state to resume from ({files.last})",
                place=there[0],
                remedy="use {overwrite=True} to start over, or set another checkpoint.path",
            )
        raise UsageError("already exists", place=there[0], remedy=CONTINUE_OR_REPLACE)
    if overwrite:
        check_replaceable(files.last)
        check_replaceable(files.rollback)
    if config.training.init_from is not None:
        source = _initial_model(config)
        texts = read_training_texts(config, source.vocabulary, use_cache)
        return Run(config, texts, source.model)
    texts = read_training_texts(config, use_cache=use_cache)
    if dry:
        model = Rnnlm(config.model, len(texts.vocabulary), PLACEHOLDERS)
        return Run(config, texts, model)
    rng = np.random.default_rng([config.training.seed, 0])
    return Run(config, texts, Rnnlm.random(config.model, len(texts.vocabulary), rng))


def _resumed(config: Config, files: RunFiles, use_cache: bool) -> Run | None:
    stored = checkpoint.load(files.last)
    state = training_state(files.last, stored)
    check_resumable(files.last, stored.config, config)
    with sound_state(files.last):
        progress = stored_progress(state.trainer)
    check_best_model(files.model, files.last, stored, progress.best_epoch)
    run = Run(config, read_training_texts(config, stored.vocabulary, use_cache), stored.model)
    run.restore(stored)
    over = run.trainer.end_reason is not None
    if state.ended and over:
        return None
    run.check_rollback_state()
    rate = changed_rate(stored.config, config, progress, len(run.blocks))
    run.notes = [line for line in (None if over else rate, short_log(files.log, state)) if line]
    return run


def _initial_model(config: Config) -> SavedModel:
    """Load the weights to start from; dropout is that of the new configuration."""
    path = str(config.training.init_from)
    source = checkpoint.load(path)
    shape = [
        said for key, said in changed_keys(source.config, config).items() if key in MODEL_SHAPE
    ]
    if shape:
        raise UsageError(f"training.init_from: {path} has another shape: {'; '.join(shape)}")
    fresh = Rnnlm(config.model, len(source.vocabulary), PLACEHOLDERS)
    for name, param in fresh.params.items():
        param.value = source.model.params[name].value
    source.model = fresh
    return source
