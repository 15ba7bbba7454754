"""A large text that several processes number together, as one would that reads all of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import reduce
from itertools import accumulate

import numpy as np

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.facts import TextFacts
from rnnlm_cli.text.numbering import NumberedText, Numbering, Numbers, Types
from rnnlm_cli.text.reader import Limits, Source, display_name
from rnnlm_cli.text.readers import CannotDivide, Readers, part_of
from rnnlm_cli.text.storage import Storage, Stored, chunks

BETWEEN = "\0"
"""Between types that are sent as one string; no text has this character."""


def number_together(
    sources: Sequence[Source],
    codec: Codec,
    storage: Storage,
    first: Iterable[str],
    always: Iterable[str],
    limits: Limits,
) -> NumberedText:
    """Read a text and number its types, as ``number_text`` does; each process reads its part.

    Each numbers the types of its part in the order of their first appearance, and then all number
    these types in the order of the parts. That is the order of first appearance in the text.

    Args:
        sources: A text that can be divided.
        codec: Splits it into tokens.
        storage: Where to keep the numbers, and who reads.
        first: Types that get the first numbers, in this order.
        always: Types that get a number even if they do not occur in the text.
        limits: Limits on the text held in memory.

    Raises:
        CannotDivide: A part has an error, or no tokens: the whole text tells where, and if so.
    """
    readers, known = storage.readers, list(first)
    part = part_of(sources, readers.rank, readers.size)
    types = Types({token: number for number, token in enumerate(known)})
    numbering = Numbering(codec, codec.reading_limits(limits), types)
    numbers: Stored | None = None
    with suppress(CorpusError):
        numbers = storage.collect(numbering.parts([file for _, file in part]))
    if not all(readers.gather(numbers is not None)) or numbers is None:
        raise CannotDivide
    types, table = _types_of_all(readers, known, types)
    for chunk in chunks(len(numbers)):
        numbers[chunk] = table[np.asarray(numbers[chunk])]
    lengths = readers.gather(len(numbers))
    begin = sum(lengths[: readers.rank])
    return replace(
        numbering.text(numbers, types, always),
        sources=_sources(readers, sources, part, numbering, len(numbers)),
        noticed=reduce(_added, readers.gather(numbering.noticed)),
        begin=begin,
        before=_last_before(readers, numbers),
        after=sum(lengths) - begin - len(numbers),
        readers=readers,
    )


def _types_of_all(readers: Readers, known: list[str], types: Types) -> tuple[Types, Numbers]:
    """Return the types of all parts with their numbers, and these by the numbers of this part."""
    found = readers.gather(BETWEEN.join(list(types)[len(known) :]))
    merged = Types({token: number for number, token in enumerate(known)})
    table: Numbers = np.empty(0, np.uintc)
    for rank, joined in enumerate(found):
        names = joined.split(BETWEEN) if joined else []
        numbers = [merged[name] for name in names]
        if rank == readers.rank:
            table = np.array([*range(len(known)), *numbers], np.uintc)
    return merged, table


def _sources(
    readers: Readers,
    sources: Sequence[Source],
    part: Sequence[tuple[int, Source]],
    numbering: Numbering,
    tokens: int,
) -> list[tuple[str, int]]:
    """Return the name of each source, and the index of its first token in the text."""
    starts = [*(start for _, start in numbering.sources), tokens]
    sizes = {place: starts[k + 1] - starts[k] for k, (place, _) in enumerate(part)}
    total = [0] * len(sources)
    for found in readers.gather(sizes):
        for place, size in found.items():
            total[place] += size
    return list(zip(map(display_name, sources), accumulate(total[:-1], initial=0), strict=True))


def _last_before(readers: Readers, numbers: Stored) -> int | None:
    """Return the number of the last token before this part."""
    last = int(np.asarray(numbers[len(numbers) - 1 : len(numbers)])[0]) if len(numbers) else None
    before = [one for one in readers.gather(last)[: readers.rank] if one is not None]
    return before[-1] if before else None


def _added(one: TextFacts, other: TextFacts) -> TextFacts:
    """Add up what was noticed about the lines of two parts."""
    return TextFacts(
        one.lines + other.lines,
        one.returns + other.returns,
        beyond=one.beyond + other.beyond,
        decomposed=one.decomposed + other.decomposed,
    )
