"""Locks on open files and folders, which end with the process that holds them, however it ends."""

from __future__ import annotations

import errno


def try_lock(descriptor: int) -> bool:
    """Lock an open file or folder until it is closed; return whether no other process has it.

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
