"""Reading n-best lists, and choosing the best of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rnnlm_cli.errors import CorpusError, literal
from rnnlm_cli.exchange.nbest_formats import DEFAULT, FORMATS, Hypothesis, Rescored, read_srilm
from rnnlm_cli.text.reader import Piece, whole_lines

LONGEST = 1 << 20
"""Characters of a line; a hypothesis is a sentence."""


def read_nbest(lines: Iterable[str], form: str | None, name: str) -> Iterator[Hypothesis]:
    """Read an n-best list; blank lines are passed over.

    Args:
        lines: Its lines.
        form: A row of FORMATS; ``None`` for the default one, if the first line does not look like
            one of another format.
        name: What messages call the file.

    Raises:
        CorpusError: A line is not of the format, or there is none.
    """
    read, found = FORMATS[form or DEFAULT].read, False
    for number, ended in enumerate(lines, 1):
        line = ended.removesuffix("\n")
        if not line.strip():
            continue
        if not found and form is None:
            refuse_others(line, f"{name}: line {number}: {line.strip()[:40]!r}")
        found = True
        try:
            yield read(number, line)
        except ValueError as error:
            raise CorpusError(
                f"{line.strip()[:40]!r} is not of the form "
                f"{FORMATS[form or DEFAULT].line!r}: {error}",
                place=f"{name}: line {number}",
                remedy="see {format}",
            ) from None
    if not found:
        raise CorpusError(f"{name}: holds no hypothesis; name a list with some")


def refuse_others(line: str, place: str) -> None:
    """Refuse a line of another format than the default one, with what to do.

    Raises:
        CorpusError: It is one of Moses, of SRILM (two scores, one of them below zero or with a
            point, and a number of words), or of Decipher.
    """
    fields = line.split(maxsplit=3)
    if fields[0].startswith("NBestList"):
        raise CorpusError(
            f"{place} begins a list of Decipher's format",
            remedy=f"write it as {literal(FORMATS['srilm'].line)!r} and use {{format}} srilm",
        )
    look = "moses" if fields[1:2] == ["|||"] else "srilm"
    if look == "srilm" and not looks_like_srilm(fields):
        return
    raise CorpusError(
        f"{place} looks like a list of the format {look}",
        remedy=f"add {{format}} {look}, or {{format}} {DEFAULT} if it is not one",
    )


def looks_like_srilm(fields: list[str]) -> bool:
    """Whether a line begins with two scores, which no ids are, and a number of words."""
    try:
        read_srilm(1, " ".join(fields))
    except ValueError:
        return False
    return any(mark in score for score in fields[:2] for mark in "-.")


def joined_lines(pieces: Iterable[Piece], name: str) -> Iterator[str]:
    """Give the lines of a list.

    Args:
        pieces: Of its lines, as the reader of texts gives them.
        name: What messages call the file.

    Raises:
        CorpusError: A line is too long.
    """
    for line in whole_lines(pieces, LONGEST, name, "; write one hypothesis on a line"):
        yield line.text


def best_of_each(rescored: Iterable[Rescored], name: str) -> Iterator[Rescored]:
    """Give the best hypothesis of every list, the first of equals, as soon as the list has ended.

    Args:
        rescored: The hypotheses, list by list.
        name: What messages call the file.

    Raises:
        CorpusError: A list goes on after another one: its best has been given.
    """
    ended = set[str]()
    best: Rescored | None = None  # of the list that is being read
    for one in rescored:
        own = one.hypothesis
        if best is not None and own.group != best.hypothesis.group:
            yield best
            ended.add(best.hypothesis.group)
            best = None
        if own.group in ended:
            raise CorpusError(
                f"{name}: line {own.line}: the list {own.group[:40]!r} goes on after another "
                "one; put its hypotheses together, for example with sort -s -k 1,1"
            )
        if best is None or one.score > best.score:
            best = one
    if best is not None:
        yield best
