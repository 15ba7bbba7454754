"""The tokens a model knows, each with an id."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
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


def choose_vocabulary(
    types: Sequence[str],
    counts: npt.NDArray[np.int64],
    unknown: str,
    min_count: int = 1,
    max_vocabulary: int | None = None,
    always: Collection[str] = (),
) -> Vocabulary:
    """Keep the types that are frequent enough, and the unknown token in any case.

    Args:
        types: All types in order of first appearance.
        counts: ``(len(types),)``.
        unknown: The token that stands for what is left out.
        min_count: Rarer types are left out.
        max_vocabulary: At most so many tokens, the unknown one among them.
        always: Types that are kept however rare they are.

    Raises:
        CorpusError: No type of the text would be left.
    """
    by_frequency = np.argsort(-counts, kind="stable")
    apart = {unknown, *always}
    places = [k for k, token in enumerate(types) if token in apart]
    eligible = counts >= max(min_count, 1)
    eligible[places] = False
    frequent = by_frequency[eligible[by_frequency]]
    if max_vocabulary is not None:
        frequent = frequent[: max(0, max_vocabulary - 1 - len(always))]
    chosen = np.zeros(len(types), bool)
    chosen[frequent] = True
    chosen[[k for k in places if types[k] in always]] = True
    kept = by_frequency[chosen[by_frequency]]
    if not len(frequent):
        raise CorpusError(
            f"no token of the training text is kept with corpus.min_count {min_count} and "
            f"corpus.max_vocabulary {max_vocabulary}; lower the first or raise the second"
        )
    left_out = int(counts.sum() - counts[kept].sum())  # the unknown token's own are among them
    place = int(np.searchsorted(-counts[kept], -left_out, side="right"))
    tokens = [types[k] for k in kept]
    tokens.insert(place, unknown)
    return Vocabulary(tokens, np.insert(counts[kept], place, left_out).astype(np.int64), unknown)
