"""Launches that repeat from block to block, as one CUDA graph.

A step of a small network is a product and a kernel of a few microseconds each, and to launch them
takes as long. A graph is launched once for all steps of a block.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnnlm_cli.errors import one_line
from rnnlm_cli.nn.cuda.products import ONE_AT_A_TIME
from rnnlm_cli.nn.device import cupy


class Graphs:
    """Whether graphs are used, in this process."""

    wanted = True
    failure = ""  # why not, in one line, after one could not be captured


class Loop:
    """A loop whose launches and arrays are the same each time.

    The first time it runs as it is written, so that kernels are compiled and cuBLAS has its memory;
    the second time its launches are captured.
    """

    def __init__(self) -> None:
        self._graph: Any = None
        self._ran = False

    def run(self, work: Callable[[], None]) -> None:
        """Run the loop on the current stream.

        Args:
            work: The loop, the same each time; it allocates nothing and waits for nothing.
        """
        if self._graph is None and self._ran and Graphs.wanted:
            self._graph = captured(work)
        if self._graph is None:
            work()
        else:
            self._graph.launch()
        self._ran = True


def captured(work: Callable[[], None]) -> Any:
    """Return the graph of what is launched; ``None`` if it cannot be captured, then and later."""
    stream = cupy().cuda.Stream(non_blocking=True)
    try:
        with ONE_AT_A_TIME, stream:
            stream.begin_capture()
            try:
                work()
            finally:
                graph = stream.end_capture()
    except Exception as error:  # CuPy's classes, which cannot be named without it
        first = error.__context__ or error  # the end of a capture fails because its work did
        Graphs.wanted, Graphs.failure = False, one_line(f"{type(first).__name__}: {first}")
        return None
    return graph
