"""A trained model in memory: a network and everything needed to use it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from rnnlm_cli.config import Config
from rnnlm_cli.config.task import TaskConfig, tag_of
from rnnlm_cli.errors import UsageError, quoted, shortened
from rnnlm_cli.model.bounds import checked_log_probs
from rnnlm_cli.model.describer import Describer
from rnnlm_cli.model.history import EpochRecord
from rnnlm_cli.model.network import Network
from rnnlm_cli.model.networks import empty_network
from rnnlm_cli.model.origin import UNKNOWN_ORIGIN, Origin
from rnnlm_cli.model.rnnlm import Rnnlm
from rnnlm_cli.nn.engines.choose import AUTO
from rnnlm_cli.nn.state import State, begun_anew
from rnnlm_cli.system.arrays import Array, Ids
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.vocabulary import Vocabulary


@dataclass
class TrainedNetwork:
    """A network of any task, and what turns text into its ids and back.

    Attributes:
        config: The effective configuration; its paths are relative to the working directory.
        codec: Text to tokens and back.
        vocabulary: Tokens by id.
        network: Ids to probabilities.
        history: One record per epoch.
        origin: By which version and from which texts it was made.
        labels: Labels by id, for a task that has them.
    """

    config: Config
    codec: Codec
    vocabulary: Vocabulary
    network: Network
    history: list[EpochRecord] = field(default_factory=list)
    origin: Origin = UNKNOWN_ORIGIN
    labels: tuple[str, ...] = ()

    def rebuilt(self, config: Config, engine: str = AUTO) -> Network:
        """Assemble a network with these weights, but other dropout, another type or engine.

        Args:
            config: Of the same shape.
            engine: As for a new network.
        """
        sizes, dtype = (len(self.vocabulary), len(self.labels)), config.training.dtype
        network = empty_network(config, *sizes, dtype, engine)
        for name, param in network.params.items():
            param.value = self.network.params[name].weights.astype(dtype, copy=False)
        return network

    def encode(self, text: str, ends_line: bool = False) -> Ids:
        """Return the ids ``(n,)`` of a line without its newline, or of a part of a line.

        Args:
            text: The line.
            ends_line: Add the token that ends a line, if the codec has one.
        """
        return self.codec.encode(text, self.vocabulary, ends_line)


@dataclass
class TrainedModel(TrainedNetwork):
    """A trained language model."""

    network: Rnnlm

    def word_ids(self, word: str, begins_line: bool) -> tuple[int, ...]:
        """Return the ids of a word at the beginning of a line, or of one after another word.

        Subwords and characters have the space before it among them. Without a token it is unknown.
        """
        tokens = self.codec.split(word)
        if not begins_line:
            tokens = self.codec.split(f"{word} {word}")[len(tokens) :]
        return tuple(self.vocabulary.ids_of(tokens).tolist()) or (self.vocabulary.unknown_id,)

    def require_left_to_right(self, purpose: str) -> None:
        """Check that the model predicts the next token.

        Raises:
            UsageError: The model is bidirectional.
        """
        if self.network.bidirectional:
            raise UsageError(
                f"the model is bidirectional: it also reads the text after each word, so it cannot "
                f"{purpose}; use a model with model.direction: forward"
            )

    @property
    def knows_line_end(self) -> bool:
        """Whether the model has a token that ends lines, so that a text can begin after it."""
        return self.codec.line_end is not None and self.codec.line_end in self.vocabulary

    def line_start(self) -> int:
        """Return the id to read before a line, from the zero state: the token that ends lines.

        Raises:
            UsageError: The model has no end-of-line token.
        """
        if not self.knows_line_end:
            raise UsageError(
                "the model has no end-of-line token, so a line cannot begin after one; train it "
                "with corpus.end_of_line"
            )
        return self.vocabulary.index[str(self.codec.line_end)]

    @property
    def begins_each_line(self) -> bool:
        """Whether it was trained on single lines, each after an end of line and the first state."""
        return self.config.reads_lines and not self.network.bidirectional

    def next_log_probs(self, ids: Ids, state: State) -> tuple[Array, State]:
        """Return the network's ``next_log_probs``, read as the model was trained.

        If it was trained on single lines, the state is the first one before each end of line.
        """
        if not self.begins_each_line:
            return self.network.next_log_probs(ids, state)
        with self.network.running():
            h, state = self.read(ids, state)
            log_probs = self.network.output.log_probs(h[-1])
        return checked_log_probs(log_probs), state

    def read(self, ids: Ids, state: State) -> tuple[Array, State]:
        """Return the network's ``h (T, B, H)`` and state, read as the model was trained.

        For a left-to-right model, inside ``network.running()``.
        """
        if not self.begins_each_line:
            return self.network.read(ids, state)
        end, first, parts = self.line_start(), 0, []
        for t in [*np.flatnonzero((ids == end).any(axis=1)).tolist(), len(ids)]:
            if t > first:
                h, state = self.network.read(ids[first:t], state)
                parts.append(h)
            if t < len(ids):
                anew = self.network.initial_state(ids.shape[1])
                state, first = begun_anew(state, ids[t] == end, anew), t
        return np.concatenate(parts), state

    def each_log_probs(self, ids: Ids, state: State) -> tuple[Array, State]:
        """Read one stream; return natural logs ``(T, V)`` of what follows each id, and the state.

        Args:
            ids: ``(T, 1)``; few enough that their ``T V`` values fit into memory.
            state: The state before them.

        Raises:
            DivergedError: The model has diverged (see ``model/bounds.py``).
        """
        with self.network.running():
            h, state = self.read(ids, state)
            log_probs = self.network.output.log_probs(h[:, 0])
        return checked_log_probs(log_probs), state

    @property
    def line_edge(self) -> int | None:
        """The id at both ends of a line for a model that reads each line by itself, else ``None``.

        The vocabulary of such a model always has this token.
        """
        return line_edge(self.codec, self.vocabulary, self.config)


def given_label(model: TrainedNetwork, label: str | None) -> TrainedModel:
    """Return the language model of the lines of one label.

    Args:
        model: A model of ``task: description``.
        label: One of its labels.

    Raises:
        UsageError: The label is missing, or is not one of them.
    """
    assert isinstance(model.network, Describer)
    known = shortened(", ".join(model.labels))
    if label is None:
        raise UsageError(
            "the model writes a line for a label", remedy=f"use {{given}} with one of {known}"
        )
    if label not in model.labels:
        raise UsageError(
            "is not a label of the model", field="given", place=quoted(label), remedy=f"use {known}"
        )
    network = model.network.given(model.labels.index(label))
    return TrainedModel(**{**vars(model), "network": network})


def require_task(path: str, config: Config, *tasks: type[TaskConfig]) -> None:
    """Check that a model is for one of these tasks.

    Raises:
        UsageError: It is for another one; the message names what uses such a model.
    """
    if not isinstance(config.task, tasks):
        needed = " or ".join(tag_of(task) for task in tasks)
        raise UsageError(
            f"is a model of task.kind: {tag_of(type(config.task))}, but this needs {needed}",
            place=path,
            remedy=f"use it with {config.task.commands}",
        )


def line_edge(codec: Codec, vocabulary: Vocabulary, config: Config) -> int | None:
    """Return the id at both ends of a line if each line is read by itself, else ``None``.

    Raises:
        UsageError: No token ends a line, or the vocabulary, of a model to train further, lacks it.
    """
    if not config.reads_lines:
        return None
    end = codec.line_end
    if end is None or end not in vocabulary:
        raise UsageError(
            "training.lines: each line is read after the token that ends lines, but the "
            "vocabulary has none; set corpus.end_of_line, train without training.init_from, or "
            "use training.lines: stream"
        )
    return vocabulary.index[end]
