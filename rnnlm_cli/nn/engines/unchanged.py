"""A promise that weights do not change, so that what is laid out from them can be kept."""

from __future__ import annotations

import threading
from collections.abc import Collection

from rnnlm_cli.nn.param import Param


class Unchanged:
    """While at least one thread is inside, ``Param.laid_out`` keeps its copies."""

    def __init__(self, params: Collection[Param]) -> None:
        self._params = params
        self._lock = threading.Lock()
        self._inside = 0

    def __enter__(self) -> None:
        """Promise that no weight changes until the end."""
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                for param in self._params:
                    param.kept = {}

    def __exit__(self, *error: object) -> None:
        """Drop the copies, unless another thread is inside."""
        with self._lock:
            self._inside -= 1
            if not self._inside:
                for param in self._params:
                    param.kept = None
