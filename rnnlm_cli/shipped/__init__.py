"""The configs and corpora that ship.

``configs`` and ``corpora`` beside this file are links to the top-level directories of a checkout;
a wheel and an sdist hold the files themselves.
"""

from __future__ import annotations

from pathlib import Path

SHIPPED = {"configs": "*.yaml", "corpora": "hello.txt"}
"""What ships of each directory. A checkout's ``corpora`` holds what was fetched besides."""


def shipped(directory: str) -> list[Path]:
    """Return the shipped files of ``configs`` or ``corpora``, by name."""
    return sorted((Path(__file__).parent / directory).glob(SHIPPED[directory]))
