"""Checks whether a saved state fits a configuration and its texts."""

from __future__ import annotations

import os
from collections.abc import Mapping

from msgspec import structs

from rnnlm_cli import checkpoint
from rnnlm_cli.checkpoint import TrainingState
from rnnlm_cli.config import MAY_CHANGE, Config, Mark, as_written, differences, keys_marked
from rnnlm_cli.config.schema import value_at
from rnnlm_cli.data.texts import TrainingTexts, codec_of
from rnnlm_cli.errors import UsageError, literal
from rnnlm_cli.model.trained import TrainedNetwork
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.train.stored import training_state


def load_state(path: str, config: Config) -> tuple[TrainedNetwork, TrainingState]:
    """Read a state from which a training with this configuration can resume.

    Raises:
        UsageError: The state belongs to another configuration, or is missing.
        CheckpointError: The file holds a model without a state, or is damaged.
    """
    stored = checkpoint.load_any(path)
    state = training_state(path, stored)
    check_resumable(path, stored.model.config, config)
    return stored.model, state


def check_resumable(path: str, stored: Config, config: Config) -> None:
    """Refuse to resume with a configuration that differs from the saved one.

    Raises:
        UsageError: Keys that must not change differ; all are named with both values.
    """
    changes = changed_keys(stored, config)
    differences = [said for key, said in changes.items() if key not in keys_marked(*MAY_CHANGE)]
    if differences:
        raise UsageError(
            f"was trained with another configuration: {'; '.join(differences)}",
            place=path,
            remedy="give the same one, or use {overwrite=True} to start over",
        )


def with_codec_of(source: Config, config: Config, path: str) -> tuple[Config, list[str]]:
    """Return a configuration with the values that belong to a model, and notes on them.

    A codec goes with the model, and so does how its weights began. Earlier versions left text as it
    was, and whoever trains such a model further need not say so.

    Args:
        source: That of the model.
        config: The configuration to train with.
        path: The model's file.
    """
    changes, notes = changed_keys(source, config), []
    for key in keys_marked(Mark.OF_THE_MODEL):
        if key not in changes:
            continue
        section, name = key.split(".")
        value = value_at(source, key)
        part = structs.replace(getattr(config, section), **{name: value})
        config = structs.replace(config, **{section: part})
        notes.append(f"{path}: {key} is {as_written(value)} in this model, and stays so")
    return config, notes


def check_same_shape(path: str, source: Config, config: Config) -> None:
    """Refuse to start from the weights of a model of another shape.

    Raises:
        UsageError: Keys that shape the weights differ; all are named with both values.
    """
    changes = changed_keys(source, config)
    shape = [said for key, said in changes.items() if key in keys_marked(Mark.SHAPES_MODEL)]
    if shape:
        raise UsageError(f"training.init_from: {path} has another shape: {'; '.join(shape)}")


def digests(texts: TrainingTexts) -> dict[str, str]:
    """Return a fingerprint of the content of each text, by split."""
    named = {"train": texts.train, "valid": texts.valid}
    return {name: text.digest for name, text in named.items() if text is not None}


def check_same_text(path: str, stored: Mapping[str, str], texts: TrainingTexts) -> None:
    """Refuse to resume with changed texts, or with more or fewer texts.

    Args:
        path: The file of the state.
        stored: The fingerprints in the state.
        texts: The texts as read now.

    Raises:
        UsageError: A text has changed, is new or is missing.
    """
    found = digests(texts)
    names = stored.keys() | found.keys()
    # holding out a text, or no longer doing so, also changes the text that it is cut from
    for name in sorted(names, key=lambda name: (name in stored and name in found, name)):
        if stored.get(name) == found.get(name):
            continue
        how = "its content has changed"
        if name not in found:
            how = "there is none now"
        elif name not in stored:
            how = "there was none"
        raise UsageError(
            f"was trained with another corpus.{name} ({how})",
            place=path,
            remedy="give the same text, or use {overwrite=True} to start over",
        )


def check_same_tokenizer(path: str, stored: Codec, config: Config) -> None:
    """Refuse to resume with a changed tokenizer file; one that is gone is not needed any more.

    Args:
        path: The file of the state.
        stored: The codec in the state.
        config: May name the file.

    Raises:
        UsageError: The file's content has changed.
    """
    named = value_at(config, "corpus.subword.path")
    if named is not None and os.path.exists(named) and codec_of(config).train(()) != stored:
        raise UsageError(
            "was trained with another corpus.subword.path (its content has changed)",
            place=path,
            remedy="give the same file, or use {overwrite=True} to start over",
        )


def check_best_model(path: str, last: str, stored: TrainedNetwork, best_epoch: int) -> None:
    """Check that the best model so far exists, is valid, and belongs to this training.

    Args:
        path: The file of the best model.
        last: The file of the state.
        stored: The model in the state's file.
        best_epoch: The epoch of the best model; 0 if none has been saved yet.

    Raises:
        UsageError: The best model is missing, or belongs to another training.
        CheckpointError: The file is damaged.
    """
    if not best_epoch:
        return
    remedy = (
        f"restore it, copy {literal(last)} to {literal(path)} to use the last model instead, or "
        "use {overwrite=True} to start over"
    )
    if not os.path.exists(path):
        raise UsageError(
            f"the best model, of epoch {best_epoch}, is missing", place=path, remedy=remedy
        )
    best = checkpoint.load_any(path).model
    changes = changed_keys(stored.config, best.config)
    other = [said for key, said in changes.items() if key not in keys_marked(*MAY_CHANGE)]
    if best.vocabulary.tokens != stored.vocabulary.tokens:
        other.append("the vocabulary differs")
    if other:
        raise UsageError(
            f"is not the model of the training in {last}: {'; '.join(other)}",
            place=path,
            remedy=remedy,
        )


def changed_keys(stored: Config, config: Config) -> dict[str, str]:
    """Describe each key whose value changed: old and new value, by key."""
    return {
        key: f"{key} was {as_written(was)} and is {as_written(now)}"
        for key, (was, now) in differences(stored, config).items()
    }
