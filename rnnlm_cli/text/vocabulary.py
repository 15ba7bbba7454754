"""The tokens a model knows, each with an id."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest
from itertools import islice

import numpy as np
import numpy.typing as npt

from rnnlm_cli.errors import CorpusError

NEAR = 0.6
"""Twice the letters that two near tokens have in common, over the letters of both; at least."""

LONGEST_WORD = 50
"""A token of more letters is no misspelled word."""

MOST_SIMILAR = 100_000
"""Tokens of similar length whose letters are counted, the most frequent ones: half a second."""

MOST_COMPARED = 1_000
"""Tokens of similar letters that are compared letter by letter: a third of a second."""


class Vocabulary:
    """Tokens by id: the most frequent first, those of equal count as they first appeared.

    One that comes from another program has that program's order.

    The unknown token is always in it, though the training text may never hold it.

    Attributes:
        tokens: By id.
        counts: ``(V,)`` how often each stood in the training text; for the unknown token, how
            often it stood there itself or stands for a token that was left out.
        unknown: The token that stands for every other.
    """

    def __init__(self, tokens: Sequence[str], counts: npt.NDArray[np.int64], unknown: str) -> None:
        self.tokens = list(tokens)
        self.counts = counts
        self.unknown = unknown

    @cached_property
    def index(self) -> dict[str, int]:
        """Ids by token."""
        return {token: k for k, token in enumerate(self.tokens)}

    @property
    def unknown_id(self) -> int:
        """The id of the unknown token."""
        return self.index[self.unknown]

    def id_of(self, token: str) -> int:
        """Return a token's id, or that of the unknown token."""
        return self.index.get(token, self.unknown_id)

    def ids_of(self, tokens: Iterable[str]) -> npt.NDArray[np.int64]:
        """Return the ids ``(n,)`` of tokens; those it does not have get the unknown token's."""
        index, unknown = self.index, self.unknown_id
        return np.array([index.get(token, unknown) for token in tokens], np.int64)

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: str) -> bool:
        return token in self.index

    def near(self, token: str, most: int = 3) -> list[str]:
        """Return known tokens that are spelled like this one, the nearest first."""
        alike = _alike(token, self.tokens, most)
        other_case = {token.lower(), token.capitalize(), token.upper()} & self.index.keys()
        return [*sorted(other_case), *(t for t in alike if t not in other_case)][:most]


def _alike(token: str, tokens: Iterable[str], most: int) -> list[str]:
    """Return tokens of similar letters in a similar order, the nearest first.

    By the measure of ``difflib.get_close_matches``, which takes seconds for long tokens and for
    many tokens of few letters. So a token longer than a word has none, and those are compared
    first that have most letters in common: no other can be nearer than that says.
    """
    if len(token) > LONGEST_WORD:
        return []
    matcher = difflib.SequenceMatcher(b=token)
    candidates = []
    for other in islice(_of_similar_length(token, tokens), MOST_SIMILAR):
        matcher.set_seq1(other)
        candidates.append((matcher.quick_ratio(), other))
    found: list[tuple[float, str]] = []
    for bound, other in nlargest(MOST_COMPARED, candidates, key=lambda pair: pair[0]):
        if bound < NEAR or (len(found) == most and bound <= found[-1][0]):
            break
        matcher.set_seq1(other)
        if (ratio := matcher.ratio()) >= NEAR:
            found = sorted([*found, (ratio, other)], key=lambda pair: -pair[0])[:most]
    return [other for _, other in found]


def _of_similar_length(token: str, tokens: Iterable[str]) -> Iterator[str]:
    """Give the tokens that are not too long or too short to be near."""
    size = len(token)
    longest = size * (2 / NEAR - 1)
    shortest = size / (2 / NEAR - 1)
    return (other for other in tokens if shortest <= len(other) <= longest)


@dataclass(frozen=True)
class VocabularyLimits:
    """What a vocabulary keeps of a text.

    Attributes:
        unknown: The token that stands for what is left out.
        min_count: Rarer types are left out.
        max_vocabulary: At most so many tokens, the unknown one among them.
        always: Types that are kept however rare they are.
    """

    unknown: str = "<unk>"
    min_count: int = 1
    max_vocabulary: int | None = None
    always: tuple[str, ...] = ()


def choose_vocabulary(
    types: Sequence[str], counts: npt.NDArray[np.int64], limits: VocabularyLimits
) -> Vocabulary:
    """Keep the types that are frequent enough, and the unknown token in any case.

    Args:
        types: All types in order of first appearance.
        counts: ``(len(types),)``.
        limits: Which to keep.

    Raises:
        CorpusError: No type of the text would be left.
    """
    apart = {limits.unknown, *limits.always}
    places = [k for k, token in enumerate(types) if token in apart]
    eligible = counts >= max(limits.min_count, 1)
    eligible[places] = False
    frequent = _most_frequent(counts, eligible, limits)
    if not len(frequent):
        raise CorpusError(
            f"no token of the training text is kept with corpus.min_count {limits.min_count} and "
            f"corpus.max_vocabulary {limits.max_vocabulary}; lower the first or raise the second"
        )
    always = np.array([k for k in places if types[k] in limits.always], np.intp)
    chosen = np.sort(np.concatenate([frequent, always]))
    kept = chosen[np.argsort(-counts[chosen], kind="stable")]
    left_out = int(counts.sum() - counts[kept].sum())  # the unknown token's own are among them
    place = int(np.searchsorted(-counts[kept], -left_out, side="right"))
    tokens = [types[k] for k in kept]
    tokens.insert(place, limits.unknown)
    with_unknown = np.insert(counts[kept], place, left_out).astype(np.int64)
    return Vocabulary(tokens, with_unknown, limits.unknown)


def _most_frequent(
    counts: npt.NDArray[np.int64], eligible: npt.NDArray[np.bool_], limits: VocabularyLimits
) -> npt.NDArray[np.intp]:
    """Return the eligible types of most counts, as many as there is room for.

    Of equal ones those that appeared first. What is too rare to have a place is left aside before
    anything is sorted: of ten million types the room is for some thousands.
    """
    candidates = np.flatnonzero(eligible)
    if limits.max_vocabulary is None:
        return candidates
    room = max(0, limits.max_vocabulary - 1 - len(limits.always))
    if 0 < room < len(candidates):
        least = np.partition(counts[candidates], -room)[-room]
        candidates = candidates[counts[candidates] >= least]
    return candidates[np.argsort(-counts[candidates], kind="stable")][:room]
