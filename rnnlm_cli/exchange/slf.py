"""Reading word lattices in HTK's Standard Lattice Format.

::

    VERSION=1.0
    UTTERANCE=utt-1
    lmscale=12.0 wdpenalty=-10.0
    N=3 L=2
    I=0 t=0.00
    I=1 t=0.41 W=the          the word of the links that enter the node, unless they have one
    I=2 t=0.95 W=company
    J=0 S=0 E=1 a=-2041.5 l=-3.1
    J=1 S=1 E=2 a=-3107.2 l=-5.9

(Young et al., The HTK Book 3.4, 2006, chapter 20.)
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from rnnlm_cli.data.lattice import Lattice, Link
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.exchange.slf_fields import Fields, natural_log, number, split_fields, whole
from rnnlm_cli.text.spellings import BEGIN, END

NO_WORDS = {BEGIN, END, "<eps>", "-pau-"}
"""Edges of a sentence and silence; so are names that begin with ``!`` or ``#``, as ``!NULL``."""


class Node(NamedTuple):
    """A node as it is written: its time in seconds, and its word."""

    time: float | None = None
    word: str | None = None


def read_slf(lines: Iterable[str], name: str) -> Lattice:
    """Read one lattice.

    Args:
        lines: Its lines.
        name: The file's name in messages, and the utterance's where the file has none.

    Raises:
        CorpusError: It is not a valid lattice; the line is named.
    """
    reader, place = _Reader(), name
    try:
        for count, line in enumerate(lines, 1):
            place = f"{name}: line {count}"
            reader.take(line)
        place = name
        return reader.lattice(name)
    except ValueError as error:
        raise CorpusError(str(error), place=place, remedy="write the lattice again") from None


class _Reader:
    """What was read; it raises ``ValueError`` where something is wrong."""

    def __init__(self) -> None:
        self._header = Fields()
        self._nodes: dict[int, Node] = {}
        self._links: dict[int, Link] = {}

    def take(self, line: str) -> None:
        """Read a line: of the header, a node or a link."""
        fields = Fields() if line.lstrip().startswith("#") else split_fields(line)
        match next(iter(fields), None):
            case "I":
                self._take_node(fields)
            case "J":
                self._take_link(fields)
            case "SUBLAT":
                raise ValueError("sub-lattices are not read; expand the lattice with HTK first")
            case _:
                self._header |= fields

    def lattice(self, name: str) -> Lattice:
        """Return the whole lattice."""
        header = self._header
        count, links = whole(header, "N"), whole(header, "L")
        if links != len(self._links):
            raise ValueError(f"has {len(self._links):,} links, and its header says L={links}")
        if count > len(self._nodes) + links + 1:  # a header must not make memory fill
            raise ValueError(f"N={count} is more nodes than {links:,} links connect")
        if header.get("dir", "f") != "f":
            raise ValueError(f"dir={header['dir'][:40]}: only lattices that go forward are read")
        if strays := [k for k in self._nodes if k >= count]:
            raise ValueError(f"has node {strays[0]}, and its header says N={count}")
        nodes = [self._nodes.get(k, Node()) for k in range(count)]
        worded = [self._worded(link, nodes) for _, link in sorted(self._links.items())]
        start, ends = self._edges(count, worded)
        return Lattice(
            header.get("U") or name,
            [node.time for node in nodes],
            worded,
            start,
            ends,
            number(header, "acscale", 1.0),
            number(header, "lmscale", 1.0),
            natural_log(header, "wdpenalty", self._base()),
        )

    def _take_node(self, fields: Fields) -> None:
        k = whole(fields, "I")
        if k in self._nodes:
            raise ValueError(f"node {k} is given twice")
        if "L" in fields:
            raise ValueError("sub-lattices are not read; expand the lattice with HTK first")
        time = number(fields, "t", 0.0) if "t" in fields else None
        self._nodes[k] = Node(time, fields.get("W"))

    def _take_link(self, fields: Fields) -> None:
        k, start, end = (whole(fields, name) for name in "JSE")
        if k in self._links:
            raise ValueError(f"link {k} is given twice")
        scores = (natural_log(fields, name, self._base()) for name in "al")
        self._links[k] = Link(start, end, fields.get("W"), *scores)

    def _base(self) -> float:
        """Return the base of the file's logarithms; 0 for probabilities."""
        base = number(self._header, "base", math.e)
        if base < 0 or base == 1:
            raise ValueError(f"base={base:g} is not the base of a logarithm")
        return base

    @staticmethod
    def _worded(link: Link, nodes: list[Node]) -> Link:
        """Return a link with the word of the node that it enters, if it has none itself."""
        for node in (link.start, link.end):
            if node >= len(nodes):
                raise ValueError(f"a link has node {node}, and the header says N={len(nodes)}")
        word = nodes[link.end].word if link.word is None else link.word
        return link._replace(word=None if word is None or is_silence(word) else word)

    def _edges(self, count: int, links: list[Link]) -> tuple[int, frozenset[int]]:
        """Return where paths begin and end: as the header says, else nodes without links."""
        entered, left = {link.end for link in links}, {link.start for link in links}
        starts, ends = left - entered, entered - left
        if "start" in self._header:
            starts = {whole(self._header, "start")}
        if "end" in self._header:
            ends = {whole(self._header, "end")}
        if len(starts) != 1 or not ends or max(starts | ends) >= count:
            raise ValueError("has not one node where paths begin, and one where they end")
        return starts.pop(), frozenset(ends)


def is_silence(word: str) -> bool:
    """Whether a word of a lattice is none that is said."""
    return word in NO_WORDS or (len(word) > 1 and word[0] in "!#")
