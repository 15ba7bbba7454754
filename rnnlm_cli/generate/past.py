"""What a text holds so far, in the form in which filters ask for it.

A text that grows by one token must not be read again for each: what is known of it is kept and
grows with it. Several texts share what is known of their start.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable
from typing import Protocol

import numpy as np

from rnnlm_cli.system.arrays import Ids


class Past(Protocol):
    """What filters ask about the ids of one text so far, its start among them."""

    def types(self) -> Ids:
        """Return each id that it holds, once, in no particular order."""

    def followers(self, context: int) -> set[int]:
        """Return the ids that follow earlier occurrences of the last ``context`` ids.

        All ids where the context is zero.
        """


class Start:
    """The ids that texts begin with; what is asked about them is worked out once.

    Attributes:
        ids: All of them.
    """

    def __init__(self, ids: Iterable[int] = ()) -> None:
        self.ids = array("q", ids)
        self._ngrams: dict[int, _Ngrams] = {}
        self._types: Ids | None = None

    def types(self) -> Ids:
        """Return each id that it holds, once."""
        if self._types is None:
            self._types = np.unique(np.array(self.ids, np.int64))
        return self._types

    def ngrams(self, context: int) -> _Ngrams:
        """Return what follows every ``context`` ids in it."""
        if context not in self._ngrams:
            self._ngrams[context] = _Ngrams(self.ids, context)
        return self._ngrams[context]


class Growing:
    """A text that grows token by token; a question costs what is new since the last one."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._ids = array("q")  # what came after the start
        self._ngrams: dict[int, _Ngrams] = {}
        self._tails: dict[int, int] = {}  # by context: how much of the start is read with the ids
        self._types: Ids | None = None
        self._seen: set[int] = set()
        self._counted = 0  # ids that are among the types

    def append(self, token: int) -> None:
        """Add an id."""
        self._ids.append(token)

    def types(self) -> Ids:
        """Return each id that it holds, once."""
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
    """A text that is asked once, of many that begin alike: one of a beam.

    A beam's texts are copied and dropped at each step, so nothing is kept of what follows the
    start; all of it is compared at once.
    """

    def __init__(self, start: Start, ids: Ids) -> None:
        """Join the two.

        Args:
            start: What it shares with others.
            ids: ``(N,)`` what came after.
        """
        self._start, self._ids = start, ids

    def types(self) -> Ids:
        """Return each id that it holds, once."""
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
    """What follows every ``context`` ids of a text, for one such length.

    A context is kept as its digest, so that long ones take no more room than short ones, and most
    are followed by one id, so that most need no set.

    Attributes:
        ids: What was read.
    """

    def __init__(self, ids: Iterable[int], context: int) -> None:
        self.ids = array("q")
        self._context = context
        self._found: dict[bytes, int | set[int]] = {}
        self.extend(ids)

    def extend(self, ids: Iterable[int]) -> None:
        """Read more."""
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
        """Return what followed a context, of the right length or nothing is found."""
        found = self._found.get(_key(last), set())
        return found if isinstance(found, set) else {found}


def _key(ids: array[int]) -> bytes:
    return hashlib.blake2b(ids.tobytes(), digest_size=16).digest()


def _last(ids: array[int], most: int) -> array[int]:
    """Return the last ids, at most so many."""
    return ids[max(len(ids) - most, 0) :]
