"""Is model B better than model A on a text? A paired bootstrap.

Models that split a text alike are compared per token, on the text as an evaluation reads it. Others
are compared per word, on total nats: each predicts every character of the same lines, from the end
of a line that both are given, so that no token is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from rnnlm_cli.errors import DivergedError
from rnnlm_cli.evaluate.lines import AT_ONCE, each_line, read_on
from rnnlm_cli.evaluate.perplexity import perplexity, text_figures
from rnnlm_cli.evaluate.stream import target_log_probs
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.bounds import score_warnings
from rnnlm_cli.model.history import TextFigures
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Array, Ids
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.sizes import byte_length
from rnnlm_cli.text.target_sizes import TextSize

RESAMPLES = 10_000

Unit = Literal["token", "word"]


class Lines(NamedTuple):
    """Lines as models that split them differently read them.

    Attributes:
        words: ``(L,)`` words and ends of lines per line.
        content: ``(L,)`` hash values of the lines as the model reads them, before they are split.
    """

    words: Ids
    content: Ids


class Read(NamedTuple):
    """A text scored by one of the models."""

    name: str  # of the model
    model: TrainedModel
    nats: Array  # (L,) per line
    tokens: Ids  # (L,) predicted tokens per line
    oov: int  # tokens that are not in the model's vocabulary
    size: TextSize  # of what is predicted
    lines: Lines | None = None  # None if the models split the text alike

    @property
    def perplexity(self) -> float:
        """Perplexity of the whole text, per token of the model."""
        return perplexity(float(self.nats.sum()), int(self.tokens.sum()))

    @property
    def figures(self) -> TextFigures:
        """The loss per unit of the text, which models of any unit share."""
        return text_figures(float(self.nats.sum()), self.size)


class Comparison(NamedTuple):
    """The difference of two mean cross-entropies, second minus first, in nats per unit."""

    difference: float
    low: float  # of the 95% interval
    high: float
    lines: int
    better: float  # share of lines on which the second model is better
    unit: Unit = "token"

    @property
    def better_model(self) -> int | None:
        """0 or 1; ``None`` if the interval contains zero."""
        return None if self.low <= 0 <= self.high else int(self.high < 0)


def splits_alike(first: TrainedModel, second: TrainedModel) -> bool:
    """Whether two models split every text into the same tokens."""
    return first.codec.to_plain() == second.codec.to_plain()


def reads_alike(first: TrainedModel, second: TrainedModel) -> bool:
    """Whether two models read every text as the same stream of tokens."""
    return splits_alike(first, second) and not (
        first.config.reads_lines or second.config.reads_lines
    )


def read_with(name: str, model: TrainedModel, text: Corpus) -> Read:
    """Score a text with one of two models that split it alike.

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
    return Read(name, model, nats, tokens, text.oov, text.size)


def line_nats(network: Rnnlm, text: Corpus, line_end: int) -> tuple[Array, Ids]:
    """Score a text; return nats and target counts per line, ``(L,)`` each.

    The state is carried from line to line. The very first token is not a target.
    """
    nats = -target_log_probs(network, text)
    line = np.cumsum(np.asarray(text.ids) == line_end)[:-1]  # lines that ended before each target
    return np.bincount(line, nats), np.bincount(line)


def single_spaced(lines: Sequence[Piece]) -> list[Piece]:
    """Return lines with one space between two words, and none at their edges.

    Words do not tell how much white space is between them, so no model has to predict it.
    """
    return [
        Piece(" ".join(line.text.split()) + "\n" * line.ends_line, line.ends_line) for line in lines
    ]


def read_lines_with(name: str, model: TrainedModel, lines: Sequence[Piece]) -> Read:
    """Score single-spaced lines with one of two models that read them differently.

    The state is carried from line to line, unless the model was trained on single lines. The model
    is first given the end of a line, so that it predicts every token.

    Args:
        name: The model's name in messages.
        model: A left-to-right model.
        lines: Whole lines, from ``single_spaced``.

    Raises:
        DivergedError: It has diverged (see ``model/bounds.py``).
    """
    start = model.line_start() if model.knows_line_end else None
    unknown, known = model.vocabulary.unknown_id, model.vocabulary.unknown
    nats, tokens, oov = np.zeros(len(lines)), np.zeros(len(lines), np.int64), 0
    try:
        single = model.config.reads_lines
        read = each_line(model, lines, AT_ONCE) if single else read_on(model, lines, start)
        for k, line in enumerate(read):
            scored = ~np.isnan(line.log_probs)
            nats[k], tokens[k] = -line.log_probs[scored].sum(), scored.sum()
            oov += sum(line.tokens[at] != known for at in np.flatnonzero(line.ids == unknown))
    except DivergedError as error:
        raise DivergedError(f"{name}: {error}") from None
    words = np.array([len(line.text.split()) + line.ends_line for line in lines])
    characters = sum(len(line.text) for line in lines)
    size = sum(byte_length(line.text) for line in lines)
    total = TextSize(characters, size, int(words.sum()), int(tokens.sum()))
    content = np.array([hash(model.codec.normalized(line.text)) for line in lines], np.int64)
    return Read(name, model, nats, tokens, oov, total, Lines(words, content))


def reasons_against(first: Read, second: Read) -> list[str]:
    """Return the reasons why two models cannot be compared on a text; empty if they can.

    Total nats are comparable only if both models predict the same whole text. A model that replaces
    tokens by the unknown token predicts less, unless the other one replaces the same. A text that
    contains the unknown token literally, as the Penn Treebank does, is not such a case: there it is
    a word like any other.
    """
    both = (first, second)
    alike = splits_alike(first.model, second.model)
    same_unknown = alike and _known(first.model) == _known(second.model)
    reasons = [
        f"{one.name}: {one.oov:,} of {int(one.tokens.sum()):,} tokens are not in its vocabulary; "
        "the unknown token in their place is easier to predict"
        for one in both
        if one.oov and not same_unknown
    ]
    reasons += [
        f"{one.name}: does not predict the ends of lines; train it with corpus.end_of_line"
        for one in both
        if not alike and not one.model.knows_line_end
    ]
    for one in both:
        mean = float(one.nats.sum()) / int(one.tokens.sum())
        warnings = score_warnings(mean, len(one.model.vocabulary))
        reasons += [f"{one.name}: {warning}" for warning in warnings]
    if first.lines and second.lines:
        differ = int(np.count_nonzero(first.lines.content != second.lines.content))
        if differ:
            reasons.append(
                f"{first.name} and {second.name} do not read the same text: {differ:,} of "
                f"{len(first.nats):,} lines differ in case or Unicode form"
            )
    return reasons


def _known(model: TrainedModel) -> tuple[str, set[str]]:
    return model.vocabulary.unknown, set(model.vocabulary.tokens)


def compare_read(one: Read, other: Read) -> Comparison:
    """Compare two models on a text that both have scored, line by line."""
    if one.lines is None:
        return compare(one.nats, other.nats, one.tokens)
    return compare(one.nats, other.nats, one.lines.words)._replace(unit="word")


def compare(first: Array, second: Array, units: Ids, seed: int = 0) -> Comparison:
    """Compare two models by a paired bootstrap over lines (Koehn, 2004).

    Lines are drawn with replacement, each with its two scores, and the difference is computed for
    each resample. Tokens within a line are not independent, so lines are drawn, not tokens.

    Args:
        first: ``(L,)`` nats per line under the first model.
        second: ``(L,)`` nats per line under the second model.
        units: ``(L,)`` tokens or words per line, the same for both.
        seed: Seed of the draws.
    """
    rng = np.random.default_rng(seed)
    gained = second - first  # (L,)
    drawn = np.empty(RESAMPLES)
    for k in range(RESAMPLES):
        lines = rng.integers(len(units), size=len(units))
        drawn[k] = gained[lines].sum() / max(units[lines].sum(), 1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    difference = float(gained.sum() / units.sum())
    return Comparison(difference, float(low), float(high), len(units), float((gained < 0).mean()))
