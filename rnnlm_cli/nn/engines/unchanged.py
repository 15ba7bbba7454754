"""A promise that weights do not change, so that what is laid out from them can be kept."""

from __future__ import annotations

from collections.abc import Collection

from rnnlm_cli.nn.cpu.threads import Shared
from rnnlm_cli.nn.param import Param


class Unchanged(Shared):
    """While at least one thread is inside, ``Param.laid_out`` keeps its copies."""

    def __init__(self, params: Collection[Param]) -> None:
        super().__init__()
        self._params = params

    def _begin(self) -> None:
        for param in self._params:
            param.kept = {}

    def _end(self) -> None:
        for param in self._params:
            param.kept = None
