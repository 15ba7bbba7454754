"""A trained model, and what it takes to go on training, to a file and back."""

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
from rnnlm_cli.config import Config, config_from_plain, config_to_plain, move_paths
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.errors import CheckpointError, is_unicode
from rnnlm_cli.model import CELLS, Rnnlm, recurrent_stacks
from rnnlm_cli.model.history import EpochRecord
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.system.paths import rebase, relative_to
from rnnlm_cli.text.codec import codec_from_plain
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.vocabulary import Vocabulary


class TrainingState(msgspec.Struct, frozen=True):
    """What it takes to go on training."""

    step: int
    trainer: dict[str, Any]  # the trainer's own
    texts: dict[str, str]  # fingerprints by split
    log_length: Count  # bytes
    ended: bool
    engine: str = ""  # that ran it last; empty in states from before there was a choice
    threads: Count = 0  # that computed it; 0 in such states
    rollbacks: list[dict[str, Any]] = []  # as the log has them
    unlogged_rollbacks: Count = 0  # of them, the last so many, which come after log_length


@dataclass
class Checkpoint:
    """What a file holds.

    Attributes:
        model: The trained model.
        training_state: What it takes to go on training, in ``NAME.last.pkl`` alone.
    """

    model: TrainedModel
    training_state: TrainingState | None = None


def save(
    path: str,
    model: TrainedModel,
    training_state: TrainingState | None = None,
    replace: bool = True,
) -> None:
    """Write a checkpoint; the same values give the same bytes.

    Args:
        path: The file.
        model: What it is to hold.
        training_state: What it takes to go on training, if that is wanted.
        replace: Replace a file that exists.

    Raises:
        UsageError: The file exists and is not to be replaced.
        OSError: It cannot be written; what was there before still is.
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
        "params": {name: param.value for name, param in model.network.params.items()},
        "training_state": training_state and structs.asdict(training_state),
    }
    container.write(path, lambda file: plain_pickle.dump(values, file), replace)


def load(path: str) -> Checkpoint:
    """Read a checkpoint; no code from it is run.

    Raises:
        UsageError: There is no such file.
        CheckpointError: It is not one, or damaged, or does not hold what it should.
    """
    with container.reading(path) as content:
        try:
            values = plain_pickle.load(content.file)
            return _restore(values, content.version, os.path.dirname(path))
        except CheckpointError as error:
            raise CheckpointError(f"{path}: not a sound checkpoint: {error}") from None
        except msgspec.ValidationError as error:
            raise CheckpointError(
                f"{path}: this version of rnnlm does not know its configuration: {error}; "
                "use the version that wrote it"
            ) from None
        except (LookupError, TypeError, AttributeError, ValueError, OverflowError) as error:
            raise CheckpointError(f"{path}: not a sound checkpoint: {error!r}") from None


def _restore(values: Any, version: int, folder: str) -> Checkpoint:
    if type(values) is not dict:
        raise CheckpointError("it holds no model")
    config = config_from_plain(move_paths(values["config"], partial(rebase, folder=folder)))
    codec = codec_of(config) if version == 1 else _restore_codec(values["codec"], config)
    vocabulary = _restore_vocabulary(values["vocabulary"])
    end = config.corpus.end_of_line
    if config.model.direction == "bidirectional" and (end is None or end not in vocabulary):
        raise CheckpointError("its vocabulary lacks the end of a line")
    params = values["params"]
    _check_sizes(config.model, params)
    network = _restore_network(config, params, len(vocabulary))
    try:
        history = msgspec.convert(values["history"], list[EpochRecord])
        state = msgspec.convert(values["training_state"], TrainingState | None)
    except msgspec.ValidationError as error:
        raise CheckpointError(f"its history or its state: {error}") from None
    return Checkpoint(TrainedModel(config, codec, vocabulary, network, history), state)


def _restore_codec(plain: Any, config: Config) -> Codec:
    """Return the codec, which the configuration describes too, what it has learned apart."""
    codec, described = codec_from_plain(plain), codec_of(config)
    for name in ("unit", "end_of_line", "lowercase"):
        if getattr(codec, name) != getattr(described, name):
            raise CheckpointError(f"its codec and its configuration differ in corpus.{name}")
    return codec


def _restore_network(config: Config, params: dict[str, Array], vocabulary: int) -> Rnnlm:
    """Make a network of its parameters, which are taken out of the dict one by one."""
    dtype = np.dtype(config.training.precision)
    network = Rnnlm.empty(config.model, vocabulary, dtype)
    if params.keys() != network.params.keys():
        odd = sorted(params.keys() ^ network.params.keys())
        raise CheckpointError(f"its parameters and its configuration differ in {', '.join(odd)}")
    for name, param in network.params.items():
        stored = params.pop(name)  # so that no more than one of them is in memory twice
        if stored.shape != param.value.shape or stored.dtype != dtype:
            raise CheckpointError(
                f"{name} is {stored.dtype} {stored.shape} instead of {dtype} {param.value.shape}"
            )
        if not np.isfinite(stored).all():
            raise CheckpointError(f"{name} holds values that are not finite")
        param.value = stored.copy()
    return network


def _restore_vocabulary(values: Any) -> Vocabulary:
    tokens, counts, unknown = values["tokens"], values["counts"], values["unknown"]
    vocabulary = Vocabulary(tokens, counts, unknown)
    if len(vocabulary.index) != len(tokens) or counts.shape != (len(tokens),):
        raise CheckpointError("its vocabulary is inconsistent")
    if unknown not in vocabulary or not all(type(token) is str for token in tokens):
        raise CheckpointError("its vocabulary is inconsistent")
    if counts.dtype != np.int64 or (counts < 0).any():
        raise CheckpointError("the counts of its vocabulary are no counts")
    if not is_unicode("".join(tokens)):
        raise CheckpointError("a token of its vocabulary is no text")
    return vocabulary


def _check_sizes(config: ModelConfig, params: Mapping[str, Array]) -> None:
    """Refuse sizes that the file does not back, before anything of that size is made.

    The weights are in the file; the biases that the network makes are smaller than they.
    """
    width = len(CELLS[config.cell].gates) * config.hidden_size
    for prefix in recurrent_stacks(config):
        for k in range(config.layers):
            name = f"{prefix}layer{k}.weight_hh"
            shape = params[name].shape
            if shape != (config.hidden_size, width):
                raise CheckpointError(f"{name} is {shape} instead of {(config.hidden_size, width)}")
