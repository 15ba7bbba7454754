"""Where text has a space between two tokens of a line."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Classes = npt.NDArray[np.uint8]


class Spacing(NamedTuple):
    """A rule by classes of characters, and the tokens that depart from it.

    The rule gives, for the class at the right edge of one token and the class at the left edge of
    the next, whether there is a space between them. A token that departs has the opposite.

    Attributes:
        left: ``(types,)`` the class at the left edge of each type.
        right: ``(types,)`` the class at its right edge.
        spaced: ``(classes, classes)`` the rule, by right and left edge.
        departs: ``(types,)`` whether the text before the type departs from the rule.
    """

    left: Classes
    right: Classes
    spaced: Flags
    departs: Flags

    @classmethod
    def constant(cls, types: int, spaced: bool) -> Spacing:
        """Return the rule of a space between any two tokens, or between none."""
        one = np.zeros(types, np.uint8)
        return cls(one, one, np.full((1, 1), spaced), np.zeros(types, bool))

    def separated(self, before: npt.NDArray[np.uint32], token: npt.NDArray[np.uint32]) -> Flags:
        """Return ``(n,)``, whether there is a space between ``before[k]`` and ``token[k]``."""
        return self.spaced[self.right[before], self.left[token]] ^ self.departs[token]
