"""Translations by a trained model: text in, text out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np

from rnnlm_cli.errors import UsageError
from rnnlm_cli.generate.decoding import Decoded, attention_of, best_targets, greedy, longest_target
from rnnlm_cli.model.encoder_decoder import EncoderDecoder
from rnnlm_cli.model.trained import TrainedNetwork
from rnnlm_cli.system.arrays import Array, Ids

LINES_AT_ONCE = 128
"""Lines that are translated together."""


class Translation(NamedTuple):
    """A line and what the model wrote for it.

    Attributes:
        source: The tokens of the line.
        tokens: The tokens that were written; the end of the line is the last, if it was reached.
        log_probs: Natural log of each.
        ended: Whether it was reached.
    """

    source: list[str]
    tokens: list[str]
    log_probs: list[float]
    ended: bool

    @property
    def words(self) -> list[str]:
        """The tokens without the end of the line."""
        return self.tokens[:-1] if self.ended else self.tokens


class Translator:
    """Translates lines with a model of ``task.kind: translation``."""

    def __init__(self, model: TrainedNetwork, length: int | None = None) -> None:
        """Take a model.

        Args:
            model: The model.
            length: Maximum tokens of a translation; ``None`` for 50 more than twice those of its
                source.
        """
        assert isinstance(model.network, EncoderDecoder)
        self._model, self._network, self._length = model, model.network, length
        self._end = model.vocabulary.index[str(model.codec.line_end)]

    def text(self, translation: Translation) -> str:
        """Return what was written, as readable text."""
        return self._model.codec.decode(translation.words)

    def as_written(self, text: str) -> str:
        """Return a text as the model would write it: what its tokens are joined to."""
        return self._model.codec.decode(self._model.codec.split(text))

    def translations(
        self, lines: Iterable[str], at_once: int = LINES_AT_ONCE
    ) -> Iterator[tuple[str, Translation]]:
        """Yield each line with its translation: the most likely token at each step.

        That of a line without a token has no token either.

        Args:
            lines: The lines.
            at_once: How many are translated together.
        """
        rest = iter(lines)
        while some := list(islice(rest, at_once)):
            sources = [self._ids(line) for line in some]
            filled = [source for source in sources if len(source)]
            limits = [self._limit(len(source)) for source in filled]
            found = iter(greedy(self._network, filled, self._end, limits) if filled else [])
            for line, source in zip(some, sources, strict=True):
                one = next(found) if len(source) else Decoded([], [])
                yield line, self._named(source, one)

    def best(self, line: str, width: int, penalty: float = 1.0) -> list[Translation]:
        """Return the most likely translations that beam search finds, the best first.

        Args:
            line: The line.
            width: How many the beam keeps.
            penalty: See ``beam_search``.
        """
        source = self._ids(line)
        if not len(source):
            return [self._named(source, Decoded([], []))]
        limit = self._limit(len(source))
        found = best_targets(self._network, source, self._end, limit, width, penalty)
        return [self._named(source, one) for one in found]

    @property
    def has_attention(self) -> bool:
        """Whether ``attention`` can be asked for."""
        return self._network.form.attention

    def check_attention(self) -> None:
        """Check that ``attention`` can be asked for.

        Raises:
            UsageError: The model has no attention.
        """
        if not self.has_attention:
            raise UsageError(
                "the model has no attention (task.attention is null); train one with "
                "task.attention: dot"
            )

    def attention(self, translation: Translation) -> Array:
        """Return how much each token that was written looks at each token of the source.

        ``(T, S)``, each row of sum 1. The model must have attention.
        """
        ids_of = self._model.vocabulary.ids_of
        source, target = ids_of(translation.source), ids_of(translation.tokens)
        if not len(source):
            return np.zeros((0, 0))
        return attention_of(self._network, source, target.tolist(), self._end)

    def _ids(self, line: str) -> Ids:
        return self._model.encode(line)

    def _limit(self, source: int) -> int:
        return self._length or longest_target(source)

    def _named(self, source: Ids, found: Decoded) -> Translation:
        tokens = self._model.vocabulary.tokens
        ended = not len(source) or found.ids[-1] == self._end
        names = [tokens[k] for k in source], [tokens[k] for k in found.ids]
        return Translation(*names, found.log_probs, ended)
