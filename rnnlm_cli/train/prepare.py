"""Whatever a training needs before its first step: texts, a model, and nothing in its way."""

from __future__ import annotations

import numpy as np

from rnnlm_cli import checkpoint
from rnnlm_cli.config import Config
from rnnlm_cli.data.texts import input_paths, read_training_texts
from rnnlm_cli.errors import UsageError
from rnnlm_cli.model import PLACEHOLDERS, Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.cpu.threads import use_threads
from rnnlm_cli.train.files import RunFiles
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
        raise UsageError(
            f"{there[0]}: is there, but no state to go on from ({files.last}); --overwrite begins "
            "anew, or set another checkpoint.path"
            if resume
            else f"{there[0]}: is there already; add --resume to go on, --overwrite to begin anew, "
            "or set another checkpoint.path"
        )
    if overwrite:
        check_replaceable(files.last)
        check_replaceable(files.rollback)
    if config.training.init_from is not None:
        source = _initial_model(config)
        texts = read_training_texts(config, (source.codec, source.vocabulary), use_cache)
        return Run(config, texts, source.network)
    texts = read_training_texts(config, use_cache=use_cache)
    if dry:
        model = Rnnlm(config.model, len(texts.vocabulary), PLACEHOLDERS)
        return Run(config, texts, model)
    rng = np.random.default_rng([config.training.seed, 0])
    return Run(config, texts, Rnnlm.random(config.model, len(texts.vocabulary), rng))


def _resumed(config: Config, files: RunFiles, use_cache: bool) -> Run | None:
    stored = checkpoint.load(files.last)
    state = training_state(files.last, stored)
    model = stored.model
    check_resumable(files.last, model.config, config)
    with sound_state(files.last):
        progress = stored_progress(state.trainer)
    check_best_model(files.model, files.last, model, progress.best_epoch)
    texts = read_training_texts(config, (model.codec, model.vocabulary), use_cache)
    run = Run(config, texts, model.network)
    run.restore(stored)
    over = run.trainer.end_reason is not None
    if state.ended and over:
        return None
    run.check_rollback_state()
    rate = changed_rate(model.config, config, progress, len(run.blocks))
    run.notes = [line for line in (None if over else rate, short_log(files.log, state)) if line]
    return run


def _initial_model(config: Config) -> TrainedModel:
    """Load the weights to start from; dropout is that of the new configuration."""
    path = str(config.training.init_from)
    source = checkpoint.load(path).model
    shape = [
        said for key, said in changed_keys(source.config, config).items() if key in MODEL_SHAPE
    ]
    if shape:
        raise UsageError(f"training.init_from: {path} has another shape: {'; '.join(shape)}")
    fresh = Rnnlm(config.model, len(source.vocabulary), PLACEHOLDERS)
    for name, param in fresh.params.items():
        param.value = source.network.params[name].value
    source.network = fresh
    return source
