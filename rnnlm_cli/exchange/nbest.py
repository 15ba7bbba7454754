"""N-best lists: hypotheses with what a recognizer or translator thought of them.

=======  ==============================  ======================
format   a line                          an id stands for
=======  ==============================  ======================
srilm    ``ascore lscore nwords w1 w2``  the file is one list
kaldi    ``utt-id w1 w2``                ``utt`` of ``utt-3``
plain    ``id w1 w2``                    a list
=======  ==============================  ======================
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from rnnlm_cli.errors import CorpusError


class Hypothesis(NamedTuple):
    """One line of an n-best list.

    Attributes:
        id: What the line calls itself; empty where lines have no ids.
        group: The list it belongs to.
        words: What it says.
        fixed: The part of its score that stays, log10.
        old: The score of the language model before, log10, to be mixed with the new one.
    """

    id: str
    group: str
    words: list[str]
    fixed: float = 0.0
    old: float = 0.0

    def combined(self, log10_prob: float, weight: float) -> float:
        """Return ``fixed + (1 - weight) old + weight log10 p``."""
        return self.fixed + (1 - weight) * self.old + weight * log10_prob


def read_srilm(fields: list[str]) -> Hypothesis:
    """Acoustic score, score of the language model, number of words, words; scores in log10."""
    acoustic, old = float(fields[0]), float(fields[1])
    int(fields[2])
    if not (math.isfinite(acoustic) and math.isfinite(old)):
        raise ValueError("a score is not finite")
    return Hypothesis("", "", fields[3:], acoustic, old)


def read_kaldi(fields: list[str]) -> Hypothesis:
    """Id and words; ``utt-1`` and ``utt-2`` are hypotheses of ``utt``."""
    return Hypothesis(fields[0], fields[0].rpartition("-")[0] or fields[0], fields[1:])


def read_plain(fields: list[str]) -> Hypothesis:
    """Number of the list, and words."""
    return Hypothesis(fields[0], fields[0], fields[1:])


def write_log10(hypothesis: Hypothesis, score: float) -> str:
    """The score, log10."""
    return f"{score:.6f}"


def write_kaldi(hypothesis: Hypothesis, score: float) -> str:
    """Id and cost, ``-log p``."""
    return f"{hypothesis.id} {-score * math.log(10):.6f}"


class Format(NamedTuple):
    """How a list is read, and how its scores are written."""

    read: Callable[[list[str]], Hypothesis]
    write: Callable[[Hypothesis, float], str]
    line: str


FORMATS = {
    "srilm": Format(read_srilm, write_log10, "ascore lscore nwords w1 w2 ..."),
    "kaldi": Format(read_kaldi, write_kaldi, "utt-id w1 w2 ..."),
    "plain": Format(read_plain, write_log10, "id w1 w2 ..."),
}


def read_nbest(lines: Iterable[str], form: str, name: str) -> Iterator[Hypothesis]:
    """Read an n-best list; blank lines are passed over.

    Args:
        lines: Its lines.
        form: A row of FORMATS.
        name: What messages call the file.

    Raises:
        CorpusError: A line is not of the format, or there is none.
    """
    found = False
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if not fields:
            continue
        found = True
        try:
            yield FORMATS[form].read(fields)
        except (ValueError, IndexError):
            raise CorpusError(
                f"{name}: line {number}: {line.strip()[:40]!r} is not of the form "
                f"{FORMATS[form].line!r}; see --format"
            ) from None
    if not found:
        raise CorpusError(f"{name}: holds no hypothesis; name a list with some")


def words_line(hypothesis: Hypothesis) -> str:
    """Return a hypothesis as a line, with its id where it has one."""
    return " ".join([hypothesis.id, *hypothesis.words] if hypothesis.id else hypothesis.words)
