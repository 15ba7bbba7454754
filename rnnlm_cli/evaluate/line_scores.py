"""Scored tokens line by line, with the ids and names that other programs would give them.

Scores are log10 here, as those programs print them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.evaluate.dealing import Deal, alone
from rnnlm_cli.evaluate.lines import AT_ONCE, ScoredLine, score_lines, whole_lines
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.spellings import BEGIN, END, UNKNOWN, others_name


class Token(NamedTuple):
    """A token with its score.

    Attributes:
        text: As written in the text.
        id: 0 for an unknown token.
        log10_prob: Log10 of its probability.
        context: How many tokens the model had read before it.
        before: The last of them as other programs name it; ``<s>`` at the beginning of a line.
        ends_line: Whether it is the end of a line.
    """

    text: str
    id: int
    log10_prob: float
    context: int
    before: str
    ends_line: bool = False

    @property
    def name(self) -> str:
        """Its name in other programs."""
        return END if self.ends_line else others_name(self.text)


@dataclass
class Totals:
    """Sums over lines.

    Attributes:
        lines: Number of lines.
        words: Tokens except ends of lines.
        ends: Ends of lines.
        unknown: Words with id 0.
        known_log10_prob: Sum over the known tokens; kept separately, because the difference of two
            infinite sums is NaN.
        unknown_log10_prob: Sum over the unknown tokens.
    """

    lines: int = 0
    words: int = 0
    ends: int = 0
    unknown: int = 0
    known_log10_prob: float = 0.0
    unknown_log10_prob: float = 0.0

    def add(self, tokens: list[Token]) -> None:
        """Add a line."""
        for token in tokens:
            self.words += not token.ends_line
            self.ends += token.ends_line
            if token.id == 0:
                self.unknown += 1
                self.unknown_log10_prob += token.log10_prob
            else:
                self.known_log10_prob += token.log10_prob
        self.lines += 1

    @property
    def tokens(self) -> int:
        """Words and ends of lines."""
        return self.words + self.ends

    @property
    def log10_prob(self) -> float:
        """Sum over all tokens."""
        return self.known_log10_prob + self.unknown_log10_prob


class Line(NamedTuple):
    """A line and its scored tokens."""

    number: int
    text: str  # without its end
    tokens: list[Token]
    unscored: list[str]  # leading tokens without a score: the text's very first token
    unknown: list[bool]  # per token, the unscored first: whether it counts as the unknown token


def scored_lines(
    model: TrainedModel,
    pieces: Iterable[Piece],
    name: str,
    independent: bool,
    at_once: int = AT_ONCE,
    deal: Deal = alone,
) -> Iterator[Line]:
    """Score a text line by line.

    Args:
        model: A left-to-right model.
        pieces: The text.
        name: Its name in messages.
        independent: Read each line by itself, after an end of line.
        at_once: How many tokens or lines to score together; 1 yields each line as soon as it is
            read.
        deal: Who scores independent lines.

    Raises:
        UsageError: ``independent``, and the model has no end-of-line token.
        CorpusError: There is no line, or one is too long.
    """
    read = number = 0
    scored = score_lines(model, whole_lines(pieces, name), independent, at_once, deal)
    for number, line in enumerate(scored, 1):
        yield as_line(model, number, line, 1 if independent else read)
        read += len(line.ids)
    if not number:
        raise CorpusError(f"{name}: the text is empty; name one with tokens")


def as_line(model: TrainedModel, number: int, line: ScoredLine, read: int) -> Line:
    """Give the tokens of a line the ids and names of other programs.

    Args:
        model: The model.
        number: The line's number.
        line: Its tokens and their scores.
        read: How many tokens the model had read before it.
    """
    end, unknown = model.codec.line_end, model.vocabulary.unknown_id
    words = line.tokens[:-1] if line.tokens and line.tokens[-1] == end else line.tokens
    tokens: list[Token] = []
    unscored: list[str] = []
    before = BEGIN
    for place, (text, k, log_prob) in enumerate(
        zip(line.tokens, line.ids.tolist(), line.log_probs.tolist(), strict=True)
    ):
        if math.isnan(log_prob):
            unscored.append(text)
        else:
            # 0 for the unknown token; ids below it move up by one
            number_of = 0 if k == unknown else k + (k < unknown)
            ends = text == end and place == len(words)
            log10_prob = log_prob / math.log(10)
            tokens.append(Token(text, number_of, log10_prob, read + place, before, ends))
        before = UNKNOWN if k == unknown else others_name(text)
    return Line(number, model.codec.join(words), tokens, unscored, (line.ids == unknown).tolist())
