"""The configs and corpora that ship, wherever the package is: in a checkout or installed.

A wheel carries the top-level folders ``configs`` and ``corpora`` inside this package; a checkout
has them where they are.
"""

from __future__ import annotations

from pathlib import Path

FOLDERS = {"configs": "*.yaml", "corpora": "hello.txt"}
"""What ships of each folder."""


def shipped(folder: str) -> list[Path]:
    """Return the shipped files of ``configs`` or ``corpora``, by name."""
    here = Path(__file__).parent
    inside, checkout = here / folder, here.parents[1] / folder
    return sorted((inside if inside.is_dir() else checkout).glob(FOLDERS[folder]))
