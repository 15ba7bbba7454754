"""The best paths of a word lattice by a recurrent model, found with pruning.

As TheanoLM's decoder does (Enarvi and Kurimo, 2016): each node holds hypotheses, and passes them on
along its links. A model that has read all words before would need every path; so hypotheses of one
node that end in the same words become one, and unlikely ones are dropped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rnnlm_cli.data.lattice import Lattice, Link
from rnnlm_cli.evaluate.histories import Distributions, History
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.state import State

MOST_WORDS = 1 << 16
"""Words whose ids are kept."""


@dataclass(frozen=True)
class Search:
    """How a lattice is searched. The defaults are those of TheanoLM's script for Kaldi.

    The score of a path, a natural logarithm::

        acoustic_scale a + language_scale (weight log p + (1 - weight) l) + word_penalty n

    Attributes:
        weight: The share of the model in the language model's logarithm; the earlier one has the
            rest.
        language_scale: What that logarithm is multiplied by; ``None`` for the lattice's own.
        word_penalty: What is added for each word, natural log; ``None`` for the lattice's own.
        beam: A hypothesis is dropped if its score is so much below the best one at the same time or
            later; ``None`` for no limit.
        most: Hypotheses per node, at most; ``None`` for no limit.
        recombine: The number of last words; of hypotheses at a node that have the same ones, the
            best is kept. ``None`` for all words.
    """

    weight: float = 1.0
    language_scale: float | None = None
    word_penalty: float | None = None
    beam: float | None = 650.0
    most: int | None = 200
    recombine: int | None = 20


class Path(NamedTuple):
    """A path from the start of a lattice, or a part of one.

    Attributes:
        words: Its words.
        acoustic: Natural log of its acoustic score, scaled.
        language: Natural log of its probability by the earlier language model.
        log_prob: Natural log of its probability by the model.
        score: What is compared; see ``Search``.
    """

    words: tuple[str, ...]
    acoustic: float
    language: float
    log_prob: float
    score: float


class Hypothesis(NamedTuple):
    """A path to a node, and the tokens that the model has read on it."""

    path: Path
    history: History


class LatticeDecoder:
    """Searches lattices, one after another."""

    def __init__(self, model: TrainedModel, search: Search, state: State | None = None) -> None:
        """Begin.

        Args:
            model: A left-to-right model.
            search: How to search.
            state: The state before each lattice; ``None`` for the zero state.

        Raises:
            UsageError: The model is bidirectional, or has no end-of-line token.
        """
        model.require_left_to_right("score a lattice from left to right")
        self._search, self._end = search, model.line_start()
        self._distributions = Distributions(model, state=state)
        self._ids = lru_cache(MOST_WORDS)(model.word_ids)
        self._begin = History().then(self._end)

    def paths(self, lattice: Lattice) -> list[Path]:
        """Return the paths that were not dropped, the best first; no two have the same words.

        Raises:
            CorpusError: The lattice has a cycle, or no end can be reached.
            DivergedError: The model has diverged (see ``model/bounds.py``).
        """
        order = lattice.order
        at: list[list[Hypothesis]] = [[] for _ in lattice.times]
        at[lattice.start].append(Hypothesis(Path((), 0.0, 0.0, 0.0, 0.0), self._begin))
        best = np.full(len(order), -np.inf)  # of the hypotheses that reached a node
        place = {node: k for k, node in enumerate(order)}
        found = list[Path]()
        for node, since in zip(order, self._since(lattice, order), strict=True):
            here, at[node] = self._pruned(at[node], float(best[since:].max())), []
            if node in lattice.ends:
                found += [one.path for one in self._passed(here, lattice, None)]
            for link in lattice.links_from[node]:
                passed = self._passed(here, lattice, link)
                at[link.end] += passed
                top = max(one.path.score for one in passed)
                best[place[link.end]] = max(best[place[link.end]], top)
                most = self._search.most
                if most is not None and len(at[link.end]) > 2 * most:  # to save memory
                    at[link.end] = self._pruned(at[link.end], -np.inf)
        kept = dict[tuple[str, ...], Path]()
        for path in sorted(found, key=lambda path: -path.score):
            kept.setdefault(path.words, path)
        return list(kept.values())

    @staticmethod
    def _since(lattice: Lattice, order: Sequence[int]) -> Iterable[int]:
        """Return, for each node in order, the place of the first that is as late as it is."""
        times = [lattice.times[node] for node in order]
        if None in times:
            return range(len(order))
        latest = np.maximum.accumulate(np.array(times, float))
        found: list[int] = np.searchsorted(latest, np.array(times, float)).tolist()
        return found

    def _pruned(self, hypotheses: Iterable[Hypothesis], best: float) -> list[Hypothesis]:
        """Return the best of each ending, those within the beam, and of these the first ones."""
        beam, most, words = self._search.beam, self._search.most, self._search.recombine
        kept = dict[tuple[str, ...], Hypothesis]()
        for one in sorted(hypotheses, key=lambda one: -one.path.score):
            kept.setdefault(one.path.words if words is None else one.path.words[-words:], one)
        first, *rest = kept.values()
        if beam is not None:
            rest = [one for one in rest if one.path.score > best - beam]
        return [first, *rest][:most]

    def _passed(
        self, hypotheses: Sequence[Hypothesis], lattice: Lattice, link: Link | None
    ) -> list[Hypothesis]:
        """Return hypotheses after a link, or with ``None`` after the end of the line."""
        words = () if link is None or link.word is None else (link.word,)
        log_probs, histories = self._read(hypotheses, link)
        acoustic = 0.0 if link is None else link.acoustic * lattice.acoustic_scale
        language = 0.0 if link is None else link.language
        passed = []
        for (path, _), log_prob, history in zip(hypotheses, log_probs, histories, strict=True):
            longer = Path(
                path.words + words,
                path.acoustic + acoustic,
                path.language + language,
                path.log_prob + log_prob,
                0.0,
            )
            passed.append(Hypothesis(self._scored(longer, lattice), history))
        return passed

    def _read(
        self, hypotheses: Sequence[Hypothesis], link: Link | None
    ) -> tuple[list[float], list[History]]:
        """Return the natural logs of a link's word after each hypothesis, and what is read then."""
        histories = [one.history for one in hypotheses]
        nats = [0.0] * len(histories)
        if link is not None and link.word is None:
            return nats, histories
        groups = defaultdict[tuple[int, ...], list[int]](list)  # a line's first word may differ
        for j, history in enumerate(histories):
            begins = history == self._begin
            groups[self._ids(link.word, begins) if link else (self._end,)].append(j)
        for ids, chosen in groups.items():
            for k in ids:
                after = self._distributions.after_each(histories[j] for j in chosen)
                for j, log_probs in zip(chosen, after, strict=True):
                    nats[j] += float(log_probs[k])
                    histories[j] = histories[j].then(k)
        return nats, histories

    def _scored(self, path: Path, lattice: Lattice) -> Path:
        search = self._search
        scale = lattice.language_scale if search.language_scale is None else search.language_scale
        penalty = lattice.word_penalty if search.word_penalty is None else search.word_penalty
        mixed = search.weight * path.log_prob + (1 - search.weight) * path.language
        score = path.acoustic + scale * mixed + penalty * len(path.words)
        return path._replace(score=score)
