"""Whether a saved state and a configuration go together."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping

import msgspec

from rnnlm_cli import checkpoint
from rnnlm_cli.checkpoint import SavedModel, TrainingState
from rnnlm_cli.checkpoint.container import has_magic
from rnnlm_cli.config import MAY_CHANGE, Config, Mark, as_written, differences, keys_marked
from rnnlm_cli.errors import CheckpointError, UsageError
from rnnlm_cli.train.schedules import Place, learning_rate
from rnnlm_cli.train.trainer import Progress


def training_state(path: str, stored: SavedModel) -> TrainingState:
    """Return the state in a checkpoint.

    Raises:
        CheckpointError: The file holds a model without one.
    """
    if stored.training_state is None:
        raise CheckpointError(
            f"{path}: holds a model, but no state to go on from; move it away, or set another "
            "checkpoint.path"
        )
    return stored.training_state


def check_replaceable(path: str) -> None:
    """Refuse to replace or remove what has the name of this training's state and is none.

    ``NAME.last.pkl`` may be the model that another training wrote, or no file of this program. A
    damaged state is a state.

    Raises:
        UsageError: It is no state.
    """
    if not os.path.exists(path) or os.path.getsize(path) == 0:
        return
    try:
        is_state = checkpoint.load(path).training_state is not None
    except CheckpointError:
        is_state = has_magic(path)
    if not is_state:
        raise UsageError(
            f"{path}: is no state of a training, and this training would replace or remove it; "
            "move it away, or set another checkpoint.path"
        )


@contextlib.contextmanager
def sound_state(path: str) -> Iterator[None]:
    """Turn what a forged state makes the code stumble over into an error with the file's name."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        what: object = error if type(error) is ValueError else repr(error)
    except msgspec.ValidationError as error:
        what = error
    else:
        return
    raise CheckpointError(f"{path}: its state is not sound ({what}); --overwrite starts again")


def check_resumable(path: str, stored: Config, config: Config) -> None:
    """Refuse to go on with another configuration than the saved one.

    Raises:
        UsageError: Keys that matter differ; all are named with both values.
    """
    changes = changed_keys(stored, config)
    differences = [said for key, said in changes.items() if key not in keys_marked(*MAY_CHANGE)]
    if differences:
        raise UsageError(
            f"{path}: was trained with another configuration: {'; '.join(differences)}; "
            "give the same one, or --overwrite to start again"
        )


def check_same_text(path: str, stored: Mapping[str, str], digests: Mapping[str, str]) -> None:
    """Refuse to go on with texts of other content than before, or with more or fewer of them.

    Raises:
        UsageError: A text has changed, is new or is missing.
    """
    names = stored.keys() | digests.keys()
    # a text that is held out, or no longer, changes the one that it is cut from
    for name in sorted(names, key=lambda name: (name in stored and name in digests, name)):
        if stored.get(name) == digests.get(name):
            continue
        how = "its content has changed"
        if name not in digests:
            how = "there is none now"
        elif name not in stored:
            how = "there was none"
        raise UsageError(
            f"{path}: was trained with another corpus.{name} ({how}); "
            "give the same text, or --overwrite to start again"
        )


def check_best_model(path: str, last: str, stored: SavedModel, best_epoch: int) -> None:
    """Make sure that the best model so far is there, sound, and one of this training.

    Args:
        path: Where it was saved.
        last: Where the state was read from.
        stored: What it holds.
        best_epoch: When it was the best; 0 where none has been saved yet.

    Raises:
        UsageError: It is missing, or another training's.
        CheckpointError: It is damaged.
    """
    if not best_epoch:
        return
    remedy = (
        f"put it back, copy {last} to {path} to take the last model instead, or use "
        "--overwrite to start over"
    )
    if not os.path.exists(path):
        raise UsageError(f"{path}: the best model, of epoch {best_epoch}, is missing; {remedy}")
    best = checkpoint.load(path)
    changes = changed_keys(stored.config, best.config)
    other = [said for key, said in changes.items() if key not in keys_marked(*MAY_CHANGE)]
    if best.vocabulary.tokens != stored.vocabulary.tokens:
        other.append("the vocabulary is another")
    if other:
        raise UsageError(
            f"{path}: is not the model of the training in {last}: {'; '.join(other)}; {remedy}"
        )


def changed_rate(stored: Config, config: Config, progress: Progress, blocks: int) -> str | None:
    """Say how another number of epochs changes the learning rate of the next step.

    Args:
        stored: The configuration until now.
        config: The one from here on.
        progress: How far training is.
        blocks: Steps of an epoch.

    Returns:
        A line with both rates; ``None`` where the schedule does not depend on the epochs.
    """
    training, epochs = config.training, stored.training.epochs

    def rate(step: int, epochs: int) -> float:
        place = Place(step, epochs * blocks, progress.bad_epochs)
        rate = learning_rate(training.optimizer.learning_rate, training.schedule, place)
        return rate * progress.rate_factor

    # a training that was finished had no next step; its last one is what compares
    before = rate(min(progress.step, epochs * blocks - 1), epochs)
    now = rate(progress.step, training.epochs)
    if before == now:
        return None
    kind = training.schedule.__struct_config__.tag
    return (
        f"training.epochs was {epochs} and is {training.epochs}: with training.schedule {kind} the "
        f"next step's learning rate is {now:g} instead of {before:g}"
    )


def rounding_notes(stored: Config, config: Config) -> list[str]:
    """Name each allowed change after which figures differ by rounding."""
    told = keys_marked(Mark.TOLD_ON_RESUME)
    return [
        f"{said}; figures differ by rounding from a run that was never stopped"
        for key, said in changed_keys(stored, config).items()
        if key in told
    ]


def short_log(path: str, state: TrainingState) -> str | None:
    """Say that a log lacks lines that were written before the state was saved, if it does."""
    length = os.path.getsize(path) if os.path.exists(path) else 0
    if length >= state.log_length:
        return None
    return (
        f"{path}: has {length:,} of the {state.log_length:,} bytes that were written until step "
        f"{state.step:,}; the lines in between are missing from it"
    )


def changed_keys(stored: Config, config: Config) -> dict[str, str]:
    """Say of each key with another value what it was and what it is."""
    return {
        key: f"{key} was {as_written(was)} and is {as_written(now)}"
        for key, (was, now) in differences(stored, config).items()
    }
