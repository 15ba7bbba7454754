"""The tokens a model knows, each with an id."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from rnnlm_cli.errors import CorpusError


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

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: str) -> bool:
        return token in self.index

    def near(self, token: str, most: int = 3) -> list[str]:
        """Return known tokens that are spelled like this one, the nearest first."""
        alike = difflib.get_close_matches(token, self.tokens, n=most, cutoff=0.6)
        other_case = {token.lower(), token.capitalize(), token.upper()} & self.index.keys()
        return [*sorted(other_case), *(t for t in alike if t not in other_case)][:most]


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
