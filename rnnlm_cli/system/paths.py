"""Relative paths, seen from one folder or from another."""

from __future__ import annotations

import os

MOST_PATH = 4096
"""Characters of a path; Linux opens none that is longer."""


def rebase(path: str, folder: str) -> str:
    """Return a path that was relative to ``folder`` as the working directory sees it.

    Standard input (``-``) and absolute paths stay as they are, and so do no path at all and one
    that is too long for any system, which are for others to refuse.
    """
    if path in ("", "-") or len(path) > MOST_PATH or os.path.isabs(path):
        return path
    joined = os.path.join(folder, path)
    tidy = os.path.normpath(joined)
    if os.pardir not in joined.split(os.sep):
        return tidy
    # a/../b is b, unless a is a link
    return tidy if os.path.realpath(tidy) == os.path.realpath(joined) else joined


def relative_to(path: str, folder: str) -> str:
    """Return a path of the working directory as ``folder`` sees it; the inverse of ``rebase``."""
    if path == "-" or os.path.isabs(path):
        return path
    return os.path.relpath(os.path.realpath(path), os.path.realpath(folder or "."))
