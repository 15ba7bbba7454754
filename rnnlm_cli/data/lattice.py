"""Word lattices: the texts that a recognizer found possible, as paths in a graph."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from rnnlm_cli.errors import CorpusError


class Link(NamedTuple):
    """An edge of a lattice.

    Attributes:
        start: The node that it leaves.
        end: The node that it enters.
        word: Its word; ``None`` for silence, the edges of the sentence, and bare connections.
        acoustic: Natural log of the acoustic score.
        language: Natural log of the probability by the earlier language model.
    """

    start: int
    end: int
    word: str | None
    acoustic: float = 0.0
    language: float = 0.0


@dataclass(frozen=True)
class Lattice:
    """A directed graph without cycles, whose paths from the start to an end are texts.

    Attributes:
        name: The utterance.
        times: Seconds, one per node; ``None`` where the file has none.
        links: Its edges.
        start: The node where paths begin.
        ends: The nodes where paths end.
        acoustic_scale: What the acoustic scores are multiplied by.
        language_scale: What the language model's logarithms are multiplied by.
        word_penalty: Natural log, added for each word.
    """

    name: str
    times: Sequence[float | None]
    links: Sequence[Link]
    start: int
    ends: frozenset[int]
    acoustic_scale: float = 1.0
    language_scale: float = 1.0
    word_penalty: float = 0.0

    @cached_property
    def links_from(self) -> list[list[Link]]:
        """The links that leave each node, in the order of the file."""
        found: list[list[Link]] = [[] for _ in self.times]
        for link in self.links:
            found[link.start].append(link)
        return found

    @cached_property
    def order(self) -> list[int]:
        """The nodes that paths reach: each after those before it, the earlier first.

        Raises:
            CorpusError: There is a cycle, or no end can be reached.
        """
        reached = self._reached()
        waiting = [0] * len(self.times)
        for link in self.links:
            waiting[link.end] += link.start in reached
        order = list[int]()
        ready = [] if waiting[self.start] else [(self._time(self.start), self.start)]
        while ready:
            _, node = heapq.heappop(ready)
            order.append(node)
            for link in self.links_from[node]:
                waiting[link.end] -= 1
                if not waiting[link.end]:
                    heapq.heappush(ready, (self._time(link.end), link.end))
        if len(order) < len(reached):
            raise CorpusError("has a cycle; write it again without", place=self.name)
        if not self.ends & reached:
            raise CorpusError("no path leads from its start to its end", place=self.name)
        return order

    def _reached(self) -> set[int]:
        reached, ahead = {self.start}, [self.start]
        while ahead:
            for link in self.links_from[ahead.pop()]:
                if link.end not in reached:
                    reached.add(link.end)
                    ahead.append(link.end)
        return reached

    def _time(self, node: int) -> float:
        time = self.times[node]
        return 0.0 if time is None else time
