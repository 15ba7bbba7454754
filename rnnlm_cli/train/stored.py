"""States of trainings in files: which file holds one, and whether it is sound."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import msgspec

from rnnlm_cli import checkpoint
from rnnlm_cli.checkpoint import Checkpoint, TrainingState
from rnnlm_cli.checkpoint.container import has_magic
from rnnlm_cli.errors import CheckpointError, UsageError
from rnnlm_cli.nn.param import array_like


def training_state(path: str, stored: Checkpoint) -> TrainingState:
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
    """Turn exceptions that a corrupt or forged state causes into an error that names its file.

    Raises:
        CheckpointError: One came.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        what: object = error if type(error) is ValueError else repr(error)
    except msgspec.ValidationError as error:
        what = error
    else:
        return
    raise CheckpointError(
        f"its state is not sound ({what})", place=path, remedy="use {overwrite=True} to start over"
    )


def state_like(stored: Any, like: Any) -> Any:
    """Turn the lists of a stored hidden state back into tuples, nested as ``like`` is.

    Raises:
        TypeError, ValueError: It is not nested as that, or an array has another shape or type.
    """
    if not isinstance(like, tuple):
        return array_like(stored, like, "the hidden state")
    return tuple(state_like(part, one) for part, one in zip(stored, like, strict=True))
