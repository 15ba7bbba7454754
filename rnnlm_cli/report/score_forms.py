"""Scores of words and lines in the forms of KenLM's ``query`` and of SRILM's ``ngram -ppl``.

Log10 throughout; the end of a line is ``</s>``, and an unknown word has id 0. Both programs omit
unknown words from some of their figures; so do these functions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from rnnlm_cli.evaluate.line_scores import Token, Totals
from rnnlm_cli.text.spellings import UNKNOWN


def power(log10_prob: float, tokens: int) -> float:
    """``10^(-log10_prob / tokens)``, a perplexity; infinite if too large for a float.

    NaN without tokens, as these programs print it.
    """
    if not tokens:
        return math.nan
    try:
        return float(10.0 ** (-log10_prob / tokens))
    except OverflowError:
        return math.inf


def kenlm_words(text: str, tokens: list[Token], line: Totals) -> str:
    """``word=id length logprob`` per token; the n-gram length counts all tokens read."""
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
    """Like ``-debug 2``: the line, each token with its context, and the sums."""
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
    """Like ``-debug 1``: the line and its sums."""
    return f"{text}\n{srilm_sums(line)}\n"


def srilm_sums(totals: Totals) -> str:
    """Counts and perplexities; both perplexities omit unknown words."""
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
    """The functions of a form: for the tokens of a line, a line, and the whole text."""

    words: Callable[[str, list[Token], Totals], str]
    line: Callable[[str, list[Token], Totals], str]
    end: Callable[[Totals], str]


REPORTS = {
    "kenlm": Report(kenlm_words, kenlm_line, kenlm_end),
    "srilm": Report(srilm_words, srilm_line, srilm_end),
}
