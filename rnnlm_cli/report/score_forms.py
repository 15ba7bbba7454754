"""Scores of words and lines in the forms of KenLM's ``query`` and of SRILM's ``ngram -ppl``.

Log10 throughout; the end of a line is ``</s>``, and an unknown word has id 0. Both programs leave
words that they do not know out of some of their figures; so do these.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from rnnlm_cli.exchange.backoff import END, UNKNOWN

NAMES = {" ": "<space>", "\t": "<tab>", "\n": "<newline>"}
"""What characters are called that would break the forms."""


class Token(NamedTuple):
    """A token with its score.

    Attributes:
        text: As the text has it.
        id: 0 for an unknown one.
        log10_prob: Of its probability.
        context: How many tokens the model had read.
        before: The last of them as the forms name it, ``<s>`` at the beginning of a line.
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
        """What the forms call it."""
        return END if self.ends_line else others_name(self.text)


def others_name(token: str) -> str:
    """Return how other programs write a token that is no end of a line."""
    return NAMES.get(token, token)


@dataclass
class Totals:
    """What is summed up over lines.

    Attributes:
        lines: How many.
        words: Tokens but the ends of lines.
        ends: Ends of lines.
        unknown: Words with the id 0.
        known_log10_prob: Of the tokens but the unknown ones; a sum of its own, for where both are
            infinite their difference is no number.
        unknown_log10_prob: Of the unknown ones.
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
        """Of all tokens."""
        return self.known_log10_prob + self.unknown_log10_prob


def power(log10_prob: float, tokens: int) -> float:
    """``10^(-log10_prob / tokens)``, a perplexity: infinite where it has no other number.

    Of no token there is none, "nan", as these programs print it.
    """
    if not tokens:
        return math.nan
    try:
        return float(10.0 ** (-log10_prob / tokens))
    except OverflowError:
        return math.inf


def kenlm_words(text: str, tokens: list[Token], line: Totals) -> str:
    """``word=id length logprob`` of each token; the length of the n-gram is all that was read."""
    parts = [f"{t.name}={t.id} {t.context + 1} {t.log10_prob:.7g}" for t in tokens]
    return "\t".join([*parts, kenlm_line(text, tokens, line)])


def kenlm_line(text: str, tokens: list[Token], line: Totals) -> str:
    """The sum of a line."""
    return f"Total: {line.log10_prob:.7g} OOV: {line.unknown}"


def kenlm_end(totals: Totals) -> str:
    """The figures of the whole text."""
    return (
        f"Perplexity including OOVs:\t{power(totals.log10_prob, totals.tokens):.10g}\n"
        "Perplexity excluding OOVs:\t"
        f"{power(totals.known_log10_prob, totals.tokens - totals.unknown):.10g}\n"
        f"OOVs:\t{totals.unknown}\n"
        f"Tokens:\t{totals.tokens}"
    )


def srilm_words(text: str, tokens: list[Token], line: Totals) -> str:
    """As ``-debug 2``: the line, each token after what it follows, and the sums."""
    rows = [text]
    for token in tokens:
        context = f"{token.before} ..." if token.context > 1 else token.before
        if token.id == 0:
            value = "[OOV] 0 [ -inf ]"
        else:
            prob = 10.0**token.log10_prob
            value = f"[{token.context + 1}gram] {prob:.6g} [ {token.log10_prob:.6g} ]"
        shown = UNKNOWN if token.id == 0 else token.name
        rows.append(f"\tp( {shown} | {context} ) \t= {value}")
    return "\n".join([*rows, srilm_sums(line)]) + "\n"


def srilm_line(text: str, tokens: list[Token], line: Totals) -> str:
    """As ``-debug 1``: the line and its sums."""
    return f"{text}\n{srilm_sums(line)}\n"


def srilm_sums(totals: Totals) -> str:
    """Counts and perplexities; unknown words are in neither perplexity."""
    known, logprob = totals.words - totals.unknown, totals.known_log10_prob
    return (
        f"{totals.lines} sentences, {totals.words} words, {totals.unknown} OOVs\n"
        f"0 zeroprobs, logprob= {logprob:.10g} ppl= {power(logprob, known + totals.ends):.10g} "
        f"ppl1= {power(logprob, known):.10g}"
    )


def srilm_end(totals: Totals) -> str:
    """The figures of the whole text."""
    return f"file -: {srilm_sums(totals)}"


class Report(NamedTuple):
    """A form: of each token of a line, of a line, and of the whole."""

    words: Callable[[str, list[Token], Totals], str]
    line: Callable[[str, list[Token], Totals], str]
    end: Callable[[Totals], str]


REPORTS = {
    "kenlm": Report(kenlm_words, kenlm_line, kenlm_end),
    "srilm": Report(srilm_words, srilm_line, srilm_end),
}
