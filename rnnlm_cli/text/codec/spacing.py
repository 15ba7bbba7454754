"""Where text has a space between two tokens of a line."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Classes = npt.NDArray[np.uint8]


class Spacing(NamedTuple):
    """A rule by the classes of two tokens.

    Attributes:
        left: ``(types,)`` the class at the left edge of each type.
        right: ``(types,)`` the class at its right edge.
        spaced: ``(classes, classes)`` whether there is a space, by the class at the right edge of
            one token and the class at the left edge of the next.
    """

    left: Classes
    right: Classes
    spaced: Flags

    @classmethod
    def constant(cls, types: int, spaced: bool) -> Spacing:
        """Return the rule of a space between any two tokens, or between none."""
        one = np.zeros(types, np.uint8)
        return cls(one, one, np.full((1, 1), spaced))

    def separated(self, before: npt.NDArray[np.uint32], token: npt.NDArray[np.uint32]) -> Flags:
        """Return ``(n,)``, whether there is a space between ``before[k]`` and ``token[k]``."""
        return self.spaced[self.right[before], self.left[token]]
