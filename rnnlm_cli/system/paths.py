"""Conversion of relative paths from one directory to another."""

from __future__ import annotations

import os

MOST_PATH = 4096
"""Maximum characters of a path, as on Linux."""


def rebase(path: str, folder: str) -> str:
    """Return a path relative to ``folder`` as a path relative to the working directory.

    Standard input (``-``) and absolute paths are unchanged. So are empty and too long paths, which
    later checks refuse.
    """
    if path in ("", "-") or len(path) > MOST_PATH or os.path.isabs(path):
        return path
    joined = os.path.join(folder, path)
    tidy = os.path.normpath(joined)
    if os.pardir not in joined.split(os.sep):
        return tidy
    # a/../b is b, unless a is a symbolic link
    return tidy if os.path.realpath(tidy) == os.path.realpath(joined) else joined


def relative_to(path: str, folder: str) -> str:
    """Return a path of the working directory relative to ``folder``; the inverse of ``rebase``."""
    if path == "-" or os.path.isabs(path):
        return path
    return os.path.relpath(os.path.realpath(path), os.path.realpath(folder or "."))


def last_name(path: str) -> str:
    """Return the last part of a path, which tells nothing of the directories above.

    >>> [last_name(path) for path in ("/home/me/texts/a.txt", "../novels/", "-")]
    ['a.txt', 'novels', '-']
    """
    return os.path.basename(os.path.abspath(path)) if path != "-" else path
