"""Is model B better than model A on a text? A paired bootstrap."""

from __future__ import annotations

import json
from typing import NamedTuple

import numpy as np

from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.keys import Mark, fields_marked
from rnnlm_cli.errors import DivergedError, UsageError
from rnnlm_cli.evaluate.perplexity import perplexity
from rnnlm_cli.evaluate.stream import target_log_probs
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.bounds import score_warnings
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Array, Ids
from rnnlm_cli.text.corpus import Corpus

RESAMPLES = 10_000

NOT_READING = fields_marked(
    CorpusConfig, Mark.TEXT, Mark.TEXT_FORM, Mark.TEXT_LIMIT, Mark.VOCABULARY
)
"""Keys of ``corpus`` that are about the files, or choose the vocabulary; others set how to read."""


class Read(NamedTuple):
    """A text scored by one of the models."""

    name: str  # of the model
    model: TrainedModel
    nats: Array  # (L,) per line
    tokens: Ids  # (L,) predicted tokens per line
    oov: int  # tokens that are not in the model's vocabulary

    @property
    def perplexity(self) -> float:
        """Perplexity of the whole text."""
        return perplexity(float(self.nats.sum()), int(self.tokens.sum()))


class Comparison(NamedTuple):
    """The difference of two mean cross-entropies, second minus first, in nats per token."""

    difference: float
    low: float  # of the 95% interval
    high: float
    lines: int
    better: float  # share of lines on which the second model is better

    @property
    def better_model(self) -> int | None:
        """0 or 1; ``None`` if the interval contains zero."""
        return None if self.low <= 0 <= self.high else int(self.high < 0)


def read_with(name: str, model: TrainedModel, text: Corpus) -> Read:
    """Score a text with one of the models.

    Args:
        name: The model's name in messages.
        model: The model.
        text: The text in the model's vocabulary.

    Raises:
        UsageError: The model has no end-of-line token.
        DivergedError: It has diverged (see ``model/bounds.py``).
    """
    try:
        nats, tokens = line_nats(model.network, text, model.line_start())
    except DivergedError as error:
        raise DivergedError(f"{name}: {error}") from None
    return Read(name, model, nats, tokens, text.oov)


def line_nats(network: Rnnlm, text: Corpus, line_end: int) -> tuple[Array, Ids]:
    """Score a text; return nats and target counts per line, ``(L,)`` each.

    The state is carried from line to line. The very first token is not a target.
    """
    nats = -target_log_probs(network, text)
    line = np.cumsum(np.asarray(text.ids) == line_end)[:-1]  # lines that ended before each target
    return np.bincount(line, nats), np.bincount(line)


def reasons_against(first: Read, second: Read) -> list[str]:
    """Return the reasons why two models cannot be compared on a text; empty if they can.

    Total nats are comparable only if both models predict the same whole text. A model that replaces
    tokens by the unknown token predicts less. A text that contains the unknown token literally, as
    the Penn Treebank does, is not such a case: there it is a word like any other.
    """
    reasons = [
        f"{one.name}: {one.oov:,} of {int(one.tokens.sum()):,} tokens are not in its vocabulary; "
        "the unknown token in their place is easier to predict"
        for one in (first, second)
        if one.oov
    ]
    for one in (first, second):
        mean = float(one.nats.sum()) / int(one.tokens.sum())
        warnings = score_warnings(mean, len(one.model.vocabulary))
        reasons += [f"{one.name}: {warning}" for warning in warnings]
    corpora = [one.model.config.corpus for one in (first, second)]
    for key in CorpusConfig.__struct_fields__:
        mine, other = (getattr(corpus, key) for corpus in corpora)
        if key == "normalize" and "nfkc" not in (mine, other):
            continue  # NFC joins what is the same letter; nothing of the text gets lost
        if key not in NOT_READING and mine != other:
            mine, other = (json.dumps(value, ensure_ascii=False) for value in (mine, other))
            reasons.append(
                f"corpus.{key} is {mine} in {first.name} and {other} in {second.name}: they do "
                "not read the same text"
            )
    return reasons


def compare_read(one: Read, other: Read) -> Comparison:
    """Compare two models on a text that both have scored.

    Raises:
        UsageError: They split it into different tokens.
    """
    if not np.array_equal(one.tokens, other.tokens):
        raise UsageError(
            f"{one.name} and {other.name} split the text differently (corpus.unit, end_of_line); "
            "only models with the same tokens can be compared"
        )
    return compare(one.nats, other.nats, one.tokens)


def compare(first: Array, second: Array, tokens: Ids, seed: int = 0) -> Comparison:
    """Compare two models by a paired bootstrap over lines (Koehn, 2004).

    Lines are drawn with replacement, each with its two scores, and the difference is computed for
    each resample. Tokens within a line are not independent, so lines are drawn, not tokens.

    Args:
        first: ``(L,)`` nats per line under the first model.
        second: ``(L,)`` nats per line under the second model.
        tokens: ``(L,)`` tokens per line, the same for both.
        seed: Seed of the draws.
    """
    rng = np.random.default_rng(seed)
    gained = second - first  # (L,)
    drawn = np.empty(RESAMPLES)
    for k in range(RESAMPLES):
        lines = rng.integers(len(tokens), size=len(tokens))
        drawn[k] = gained[lines].sum() / max(tokens[lines].sum(), 1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    difference = float(gained.sum() / tokens.sum())
    return Comparison(difference, float(low), float(high), len(tokens), float((gained < 0).mean()))
