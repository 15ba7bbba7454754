"""The Python interface: a trained model as an object.

Scores are log10, as in the ``kenlm`` package, whose names and meanings ``score``, ``full_scores``
and ``perplexity`` have, so that a program written for it needs one other line::

    model = kenlm.Model("model.arpa")        # before
    model = rnnlm_cli.load("model.pkl")      # now

>>> lm.tokens[:3]
['say', 'you', 'goodbye']
>>> "hello" in lm
True
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from rnnlm_cli import checkpoint
from rnnlm_cli.checks import check_flag, check_text
from rnnlm_cli.errors import UsageError, quoted
from rnnlm_cli.evaluate.next_token import TOP, likeliest, next_tokens
from rnnlm_cli.evaluate.perplexity import perplexity, perplexity_of
from rnnlm_cli.evaluate.rescoring import score_hypotheses
from rnnlm_cli.evaluate.sequences import score_sequences
from rnnlm_cli.evaluate.stream import score_stream
from rnnlm_cli.generate.filters import Filters
from rnnlm_cli.generate.limits import LENGTH, SEED, check_left, check_room
from rnnlm_cli.generate.start import look_up_start
from rnnlm_cli.generate.text import generate
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.state import State as NetworkState
from rnnlm_cli.system.arrays import Array


class Score(NamedTuple):
    """Of one token: ``kenlm``'s triple."""

    log10_prob: float
    ngram_length: int  # how many tokens went into it, its own among them
    oov: bool


class LanguageModel:
    """A model that reads from left to right.

    Attributes:
        model: Network, codec, vocabulary, configuration and history.
    """

    def __init__(self, model: TrainedModel) -> None:
        """Wrap a model.

        Raises:
            UsageError: It is bidirectional.
        """
        model.require_left_to_right("score or write from left to right")
        self.model = model

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> LanguageModel:
        """Read a checkpoint; no code from it is run.

        Raises:
            UsageError: There is no such file, or the model is bidirectional.
            CheckpointError: It is no sound checkpoint.
        """
        name = os.fspath(path) if isinstance(path, os.PathLike) else path
        check_text("path", name, empty=False)
        return cls(checkpoint.load(name).model)

    @property
    def tokens(self) -> list[str]:
        """All tokens by id."""
        return list(self.model.vocabulary.tokens)

    def __contains__(self, token: object) -> bool:
        return (
            isinstance(token, str) and self.model.codec.normalized(token) in self.model.vocabulary
        )

    def score(self, sentence: str, bos: bool = True, eos: bool = True) -> float:
        """Return the log10 probability of a sentence; of one without a token 0.

        Args:
            sentence: Words, or characters.
            bos: It stands at the beginning of a line: the token that ends lines is fed to the
                zero state. Without, its first token is scored by its frequency in the
                training text, for nothing is known of what comes before.
            eos: The end of the line is scored too.

        Raises:
            UsageError: The model knows no end of a line, and one is asked for; or an argument is
                of the wrong type.

        >>> lm.score("you say goodbye", bos=False) > lm.score("you goodbye say", bos=False)
        True
        """
        return sum(score.log10_prob for score in self.full_scores(sentence, bos, eos))

    def full_scores(self, sentence: str, bos: bool = True, eos: bool = True) -> Iterator[Score]:
        """Give log10 probability, length and whether it is unknown, of each token.

        Raises:
            UsageError: The model knows no end of a line, and one is asked for; or an argument is
                of the wrong type.

        >>> [score.oov for score in lm.full_scores("you shout", eos=False)]
        [False, True]
        """
        check_text("sentence", sentence)
        check_flag("bos", bos)
        check_flag("eos", eos)
        ids = self._ids(sentence, eos)
        if bos:
            scores = score_sequences(self.model.network, [ids], self.model.line_start())[0]
        elif len(ids):
            (rest,) = score_sequences(self.model.network, [ids[1:]], int(ids[0]))
            scores = np.concatenate([[self._frequency(int(ids[0]))], rest])
        else:
            scores = np.empty(0)
        unknown = self.model.vocabulary.unknown_id
        return iter(
            Score(nats / math.log(10), place + 1 + bos, k == unknown)
            for place, (k, nats) in enumerate(zip(ids.tolist(), scores.tolist(), strict=True))
        )

    def perplexity(self, text: str | Iterable[str], independent: bool = True) -> float:
        """Return the perplexity of a text, or of lines.

        Args:
            text: A string, which is cut into lines, or lines.
            independent: Each line is read from its beginning, as ``kenlm`` does. Else the text is
                one stream, as ``rnnlm eval perplexity`` reads it: its first token is given, and
                the state is carried from line to line.

        Raises:
            UsageError: There is nothing to score, the model knows no end of a line, or an argument
                is of the wrong type.

        >>> round(lm.perplexity("you say goodbye and i say hello .", independent=False), 1)
        1.0
        """
        check_flag("independent", independent)
        lines = [without_end(line) for line in lines_of(text)]
        if not independent:
            return self._stream_perplexity(lines)
        tokens = sum(len(self._ids(line, eos=True)) for line in lines)
        if not tokens:
            raise UsageError("there is no line to score; give a text with a token")
        nats = -sum(log_prob for _, log_prob in score_hypotheses(self.model, lines, str))
        return perplexity(nats, tokens)

    def next(
        self, start: str, top: int = 10, allow_unknown: bool = False
    ) -> list[tuple[str, float]]:
        """Return the likeliest next tokens and their probabilities.

        Args:
            start: What comes before.
            top: How many tokens.
            allow_unknown: Take the unknown token for one that the model does not know.

        Raises:
            UsageError: The start is empty, or has a token that the model does not know; or an
                argument is of the wrong type or out of range.

        >>> lm.next("you say", top=1)[0][0]
        'goodbye'
        """
        TOP.check("top", top)
        found = next_tokens(self.model, self._start(start, allow_unknown), top)
        return [(token, math.exp(log_prob)) for token, log_prob in found]

    def generate(
        self,
        start: str | None = None,
        length: int = 100,
        seed: int = 0,
        allow_unknown: bool = False,
        **filters: Any,
    ) -> str:
        """Return a text that goes on from a start.

        Args:
            start: What it begins with; ``None`` to begin as a line begins.
            length: Tokens to add.
            seed: The same one gives the same text.
            allow_unknown: Take the unknown token for one in the start that the model does not know.
            filters: ``temperature``, ``top_k`` and so on, see ``rnnlm_cli.generate.filters``;
                ``skip`` is a list of ids.

        Raises:
            UsageError: The start is empty, or has a token that the model does not know; an
                argument is of the wrong type or out of range; nothing is left to draw.

        >>> lm.generate("you", length=7, seed=1)
        'you say goodbye and i say hello.'
        """
        LENGTH.check("length", length)
        SEED.check("seed", seed)
        changes = Filters(**filters)
        check_left(self.model.vocabulary, changes.skip, "skip")
        tokens = None if start is None else self._start(start, allow_unknown)
        tokens = look_up_start(self.model, tokens)
        check_room(self.model, changes, tokens, length)
        *_, (text,) = generate(self.model, tokens, length, [seed], changes.in_order())
        return self.model.codec.decode(text.tokens)

    def state(self) -> State:
        """Return the state at the beginning of a line, to go on from word by word.

        Raises:
            UsageError: The model knows no end of a line.

        >>> log10_prob, state = lm.state().read("you")
        >>> log10_prob, state = state.read("say")
        >>> state.next(top=1)[0][0]
        'goodbye'
        """
        start = np.array([[self.model.line_start()]])
        network = self.model.network
        return State(self.model, *network.next_log_probs(start, network.initial_state(1)))

    def _start(self, start: str, allow_unknown: bool) -> list[str]:
        check_text("start", start, empty=False)
        check_flag("allow_unknown", allow_unknown)
        return look_up_start(self.model, start, allow_unknown)

    def _ids(self, sentence: str, eos: bool) -> Array:
        if eos:
            self.model.line_start()  # it raises an error where there is none
        return self.model.encode(without_end(sentence), ends_line=eos)

    def _frequency(self, k: int) -> float:
        """Natural log of a token's share of the training text, each counted once more."""
        counts = self.model.vocabulary.counts
        return math.log((counts[k] + 1) / (counts.sum() + len(counts)))

    def _stream_perplexity(self, lines: list[str]) -> float:
        network = self.model.network
        every = [self.model.encode(line, ends_line=True) for line in lines]
        ids = np.concatenate([np.empty(0, np.int64), *every])
        if len(ids) < 2:
            raise UsageError("there is no token to predict; give a text with two at least")
        log_probs, _ = score_stream(network, ids, network.initial_state(1))
        return perplexity_of(log_probs)


def lines_of(text: str | Iterable[str]) -> list[str]:
    """Return the lines of a text.

    Raises:
        UsageError: It is neither a string nor strings.
    """
    if isinstance(text, str):
        return text.removesuffix("\n").split("\n")
    if not isinstance(text, Iterable):
        raise UsageError(f"text: {quoted(text)} is not text; give a string, or lines")
    lines = list(text)
    for line in lines:
        check_text("text", line)
    return lines


def without_end(line: str) -> str:
    """Return a line without the newline that a file has at its end."""
    return line.removesuffix("\n").removesuffix("\r")


class State:
    """What a model has read so far; reading on gives a new one and leaves this as it is."""

    def __init__(self, model: TrainedModel, log_probs: Array, network: NetworkState) -> None:
        self._model, self._log_probs, self._network = model, log_probs, network

    def read(self, token: str) -> tuple[float, State]:
        """Return the log10 probability of a token, and the state after it.

        One that the model does not know is read as the unknown token.

        Raises:
            UsageError: It is empty, or no string.
        """
        check_text("token", token, empty=False)
        k = self._model.vocabulary.id_of(self._model.codec.normalized(token))
        after = self._model.network.next_log_probs(np.array([[k]]), self._network)
        return float(self._log_probs[0, k]) / math.log(10), State(self._model, *after)

    def next(self, top: int = 10) -> list[tuple[str, float]]:
        """Return the likeliest next tokens and their probabilities.

        Raises:
            UsageError: ``top`` is not a whole number of at least 1.
        """
        TOP.check("top", top)
        found = likeliest(self._model.vocabulary, self._log_probs[0], top)
        return [(token, math.exp(log_prob)) for token, log_prob in found]
