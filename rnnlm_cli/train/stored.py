"""Training states in files: whether a file holds one, and whether it is valid."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from rnnlm_cli import checkpoint
from rnnlm_cli.checkpoint import Stored, TrainingState
from rnnlm_cli.checkpoint.container import has_magic
from rnnlm_cli.errors import CheckpointError, UsageError
from rnnlm_cli.model.networks import empty_network
from rnnlm_cli.model.trained import TrainedNetwork
from rnnlm_cli.nn.param import array_like
from rnnlm_cli.text.codec import codec_from_plain
from rnnlm_cli.train.group import Group


def training_state(path: str, stored: Stored) -> TrainingState:
    """Return the state in a checkpoint.

    Raises:
        CheckpointError: The file holds a model without one.
    """
    if stored.training_state is None:
        raise CheckpointError(
            f"{path}: holds a model, but no state to resume from; move it away, or set another "
            "checkpoint.path"
        )
    return stored.training_state


def check_replaceable(path: str) -> None:
    """Refuse to replace or remove a file that is not a training state.

    ``NAME.last.pkl`` may be the model of another training, or a file of another program. A damaged
    state counts as a state.

    Raises:
        UsageError: The file is not a training state.
    """
    if not os.path.exists(path) or os.path.getsize(path) == 0:
        return
    try:
        is_state = checkpoint.load_any(path).training_state is not None
    except CheckpointError:
        is_state = has_magic(path)
    if not is_state:
        raise UsageError(
            f"{path}: is not a training state, and this training would replace or remove it; "
            "move it away, or set another checkpoint.path"
        )


@contextlib.contextmanager
def sound_state(path: str) -> Iterator[None]:
    """Turn exceptions caused by a corrupt or forged state into an error that names the file.

    Raises:
        CheckpointError: The block raised such an exception.
    """
    try:
        yield
    except msgspec.ValidationError as error:
        what: object = error
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        what = error if type(error) is ValueError else repr(error)
    else:
        return
    raise CheckpointError(
        f"its state is invalid ({what})", place=path, remedy="use {overwrite=True} to start over"
    )


def read_once(
    group: Group, read: Callable[[], tuple[TrainedNetwork, TrainingState]]
) -> tuple[TrainedNetwork, TrainingState]:
    """Return a model and its state that rank 0 reads, on all ranks; others need not have the file.

    An engine belongs to its process, so the network is sent as its weights.
    """
    if group.size == 1:
        return read()

    def plain() -> tuple[Any, TrainingState]:
        stored, state = read()
        weights = stored.network.weights()
        codec, history = stored.codec.to_plain(), stored.history
        rest = codec, stored.vocabulary, stored.labels, weights, history, stored.origin
        return (stored.config, *rest), state

    (config, codec, vocabulary, labels, weights, history, origin), state = group.first(plain)
    network = empty_network(config, len(vocabulary), len(labels), config.training.dtype)
    for name, param in network.params.items():
        param.value = weights[name]
    codec = codec_from_plain(codec)
    return TrainedNetwork(config, codec, vocabulary, network, history, origin, labels), state


def state_like(stored: Any, like: Any) -> Any:
    """Turn the lists of a stored hidden state back into tuples, nested like ``like``.

    Raises:
        TypeError, ValueError: The nesting, or an array's shape or type, differs from ``like``.
    """
    if not isinstance(like, tuple):
        return array_like(stored, like, "the hidden state")
    return tuple(state_like(part, one) for part, one in zip(stored, like, strict=True))
