"""What a checkpoint holds, and the way there and back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
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
from rnnlm_cli.data.texts import tokenizer_of
from rnnlm_cli.errors import CheckpointError, UsageError, is_unicode
from rnnlm_cli.model import CELLS, PLACEHOLDERS, Rnnlm, recurrent_stacks
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.system.paths import rebase, relative_to
from rnnlm_cli.text.tokenizer import Tokenizer
from rnnlm_cli.text.vocabulary import Vocabulary


class EpochRecord(msgspec.Struct, frozen=True):
    """What the history keeps of an epoch: no clock, so that equal trainings give equal files.

    Files have its figures under the names of before there were other measures than perplexity.
    """

    epoch: int
    part: float  # 1, or less where time was up
    train: float = msgspec.field(name="train_perplexity")  # over the epoch, while it was learned
    valid: float | None = msgspec.field(name="valid_perplexity")
    learning_rate: float  # of the last step
    best: bool  # the best model so far, or there is no validation text


class TrainingState(msgspec.Struct, frozen=True):
    """What it takes to go on training."""

    step: int
    trainer: dict[str, Any]  # the trainer's own
    texts: dict[str, str]  # fingerprints by split
    log_length: Count  # bytes
    ended: bool
    rollbacks: list[dict[str, Any]] = []  # as the log has them
    unlogged_rollbacks: Count = 0  # of them, the last so many, which come after log_length


@dataclass
class SavedModel:
    """A network with all that it takes to use it.

    Attributes:
        config: The effective configuration; its paths are relative to the working directory.
        vocabulary: Tokens by id.
        model: The network.
        history: A record an epoch.
        training_state: What it takes to go on training, in ``NAME.last.pkl`` alone.
    """

    config: Config
    vocabulary: Vocabulary
    model: Rnnlm
    history: list[EpochRecord] = field(default_factory=list)
    training_state: TrainingState | None = None

    @property
    def tokenizer(self) -> Tokenizer:
        """How texts are cut."""
        return tokenizer_of(self.config)

    def require_left_to_right(self, purpose: str) -> None:
        """Refuse a model that cannot tell what comes next.

        Raises:
            UsageError: It is bidirectional.
        """
        if self.model.bidirectional:
            raise UsageError(
                f"the model is bidirectional: it reads what comes after each word too, and so "
                f"cannot {purpose}; take a model with model.direction: forward"
            )

    def line_start(self) -> int:
        """Return the id that is fed to the zero state before a line: the one that ends lines.

        Raises:
            UsageError: The model knows no end of a line.
        """
        end = self.tokenizer.line_end
        if end is None or end not in self.vocabulary:
            raise UsageError(
                "the model knows no end of a line, so that no line can begin after one; train it "
                "with corpus.end_of_line"
            )
        return self.vocabulary.index[end]


def save(path: str, saved: SavedModel, replace: bool = True) -> None:
    """Write a checkpoint; the same values give the same bytes.

    Args:
        path: The file.
        saved: What it is to hold.
        replace: Replace a file that exists.

    Raises:
        UsageError: The file exists and is not to be replaced.
        OSError: It cannot be written; what was there before still is.
    """
    folder = os.path.dirname(path)
    values = {
        "rnnlm": __version__,
        "config": move_paths(config_to_plain(saved.config), partial(relative_to, folder=folder)),
        "vocabulary": {
            "tokens": saved.vocabulary.tokens,
            "counts": saved.vocabulary.counts,
            "unknown": saved.vocabulary.unknown,
        },
        "history": msgspec.to_builtins(saved.history),
        "params": {name: param.value for name, param in saved.model.params.items()},
        "training_state": saved.training_state and structs.asdict(saved.training_state),
    }
    container.write(path, lambda file: plain_pickle.dump(values, file), replace)


def load(path: str) -> SavedModel:
    """Read a checkpoint; no code from it is run.

    Raises:
        UsageError: There is no such file.
        CheckpointError: It is not one, or damaged, or does not hold what it should.
    """
    with container.reading(path) as file:
        try:
            return _restore(plain_pickle.load(file), os.path.dirname(path))
        except CheckpointError as error:
            raise CheckpointError(f"{path}: not a sound checkpoint: {error}") from None
        except msgspec.ValidationError as error:
            raise CheckpointError(
                f"{path}: this version of rnnlm does not know its configuration: {error}; "
                "use the version that wrote it"
            ) from None
        except (LookupError, TypeError, AttributeError, ValueError, OverflowError) as error:
            raise CheckpointError(f"{path}: not a sound checkpoint: {error!r}") from None


def _restore(values: Any, folder: str) -> SavedModel:
    if type(values) is not dict:
        raise CheckpointError("it holds no model")
    config = config_from_plain(move_paths(values["config"], partial(rebase, folder=folder)))
    vocabulary = _restore_vocabulary(values["vocabulary"])
    end = config.corpus.end_of_line
    if config.model.direction == "bidirectional" and (end is None or end not in vocabulary):
        raise CheckpointError("its vocabulary lacks the end of a line")
    params = values["params"]
    _check_sizes(config.model, params)
    model = Rnnlm(config.model, len(vocabulary), PLACEHOLDERS)
    if params.keys() != model.params.keys():
        odd = sorted(params.keys() ^ model.params.keys())
        raise CheckpointError(f"its parameters and its configuration differ in {', '.join(odd)}")
    for name, param in model.params.items():
        stored = params.pop(name)  # so that no more than one of them is in memory twice
        if stored.shape != param.value.shape or stored.dtype != np.float32:
            raise CheckpointError(
                f"{name} is {stored.dtype} {stored.shape} instead of float32 {param.value.shape}"
            )
        if not np.isfinite(stored).all():
            raise CheckpointError(f"{name} holds values that are not finite")
        param.value = stored.copy()
    try:
        history = msgspec.convert(values["history"], list[EpochRecord])
        state = msgspec.convert(values["training_state"], TrainingState | None)
    except msgspec.ValidationError as error:
        raise CheckpointError(f"its history or its state: {error}") from None
    return SavedModel(config, vocabulary, model, history, state)


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
