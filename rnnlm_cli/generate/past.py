"""An index of a text so far, for the queries of filters.

The index is updated per token, so that a growing text is never read again. Texts with the same
start share the index of the start.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable
from typing import Protocol

import numpy as np

from rnnlm_cli.system.arrays import Ids


class Past(Protocol):
    """The queries of filters about the ids of one text so far, including its start."""

    def types(self) -> Ids:
        """Return each distinct id, in no particular order."""

    def followers(self, context: int) -> set[int]:
        """Return the ids that follow earlier occurrences of the last ``context`` ids.

        With ``context`` 0, return all ids of the text.
        """


class Start:
    """The ids that texts start with; the answer to each query is computed once.

    Attributes:
        ids: The ids.
    """

    def __init__(self, ids: Iterable[int] = ()) -> None:
        self.ids = array("q", ids)
        self._ngrams: dict[int, _Ngrams] = {}
        self._types: Ids | None = None

    def types(self) -> Ids:
        """Return each distinct id."""
        if self._types is None:
            self._types = np.unique(np.array(self.ids, np.int64))
        return self._types

    def ngrams(self, context: int) -> _Ngrams:
        """Return the index of the ids that follow each run of ``context`` ids."""
        if context not in self._ngrams:
            self._ngrams[context] = _Ngrams(self.ids, context)
        return self._ngrams[context]


class Growing:
    """A text that grows token by token; a query costs only the tokens since the last one."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._ids = array("q")  # the ids after the start
        self._ngrams: dict[int, _Ngrams] = {}
        self._tails: dict[int, int] = {}  # by context: ids of the start that its index begins with
        self._types: Ids | None = None
        self._seen: set[int] = set()
        self._counted = 0  # how many ids the types include

    def append(self, token: int) -> None:
        """Add an id."""
        self._ids.append(token)

    def types(self) -> Ids:
        """Return each distinct id."""
        if self._types is None:
            self._types = self._start.types()
            self._seen = set(self._types.tolist())
        new = [k for k in dict.fromkeys(self._ids[self._counted :]) if k not in self._seen]
        self._counted = len(self._ids)
        if new:
            self._seen.update(new)
            self._types = np.append(self._types, new)
        return self._types

    def followers(self, context: int) -> set[int]:
        """Return the ids that follow earlier occurrences of the last ``context`` ids."""
        if context == 0:
            return set(self.types().tolist())
        if context not in self._ngrams:
            tail = _last(self._start.ids, context)
            self._tails[context] = len(tail)
            self._ngrams[context] = _Ngrams(tail, context)
        own = self._ngrams[context]
        own.extend(self._ids[len(own.ids) - self._tails[context] :])
        last = _last(own.ids, context)
        return self._start.ngrams(context).after(last) | own.after(last)


class Branch:
    """One text of a beam: it shares its start with others and is queried once.

    A beam's texts are copied and dropped at each step, so there is no index of the ids after the
    start; they are compared directly.
    """

    def __init__(self, start: Start, ids: Ids) -> None:
        """Join a start and the ids after it.

        Args:
            start: The shared start.
            ids: ``(N,)`` the ids after it.
        """
        self._start, self._ids = start, ids

    def types(self) -> Ids:
        """Return each distinct id."""
        return np.union1d(self._start.types(), self._ids)

    def followers(self, context: int) -> set[int]:
        """Return the ids that follow earlier occurrences of the last ``context`` ids."""
        if context == 0:
            return set(self.types().tolist())
        ids = np.concatenate([_last(self._start.ids, context), self._ids]).astype(np.int64)
        starts = max(len(ids) - context, 0)
        last = array("q", ids[starts:].tolist())
        found = self._start.ngrams(context).after(last)
        places = np.arange(starts)
        for k, token in enumerate(last):
            if not len(places):
                break
            places = places[ids[places + k] == token]
        return found | set(ids[places + context].tolist())


class _Ngrams:
    """An index of the ids that follow each run of ``context`` ids in a text.

    A context is stored as a digest, so that long ones take no more memory than short ones. Most
    contexts have one follower, so most entries need no set.

    Attributes:
        ids: The ids read so far.
    """

    def __init__(self, ids: Iterable[int], context: int) -> None:
        self.ids = array("q")
        self._context = context
        self._found: dict[bytes, int | set[int]] = {}
        self.extend(ids)

    def extend(self, ids: Iterable[int]) -> None:
        """Add ids to the index."""
        for token in ids:
            place = len(self.ids)
            self.ids.append(token)
            if place < self._context:
                continue
            key = _key(self.ids[place - self._context : place])
            found = self._found.setdefault(key, token)
            if isinstance(found, set):
                found.add(token)
            elif found != token:
                self._found[key] = {found, token}

    def after(self, last: array[int]) -> set[int]:
        """Return the followers of a context; empty if it has another length."""
        found = self._found.get(_key(last), set())
        return found if isinstance(found, set) else {found}


def _key(ids: array[int]) -> bytes:
    return hashlib.blake2b(ids.tobytes(), digest_size=16).digest()


def _last(ids: array[int], most: int) -> array[int]:
    """Return the last ids, at most ``most``."""
    return ids[max(len(ids) - most, 0) :]
