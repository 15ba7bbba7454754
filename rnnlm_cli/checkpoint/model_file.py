"""Saving and loading a trained model and its training state."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
import numpy as np
from msgspec import structs

from rnnlm_cli import __version__
from rnnlm_cli.checkpoint import container, plain_pickle
from rnnlm_cli.checks import Count
from rnnlm_cli.config import Config, config_from_plain, config_to_plain, fill_former, move_paths
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.task import Language
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.errors import CheckpointError, is_unicode
from rnnlm_cli.model import CELLS, recurrent_stacks
from rnnlm_cli.model.history import EpochRecord
from rnnlm_cli.model.network import Network
from rnnlm_cli.model.networks import empty_network
from rnnlm_cli.model.origin import Origin
from rnnlm_cli.model.trained import TrainedModel, TrainedNetwork, require_task
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.system.paths import rebase, relative_to
from rnnlm_cli.text.codec import codec_from_plain
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.vocabulary import Vocabulary


class TrainingState(msgspec.Struct, frozen=True):
    """All that a resumed training needs besides the model."""

    step: int
    trainer: dict[str, Any]  # from Trainer.state
    texts: dict[str, str]  # fingerprints by split
    log_length: Count  # bytes
    ended: bool
    engine: str = ""  # the last one; empty in states of versions without a choice
    level: str | None = ""  # of this engine; empty in states that did not record it
    threads: Count = 0  # the last number; 0 in states without an engine
    ranks: Count = 1  # processes that trained together
    rollbacks: list[dict[str, Any]] = []  # as in the log
    unlogged_rollbacks: Count = 0  # how many of the last rollbacks come after log_length
    events_length: Count = 0  # bytes of TensorBoard's event file; 0 without one
    begun: str = ""  # date and time in UTC, as in the log; empty in states of older versions


@dataclass
class Stored:
    """The content of a file.

    Attributes:
        model: The trained model, of any task.
        training_state: The state to resume from; only ``NAME.last`` and ``NAME.rollback`` have it.
    """

    model: TrainedNetwork
    training_state: TrainingState | None = None


@dataclass
class Checkpoint(Stored):
    """The content of a file with a language model."""

    model: TrainedModel


def save(
    path: str,
    model: TrainedNetwork,
    training_state: TrainingState | None = None,
    replace: bool = True,
) -> None:
    """Write a checkpoint; the same values give the same bytes.

    Args:
        path: The file.
        model: The model to save.
        training_state: The state to resume from, if wanted.
        replace: Replace an existing file.

    Raises:
        UsageError: The file already exists and ``replace`` is false.
        OSError: It cannot be written; an existing file is unchanged.
    """
    folder = os.path.dirname(path)
    values = {
        "rnnlm": __version__,
        "config": move_paths(config_to_plain(model.config), partial(relative_to, folder=folder)),
        "codec": model.codec.to_plain(),
        "vocabulary": {
            "tokens": model.vocabulary.tokens,
            "counts": model.vocabulary.counts,
            "unknown": model.vocabulary.unknown,
        },
        "history": msgspec.to_builtins(model.history),
        "origin": msgspec.to_builtins(model.origin),
        "params": model.network.weights(),
        "training_state": training_state and structs.asdict(training_state),
    }
    if model.labels:
        values["labels"] = list(model.labels)
    container.write(path, lambda file: plain_pickle.dump(values, file), replace)


def load(path: str) -> Checkpoint:
    """Read a checkpoint of a language model; no code from it is run.

    Raises:
        UsageError: There is no such file, or its model is for another task.
        CheckpointError: It is not a checkpoint, or is damaged or inconsistent.
    """
    stored = load_any(path)
    require_task(path, stored.model.config, Language)
    return Checkpoint(TrainedModel(**vars(stored.model)), stored.training_state)


def load_any(path: str) -> Stored:
    """Read a checkpoint with a model of any task; no code from it is run.

    Raises:
        UsageError: There is no such file.
        CheckpointError: It is not a checkpoint, or is damaged or inconsistent.
    """
    with container.reading(path) as content:
        try:
            values = plain_pickle.load(content.file)
            return _restore(values, content.version, os.path.dirname(path))
        except CheckpointError as error:
            raise CheckpointError(f"{path}: not a valid checkpoint: {error}") from None
        except msgspec.ValidationError as error:
            raise CheckpointError(
                f"{path}: this version of rnnlm does not know its configuration: {error}; "
                "use the version that wrote it"
            ) from None
        except (LookupError, TypeError, AttributeError, ValueError, OverflowError) as error:
            raise CheckpointError(f"{path}: not a valid checkpoint: {error!r}") from None


def _restore(values: Any, version: int, folder: str) -> Stored:
    if type(values) is not dict:
        raise CheckpointError("it holds no model")
    stored = fill_former(move_paths(values["config"], partial(rebase, folder=folder)))
    config = config_from_plain(stored)
    codec = codec_of(config) if version == 1 else restore_codec(values["codec"], config)
    vocabulary = _restore_vocabulary(values["vocabulary"])
    if config.reads_lines and codec.line_end not in vocabulary.index:
        raise CheckpointError("its vocabulary lacks the end of a line")
    params = values["params"]
    _check_sizes(config.model, params)
    labels = _restore_labels(values.get("labels", []))
    network = _restore_network(config, params, len(vocabulary), len(labels))
    try:
        history = msgspec.convert(values["history"], list[EpochRecord])
        state = msgspec.convert(values["training_state"], TrainingState | None)
        # files of versions that recorded no texts have the version alone
        origin = msgspec.convert(values.get("origin", {"version": values.get("rnnlm", "")}), Origin)
    except msgspec.ValidationError as error:
        raise CheckpointError(f"its history, its origin or its state: {error}") from None
    model = TrainedNetwork(config, codec, vocabulary, network, history, origin, labels)
    return Stored(model, state)


def restore_codec(plain: Any, config: Config) -> Codec:
    """Return the codec; except for what it learned, it must match the configuration.

    Raises:
        CheckpointError: It is invalid, or the two differ.
    """
    codec, described = codec_from_plain(plain), codec_of(config)
    for name in ("unit", "end_of_line", "lowercase", "normalize"):
        if getattr(codec, name) != getattr(described, name):
            raise CheckpointError(f"its codec and its configuration differ in corpus.{name}")
    return codec


def _restore_network(
    config: Config, params: dict[str, Array], vocabulary: int, labels: int
) -> Network:
    """Build a network from its parameters, which are removed from the dict one by one."""
    dtype = np.dtype(config.training.dtype)
    network = empty_network(config, vocabulary, labels, dtype)
    if params.keys() != network.params.keys():
        odd = sorted(params.keys() ^ network.params.keys())
        raise CheckpointError(f"its parameters and its configuration differ in {', '.join(odd)}")
    for name, param in network.params.items():
        stored = params.pop(name)  # so that at most one parameter is in memory twice
        if stored.shape != param.value.shape or stored.dtype != dtype:
            raise CheckpointError(
                f"{name} is {stored.dtype} {stored.shape} instead of {dtype} {param.value.shape}"
            )
        if not np.isfinite(stored).all():
            raise CheckpointError(f"{name} holds values that are not finite")
        param.value = stored.copy()
    return network.placed()


def _restore_vocabulary(values: Any) -> Vocabulary:
    tokens, counts, unknown = values["tokens"], values["counts"], values["unknown"]
    vocabulary = Vocabulary(tokens, counts, unknown)
    if len(vocabulary.index) != len(tokens) or counts.shape != (len(tokens),):
        raise CheckpointError("its vocabulary is inconsistent")
    if unknown not in vocabulary or not all(type(token) is str for token in tokens):
        raise CheckpointError("its vocabulary is inconsistent")
    if counts.dtype != np.int64 or (counts < 0).any():
        raise CheckpointError("the counts of its vocabulary are invalid")
    if not is_unicode("".join(tokens)):
        raise CheckpointError("a token of its vocabulary is not valid text")
    return vocabulary


def _restore_labels(values: Any) -> tuple[str, ...]:
    if type(values) is not list or not all(type(label) is str for label in values):
        raise CheckpointError("its labels are not texts")
    if len(set(values)) != len(values) or not is_unicode("".join(values)):
        raise CheckpointError("its labels are inconsistent")
    return tuple(values)


def _check_sizes(config: ModelConfig, params: Mapping[str, Array]) -> None:
    """Refuse sizes that the stored weights do not have, before allocating anything.

    The file holds the weights; the biases that the network allocates are smaller.
    """
    cell, size, hidden = CELLS[config.cell], config.embedding_size, config.hidden_size
    for prefix in recurrent_stacks(config):
        for k in range(config.layers):
            below = size if k == 0 else hidden
            width = cell.sized(below, hidden).products * hidden
            part, rows = ("weight_hh", hidden) if cell.recurrent else ("weight_ih", below)
            name = f"{prefix}layer{k}.{part}"
            if params[name].shape != (rows, width):
                raise CheckpointError(f"{name} is {params[name].shape} instead of {(rows, width)}")
