"""Locks on open files, which end with the process that holds them, however it ends."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path


def try_lock(descriptor: int) -> bool:
    """Lock an open file until it is closed; return whether no other process has it.

    Where there are no such locks (Windows, some network file systems) nothing is kept from anybody.
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
    """Whether a file that is locked cannot be locked again.

    Where it can, the file system has no locks: it refuses them, or takes them without effect.
    """
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    try:
        return not try_lock(descriptor)
    finally:
        os.close(descriptor)


def leads_to(path: str | Path, descriptor: int) -> bool:
    """Whether a path leads to an open file: somebody may have removed or replaced it."""
    with suppress(OSError):
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    return False
