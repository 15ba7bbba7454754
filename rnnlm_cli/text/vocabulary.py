"""The vocabulary: the tokens a model knows, and their ids."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest
from itertools import islice

import numpy as np
import numpy.typing as npt

from rnnlm_cli.errors import CorpusError

NEAR = 0.6
"""Minimum similarity of near tokens: twice the letters in common over the letters of both."""

LONGEST_WORD = 50
"""Maximum letters of a misspelled word."""

MOST_SIMILAR = 100_000
"""Maximum tokens of similar length whose letters are counted, most frequent first (0.5 s)."""

MOST_COMPARED = 1_000
"""Maximum tokens compared letter by letter (0.3 s)."""


class Vocabulary:
    """Tokens by id, most frequent first; equal counts are in order of first appearance.

    Types that fine-tuning added come after all others, in the same order.
    A vocabulary from another program keeps that program's order. It always has the unknown token,
    even if the training text does not.

    Attributes:
        tokens: The tokens by id.
        counts: ``(V,)``, how often each occurs in the training text; for the unknown token, how
            often it occurs itself or replaces another token. Types that fine-tuning added have
            the counts of the text that added them.
        unknown: The token that replaces tokens outside the vocabulary.
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
        """Return the ids ``(n,)`` of tokens; other tokens get the id of the unknown token."""
        index, unknown = self.index, self.unknown_id
        return np.array([index.get(token, unknown) for token in tokens], np.int64)

    def log_frequency(self, k: int) -> float:
        """Return the natural log of a token's share of the training text, each counted once more.

        It is the probability of a token of which nothing is known that comes before it.
        """
        return math.log((self.counts[k] + 1) / (self.counts.sum() + len(self)))

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: str) -> bool:
        return token in self.index

    def near(self, token: str, most: int = 3) -> list[str]:
        """Return at most ``most`` tokens spelled like this one, the nearest first."""
        alike = _alike(token, self.tokens, most)
        other_case = {token.lower(), token.capitalize(), token.upper()} & self.index.keys()
        return [*sorted(other_case), *(t for t in alike if t not in other_case)][:most]


def _alike(token: str, tokens: Iterable[str], most: int) -> list[str]:
    """Return the tokens nearest to this one by the measure of ``difflib.get_close_matches``.

    That function takes seconds for long tokens and for many tokens of few letters. So long tokens
    are skipped, and tokens with most letters in common are compared first: that count is an upper
    bound of the measure.
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
    """Return the tokens that are not too long or too short to be near."""
    size = len(token)
    longest = size * (2 / NEAR - 1)
    shortest = size / (2 / NEAR - 1)
    return (other for other in tokens if shortest <= len(other) <= longest)


@dataclass(frozen=True)
class VocabularyLimits:
    """Which types of a text a vocabulary keeps.

    Attributes:
        unknown: The token that replaces all others.
        min_count: Minimum count of a type.
        max_vocabulary: Maximum number of tokens, including the unknown one.
        always: Types that are kept whatever their count.
        known: Types that the codec has before it reads a text; they are kept, too.
    """

    unknown: str = "<unk>"
    min_count: int = 1
    max_vocabulary: int | None = None
    always: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


def choose_vocabulary(
    types: Sequence[str], counts: npt.NDArray[np.int64], limits: VocabularyLimits
) -> Vocabulary:
    """Return a vocabulary of the types that are frequent enough, and the unknown token.

    Args:
        types: All types in order of first appearance.
        counts: ``(len(types),)``.
        limits: Which types to keep.

    Raises:
        CorpusError: No type of the text would be kept.
    """
    kept_always = {*limits.always, *limits.known}
    apart = {limits.unknown, *kept_always}
    places = [k for k, token in enumerate(types) if token in apart]
    eligible = counts >= max(limits.min_count, 1)
    eligible[places] = False
    frequent = _most_frequent(counts, eligible, limits)
    always = np.array([k for k in places if types[k] in kept_always], np.intp)
    if not len(frequent) and not (limits.known and counts[always].any()):
        raise CorpusError(
            f"no token of the training text is kept with corpus.min_count {limits.min_count} and "
            f"corpus.max_vocabulary {limits.max_vocabulary}; lower the first or raise the second"
        )
    chosen = np.sort(np.concatenate([frequent, always]))
    kept = chosen[np.argsort(-counts[chosen], kind="stable")]
    left_out = int(counts.sum() - counts[kept].sum())  # includes the unknown token itself
    place = int(np.searchsorted(-counts[kept], -left_out, side="right"))
    tokens = [types[k] for k in kept]
    tokens.insert(place, limits.unknown)
    with_unknown = np.insert(counts[kept], place, left_out).astype(np.int64)
    return Vocabulary(tokens, with_unknown, limits.unknown)


def extend_vocabulary(
    vocabulary: Vocabulary,
    types: Sequence[str],
    counts: npt.NDArray[np.int64],
    limits: VocabularyLimits,
) -> Vocabulary:
    """Return a vocabulary with new types of a text at the end, so that known ids stay.

    They are added most frequent first, and have the counts of this text.

    Args:
        vocabulary: The known types; its unknown token stays.
        types: All types of the text in order of first appearance.
        counts: ``(len(types),)``.
        limits: Which types to add; ``max_vocabulary`` limits the known ones and the new ones
            together.
    """
    eligible = counts >= max(limits.min_count, 1)
    eligible[[k for k, token in enumerate(types) if token in vocabulary]] = False
    new = np.flatnonzero(eligible)
    new = new[np.argsort(-counts[new], kind="stable")]
    if limits.max_vocabulary is not None:
        new = new[: max(0, limits.max_vocabulary - len(vocabulary))]
    tokens = [*vocabulary.tokens, *(types[int(k)] for k in new)]
    grown = np.concatenate([vocabulary.counts, counts[new]])
    return Vocabulary(tokens, grown, vocabulary.unknown)


def _most_frequent(
    counts: npt.NDArray[np.int64], eligible: npt.NDArray[np.bool_], limits: VocabularyLimits
) -> npt.NDArray[np.intp]:
    """Return the most frequent eligible types, at most as many as the vocabulary has room for.

    Of equal counts those that appeared first. Types that are too rare are dropped before sorting:
    of ten million types only some thousands may be kept.
    """
    candidates = np.flatnonzero(eligible)
    if limits.max_vocabulary is None:
        return candidates
    room = max(0, limits.max_vocabulary - 1 - len(limits.always))
    if 0 < room < len(candidates):
        least = np.partition(counts[candidates], -room)[-room]
        candidates = candidates[counts[candidates] >= least]
    return candidates[np.argsort(-counts[candidates], kind="stable")][:room]
