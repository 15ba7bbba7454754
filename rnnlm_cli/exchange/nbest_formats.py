"""The formats of n-best lists: hypotheses with the scores of a recognizer or translator.

=======  ==============================================  ======================
format   a line                                          an id names
=======  ==============================================  ======================
srilm    ``ascore lscore nwords w1 w2``                  the file is one list
kaldi    ``utt-id w1 w2``                                ``utt`` of ``utt-3``
moses    ``id ||| w1 w2 ||| name= value ... ||| score``  a list
plain    ``id w1 w2``                                    a list
=======  ==============================================  ======================

Blanks separate fields. After the last field and one blank comes the text of the hypothesis, with
all its blanks, which are characters to a character model.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import count
from typing import NamedTuple

from rnnlm_cli.exchange.numerals import read_numeral

LARGEST = 1e12
"""Largest absolute score: far beyond any log-probability, yet sums and products stay accurate."""

LN10 = math.log(10)


class Hypothesis(NamedTuple):
    """One line of an n-best list.

    Attributes:
        line: Its line number.
        id: Its id; empty if the format has none.
        group: The list it belongs to.
        text: Its text, as written in the list.
        fixed: The part of its score that is kept, log10.
        old: The score of the earlier language model, log10, to be mixed with the new one.
        rest: Moses' other fields: the features, and those after the score.
    """

    line: int
    id: str
    group: str
    text: str
    fixed: float = 0.0
    old: float = 0.0
    rest: tuple[str, ...] = ()

    @property
    def words(self) -> int:
        """The number of words between white space."""
        return len(self.text.split())


class Rescored(NamedTuple):
    """A hypothesis with its new score."""

    hypothesis: Hypothesis
    log10_prob: float  # under the model
    weight: float
    word_penalty: float = 0.0  # log10

    @property
    def score(self) -> float:
        """``fixed + (1 - weight) old + weight log10 p + word_penalty n``, of ``n`` words."""
        fixed, old, words = self.hypothesis.fixed, self.hypothesis.old, self.hypothesis.words
        mixed = (1 - self.weight) * old + self.weight * self.log10_prob
        return fixed + mixed + self.word_penalty * words


def read_srilm(number: int, line: str) -> Hypothesis:
    """Read acoustic score, language model score, number of words, words; scores in log10."""
    (acoustic, old, words), text = cut_fields(line, 3)
    if not re.fullmatch("[0-9]{1,18}", words):
        raise ValueError(f"{words[:40]!r} is not a number of words")
    return Hypothesis(number, "", "", text, read_score(acoustic), read_score(old))


def read_kaldi(number: int, line: str) -> Hypothesis:
    """Read id and words; ``utt-1`` and ``utt-2`` are hypotheses of ``utt``."""
    (name,), text = cut_fields(line, 1)
    return Hypothesis(number, name, name.rpartition("-")[0] or name, text)


def read_plain(number: int, line: str) -> Hypothesis:
    """Read the number of the list, and words."""
    (name,), text = cut_fields(line, 1)
    return Hypothesis(number, name, name, text)


def read_moses(number: int, line: str) -> Hypothesis:
    """Read list number, words, features, weighted sum of the features (natural logarithms).

    Fields after the sum, such as alignments, are kept. Blanks beside ``|||`` belong to the format.
    """
    fields = [field.strip(" \t") for field in re.split(r"(?<![^ \t])\|\|\|(?![^ \t])", line)]
    if len(fields) < 4 or not fields[0]:
        raise ValueError("there are not four fields with ||| between them")
    name, text, features, score, *more = fields
    return Hypothesis(number, name, name, text, read_score(score) / LN10, 0.0, (features, *more))


def cut_fields(line: str, fields: int) -> tuple[list[str], str]:
    """Split off a line's first fields; return them, and the rest after one blank.

    Raises:
        ValueError: There are too few.
    """
    found = re.match(r"[ \t]*([^ \t]+)" + r"[ \t]+([^ \t]+)" * (fields - 1) + "[ \t]?", line)
    if not found:
        raise ValueError(f"there are fewer than {fields} fields")
    return list(found.groups()), line[found.end() :]


def read_score(field: str) -> float:
    """Read a score.

    Raises:
        ValueError: It is not a number, or too large for a score.
    """
    score = read_numeral(field)
    if abs(score) > LARGEST:
        raise ValueError(f"{field[:40]!r} is not a score; it must be from -1e12 to 1e12")
    return score


def write_log10(rescored: Rescored) -> str:
    """Write the score, log10."""
    return f"{rescored.score:.6f}"


def write_kaldi(rescored: Rescored) -> str:
    """Write id and cost, ``-log p``."""
    return f"{rescored.hypothesis.id} {-rescored.score * LN10:.6f}"


def write_moses(rescored: Rescored) -> str:
    """Write the line with an additional feature ``rnnlm=`` and the new sum; natural logarithms.

    A list that was already rescored gets ``rnnlm2=``, because feature names must be unique.
    """
    own, (features, *more) = rescored.hypothesis, rescored.hypothesis.rest
    taken = set(features.split())
    names = (f"rnnlm{number if number > 1 else ''}=" for number in count(1))
    feature = next(name for name in names if name not in taken)
    features = f"{features} {feature} {rescored.log10_prob * LN10:.6f}".lstrip()
    return " ||| ".join([own.id, own.text, features, f"{rescored.score * LN10:.6f}", *more])


def write_words(rescored: Rescored) -> str:
    """Write the words, after the id if there is one."""
    own = rescored.hypothesis
    return f"{own.id} {own.text}" if own.id and own.text else own.id or own.text


class Format(NamedTuple):
    """The functions that read and write a format."""

    read: Callable[[int, str], Hypothesis]
    write: Callable[[Rescored], str]  # the score of a hypothesis
    write_best: Callable[[Rescored], str]  # a hypothesis
    line: str  # the form of a line, for messages
    has_ids: bool = True  # references have the id of a list, else they are in the order of lists


FORMATS = {
    "srilm": Format(read_srilm, write_log10, write_words, "ascore lscore nwords w1 w2 ...", False),
    "kaldi": Format(read_kaldi, write_kaldi, write_words, "utt-id w1 w2 ..."),
    "moses": Format(
        read_moses,
        write_moses,
        write_moses,
        "id ||| w1 w2 ... ||| name= value ... ||| score",
        False,
    ),
    "plain": Format(read_plain, write_log10, write_words, "id w1 w2 ..."),
}
DEFAULT = "plain"
