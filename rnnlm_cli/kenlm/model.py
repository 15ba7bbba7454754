"""A trained model that is asked as ``kenlm.Model`` is."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np

from rnnlm_cli.api import load
from rnnlm_cli.checks import Range
from rnnlm_cli.errors import RnnlmError
from rnnlm_cli.evaluate.histories import MOST_BYTES, Distributions, History
from rnnlm_cli.evaluate.sequences import score_sequences
from rnnlm_cli.kenlm.config import Config
from rnnlm_cli.kenlm.state import FullScoreReturn, State
from rnnlm_cli.text.spellings import END

LN10 = math.log(10)

WHOLE = 2**31 - 1
"""The order of a model whose words depend on all words before them."""

ORDER = Range(1, WHOLE, whole=True)
CACHE = Range(0, whole=True)

MOST_WORDS = 1 << 16
"""Words whose ids are kept."""


class Model:
    """A trained model that is asked word by word.

    The distribution after a state is computed when it is first asked for, and kept while there is
    room. So a thousand words after one state cost one step, and a state that a decoder drops costs
    nothing. Several threads may use one model.

    Attributes:
        path: The file's absolute path in bytes, as in ``kenlm``.
        order: Decoders merge hypotheses with the same last ``order - 1`` words; by default only
            those with the same words.
        words: The model's tokens by id, for a decoder that asks for ``unigrams``.
    """

    def __init__(
        self,
        path: str | bytes | os.PathLike[str],
        config: Config | None = None,
        *,
        order: int = WHOLE,
        cache_bytes: int = MOST_BYTES,
    ) -> None:
        """Read a model.

        Args:
            path: The checkpoint, ``NAME.pkl``.
            config: Accepted as ``kenlm`` does, without effect.
            order: What decoders read as the length of the longest n-grams: a smaller number lets
                them merge hypotheses that end alike.
            cache_bytes: Memory for distributions.

        Raises:
            OSError: It cannot be read, or is not a checkpoint, as with ``kenlm``.
            UsageError: The model is bidirectional, or a number is out of range.
        """
        ORDER.check("order", order)
        CACHE.check("cache_bytes", cache_bytes)
        name = os.fsdecode(path)
        try:
            self._model = load(name).model
        except RnnlmError as error:
            raise OSError(f"Cannot read model '{name}' ({error})") from error
        self._model.require_left_to_right("score from left to right")
        self.path, self.order = os.fsencode(os.path.abspath(name)), order
        self._cache_bytes = cache_bytes
        self._distributions = Distributions(self._model, cache_bytes)
        self._ids = lru_cache(MOST_WORDS)(self._look_up)
        self._end = self._model.line_start() if self._model.knows_line_end else None

    def __repr__(self) -> str:
        return f"<Model from {os.path.basename(os.fsdecode(self.path))}>"

    def __reduce__(self) -> tuple[object, ...]:
        return _model, (self.path, self.order, self._cache_bytes)

    def __contains__(self, word: str | bytes) -> bool:
        return self._model.vocabulary.unknown_id not in self._ids(_text(word), True)

    @property
    def words(self) -> list[str]:
        """The tokens by id."""
        return list(self._model.vocabulary.tokens)

    def BeginSentenceWrite(self, state: State) -> None:  # noqa: N802
        """Make a state that of the beginning of a line: the token that ends lines has been read.

        Raises:
            UsageError: The model knows no end of a line.
        """
        state.history = History().then(self._model.line_start())

    def NullContextWrite(self, state: State) -> None:  # noqa: N802
        """Make a state that of which nothing is known: a first word has its frequency."""
        state.history = History()

    def BaseScore(self, in_state: State, word: str | bytes, out_state: State) -> float:  # noqa: N802
        """Return log10 p(word | in_state), and make ``out_state`` the state after the word.

        A word of several tokens, as a model of subwords has them, has the product of their
        probabilities. One that the model does not know is read as the unknown token.

        Raises:
            DivergedError: The model has diverged.
        """
        return self.BaseFullScore(in_state, word, out_state).log_prob

    def BaseFullScore(  # noqa: N802
        self, in_state: State, word: str | bytes, out_state: State
    ) -> FullScoreReturn:
        """Return what ``BaseScore`` returns, how many tokens went into it, and if it is unknown."""
        history, nats = in_state.history, 0.0
        begins = not history.length or history.last == self._end
        ids = self._ids(_text(word), begins)
        for k in ids:
            nats += self._log_prob(history, k)
            history = history.then(k)
        out_state.history = history
        return FullScoreReturn(
            nats / LN10, history.length, self._model.vocabulary.unknown_id in ids
        )

    def prepare(self, states: Iterable[State]) -> None:
        """Compute the distributions after many states side by side; not one of ``kenlm``'s methods.

        A decoder that knows which states it will ask saves time so: 32 at once cost less than six
        by themselves.

        Raises:
            DivergedError: The model has diverged.
        """
        histories = [state.history for state in states]
        self._distributions.after_each(history for history in histories if history.length)

    def score(self, sentence: str | bytes, bos: bool = True, eos: bool = True) -> float:
        """Return the log10 probability of a sentence.

        Args:
            sentence: Words, without ``<s>``.
            bos: It is at the beginning of a line. Without, its first token has its frequency.
            eos: The end of the line is scored too.
        """
        return sum(score.log_prob for score in self.full_scores(sentence, bos, eos))

    def full_scores(
        self, sentence: str | bytes, bos: bool = True, eos: bool = True
    ) -> Iterator[FullScoreReturn]:
        """Yield log10 probability, number of tokens and whether it is unknown, of each token.

        The arguments are those of ``score``.
        """
        model = self._model
        ids = [*self._sentence_ids(_text(sentence)), *([model.line_start()] if eos else [])]
        given = [model.line_start()] if bos else ids[:1]
        scored = np.array(ids[len(given) * (not bos) :], np.int64)
        nats = [] if bos or not ids else [model.vocabulary.log_frequency(ids[0])]
        if given:
            nats += score_sequences(model.network, [scored], given[0])[0].tolist()
        for place, (k, log_prob) in enumerate(zip(ids, nats, strict=True), 1 + bos):
            yield FullScoreReturn(log_prob / LN10, place, k == model.vocabulary.unknown_id)

    def perplexity(self, sentence: str | bytes) -> float:
        """Return the perplexity of one sentence, its end included."""
        scores = [score.log_prob for score in self.full_scores(sentence)]
        return float(10.0 ** (-sum(scores) / len(scores)))

    def _log_prob(self, history: History, k: int) -> float:
        if not history.length:
            return self._model.vocabulary.log_frequency(k)
        return float(self._distributions.after(history)[k])

    def _sentence_ids(self, sentence: str) -> list[int]:
        """Return the ids of a sentence; ``</s>`` in it is the end of a line."""
        model = self._model
        ids = model.vocabulary.id_of
        tokens = model.codec.split(sentence)
        return [model.line_start() if self._is_end(token) else ids(token) for token in tokens]

    def _is_end(self, word: str) -> bool:
        return word == END and END not in self._model.vocabulary and self._end is not None

    def _look_up(self, word: str, begins: bool) -> tuple[int, ...]:
        """Return the ids of a word, at the beginning of a line or after another word.

        Characters have no space between them: each is a word of its own, and so is the space.
        """
        if self._is_end(word):
            return (self._model.line_start(),)
        return self._model.word_ids(word, begins or self._model.codec.one_character)


LanguageModel = Model
"""Its earlier name in ``kenlm``."""


def _model(path: bytes, order: int, cache_bytes: int) -> Model:
    return Model(path, order=order, cache_bytes=cache_bytes)


def _text(words: str | bytes) -> str:
    """Return words as a string; bytes are UTF-8.

    Raises:
        TypeError: They are something else, as with ``kenlm``.
    """
    if isinstance(words, bytes):
        return words.decode()
    if isinstance(words, str):
        return words
    raise TypeError(f"Cannot convert {type(words)} to string")
