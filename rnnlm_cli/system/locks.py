"""Locks on open files; the system releases them when the process ends, even if it is killed."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path


def try_lock(descriptor: int) -> bool:
    """Lock an open file until it is closed; return false if another process has locked it.

    Without such locks (Windows, some network file systems) nothing is locked, and it returns true.
    """
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        pass
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
    return True


def locks_hold(path: str | Path) -> bool:
    """Whether a locked file cannot be locked again.

    If it can, the file system has no locks: it refuses them, or accepts them without effect.
    """
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    try:
        return not try_lock(descriptor)
    finally:
        os.close(descriptor)


def leads_to(path: str | Path, descriptor: int) -> bool:
    """Whether a path still leads to an open file; it may have been removed or replaced."""
    with suppress(OSError):
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    return False
