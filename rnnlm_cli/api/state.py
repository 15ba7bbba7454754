"""What a model has read so far, to go on from word by word."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from rnnlm_cli.checks import check_text
from rnnlm_cli.errors import UsageError, shortened
from rnnlm_cli.evaluate.next_token import TOP, candidates
from rnnlm_cli.model.mixture import Mixture
from rnnlm_cli.model.trace import state_arrays
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.state import State as NetworkState
from rnnlm_cli.system.arrays import Array

MOST_SHOWN = 200
"""Tokens of the text that a state shows."""


class State:
    """What a model has read so far; reading on gives a new one and leaves this as it is."""

    def __init__(
        self, model: TrainedModel, tokens: Sequence[str], log_probs: Array, network: NetworkState
    ) -> None:
        """Keep what the network returned: natural logs ``(1, V)`` of what comes next, its state.

        Of the tokens read, only the last ones are kept, to be shown.
        """
        self._model, self._tokens = model, tuple(tokens[-MOST_SHOWN:])
        self._log_probs, self._network = log_probs, network

    def __repr__(self) -> str:
        text = self._model.codec.join(self._tokens)
        after = f"after {shortened(text)!r}" if self._tokens else "at the beginning of a line"
        return f"<State {after}>"

    def read(self, token: str) -> tuple[float, State]:
        """Return the log10 probability of a token, and the state after it.

        One that the model does not know is read as the unknown token.

        Raises:
            UsageError: It is empty, or no string.
        """
        check_text("token", token, empty=False)
        model = self._model
        forms = model.codec.forms(token)
        token = next((form for form in forms if form in model.vocabulary), forms[0])
        k = model.vocabulary.id_of(token)
        after = model.next_log_probs(np.array([[k]]), self._network)
        read = State(model, (*self._tokens, token), *after)
        return float(self._log_probs[0, k]) / math.log(10), read

    def next(self, top: int = 10) -> list[tuple[str, float]]:
        """Return the likeliest next tokens and their probabilities.

        Raises:
            UsageError: ``top`` is not a whole number of at least 1.
        """
        TOP.check("top", top)
        found = candidates(self._model.vocabulary, self._log_probs, top)[0]
        return [(token, math.exp(log_prob)) for token, log_prob in found]

    @property
    def layers(self) -> list[dict[str, Array]]:
        """The state of each recurrent layer, bottom first: ``h (H,)``, and ``c`` of an LSTM.

        Raises:
            UsageError: It is the state of a mixture.

        >>> [{name: array.shape for name, array in layer.items()} for layer in lm.state().layers]
        [{'h': (16,), 'c': (16,)}]
        """
        if isinstance(self._model.network, Mixture):
            raise UsageError("a mixture has no layers; ask for the state of one of its models")
        return state_arrays(self._model.config.model, self._network)
