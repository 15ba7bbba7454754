"""A text that is written token by token, and can go on later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from itertools import chain, islice

import numpy as np

from rnnlm_cli.generate.filters import Filter
from rnnlm_cli.generate.sampling import sample
from rnnlm_cli.generate.start import before_start
from rnnlm_cli.generate.text import Ending, never
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.codec.base import Codec


class TextAfter:
    """Turns the tokens that follow a text into what is to be added to that text."""

    def __init__(self, codec: Codec, seen: Sequence[str], separator: str = "") -> None:
        """Read the text.

        Args:
            codec: Of the model.
            seen: The tokens of the text, which is shown in full, an unfinished character too.
            separator: What is shown after it, which the next token does not need before it.
        """
        self._decode = codec.decoder()
        finished = "".join(map(self._decode, seen))
        # the space before the next token, or the beginning of a character
        self._passed = (codec.decode(seen)[len(finished) :] or separator) if seen else ""

    def __call__(self, token: str) -> str:
        """Return what a token adds; nothing while a character is unfinished."""
        piece = self._decode(token)
        added = piece.removeprefix(self._passed)
        self._passed = "" if piece else self._passed
        return added

    def end(self) -> str:
        """Return the unfinished character, when no token follows."""
        return self._decode.end()

    def peek(self, token: str) -> str:
        """Return what a token would add, if none followed it; nothing is read."""
        other = deepcopy(self)
        return other(token) + other.end()


class WrittenText:
    """A text of one random generator.

    Two runs of ``go_on`` draw the tokens that one run of both lengths draws. Whoever stops reading
    a run has the tokens drawn so far, and may begin another.

    Attributes:
        tokens: The start and the drawn tokens.
        seed: The seed of the generator.
    """

    def __init__(self, model: TrainedModel, start: Sequence[str], seed: int) -> None:
        """Begin a text.

        Args:
            model: The model.
            start: Known tokens; if empty, the text begins like a line.
            seed: Of the random generator.

        Raises:
            UsageError: The start is empty, and the model has no end-of-line token.
        """
        self.tokens, self.seed = list(start), seed
        self._model = model
        self._before = before_start(model, start)
        self._rng = np.random.default_rng(seed)
        self._shown = 0

    @property
    def read(self) -> list[str]:
        """The tokens that the model reads: before a text without a start the end of a line."""
        return [*(self._model.vocabulary.tokens[k] for k in self._before), *self.tokens]

    def go_on(
        self, length: int, filters: Sequence[Filter] = (), ends: Ending = never
    ) -> Iterator[str]:
        """Draw tokens; yield what is new as it grows: the start, a piece per token, and the rest.

        A later run yields no space before its first token. If an earlier one ended within a
        character, that character is yielded again.

        Args:
            length: Maximum number of tokens to draw.
            filters: Change the probabilities, applied in this order.
            ends: Whether the text is complete; what earlier runs drew counts as its start.
        """
        codec = self._model.codec
        seen, unseen = self.tokens[: self._shown], self.tokens[self._shown :]
        after = TextAfter(codec, seen, codec.separator)
        first = "".join(map(after, unseen))
        for piece in chain([first], map(after, self._draw(length, filters, ends))):
            self._shown = len(self.tokens)
            yield piece
        if rest := after.end():
            yield rest

    def _draw(self, length: int, filters: Sequence[Filter], ends: Ending) -> Iterator[str]:
        """Yield each drawn token when it has been added."""
        model, start = self._model, len(self.tokens)
        ids, state = model.vocabulary.ids_of(self.tokens).tolist(), model.network.initial_state(1)
        draws = sample(model.next_log_probs, state, ids, [self._rng], filters, self._before)
        with model.network.unchanged():
            for drawn in islice(draws, length):
                token = model.vocabulary.tokens[drawn.ids[0]]
                self.tokens.append(token)
                yield token
                if ends(self.tokens, start):
                    return
