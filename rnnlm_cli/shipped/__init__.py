"""The configs and corpora in the package.

In a checkout, ``configs`` and ``corpora`` next to this file are links to the top-level directories;
a wheel and an sdist hold the files themselves.
"""

from __future__ import annotations

from pathlib import Path

SHIPPED = {"configs": "*.yaml", "corpora": "hello.txt"}
"""Pattern of the packaged files per directory; a checkout's ``corpora`` also has fetched texts."""


def shipped(directory: str) -> list[Path]:
    """Return the packaged files of ``configs`` or ``corpora``, sorted by name."""
    return sorted((Path(__file__).parent / directory).glob(SHIPPED[directory]))
