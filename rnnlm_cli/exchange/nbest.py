"""Reading n-best lists, and selecting the best hypothesis of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rnnlm_cli.errors import CorpusError, literal
from rnnlm_cli.exchange.nbest_formats import DEFAULT, FORMATS, Hypothesis, Rescored, read_srilm
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.reader import whole_lines

LONGEST = 1 << 20
"""Maximum characters per line; a hypothesis is a sentence."""


def read_nbest(lines: Iterable[str], form: str | None, name: str) -> Iterator[Hypothesis]:
    """Read an n-best list; skip blank lines.

    Args:
        lines: Its lines.
        form: A key of FORMATS; ``None`` for the default, unless the first line looks like another
            format.
        name: The file's name in messages.

    Raises:
        CorpusError: A line does not fit the format, or there is no hypothesis.
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
        raise CorpusError(f"{name}: holds no hypothesis; name an n-best list that is not empty")


def refuse_others(line: str, place: str) -> None:
    """Refuse a line that looks like another format than the default, and give the remedy.

    Raises:
        CorpusError: The line looks like Moses, SRILM (two scores, one of them negative or with a
            decimal point, and a number of words), or Decipher.
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
    """Whether a line starts with two scores that cannot be ids, and a number of words."""
    try:
        read_srilm(1, " ".join(fields))
    except ValueError:
        return False
    return any(mark in score for score in fields[:2] for mark in "-.")


def joined_lines(pieces: Iterable[Piece], name: str) -> Iterator[str]:
    """Yield the lines of a list.

    Args:
        pieces: The parts of its lines, from the text reader.
        name: The file's name in messages.

    Raises:
        CorpusError: A line is too long.
    """
    for line in whole_lines(pieces, LONGEST, name, "; write one hypothesis on a line"):
        yield line.text


def best_of_each(rescored: Iterable[Rescored], name: str) -> Iterator[Rescored]:
    """Yield the best hypothesis of each list as soon as the list has ended; on ties the first.

    Args:
        rescored: The hypotheses, list by list.
        name: The file's name in messages.

    Raises:
        CorpusError: A list continues after another one, when its best was already yielded.
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
                f"{name}: line {own.line}: the list {own.group[:40]!r} continues after another "
                "one; put its hypotheses together, for example with sort -s -k 1,1"
            )
        if best is None or one.score > best.score:
            best = one
    if best is not None:
        yield best
