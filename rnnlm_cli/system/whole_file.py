"""Writing a file so that a reader sees the old one or the new one, whole.

What is written goes to a temporary file in the same folder, flushed to disk and then renamed. Its
name, ``.rnnlm.HOST.PROCESS.RANDOM.tmp``, cannot be guessed and is never one that exists, so that
nobody's link, pipe or file is opened in its place. It is locked while it is written: one that can
be locked by another process was left by a process that has ended, and the next save removes it.

- A symbolic link is followed: the file it leads to is replaced, and the link stays.
- A replaced file keeps its mode, group and access-control list, and its owner where the system
  permits; a new one follows the umask.
- The other names (hard links) of a replaced file keep the old content; ``other_names`` counts them.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import os
import platform
import re
import secrets
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from rnnlm_cli.errors import UsageError
from rnnlm_cli.system.locks import locks_hold, try_lock

TEMPORARY = re.compile(r"\.rnnlm\.(?P<host>[0-9a-f]{8})\.\d+\.[0-9a-f]{16}\.tmp")
"""Names of temporary files: our mark, the host, the process, and what cannot be guessed."""

FLAGS = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
"""A link is not followed where a temporary file is created or locked."""

ATTEMPTS = 100
"""A new file is lost to a process that sweeps only if that comes within microseconds."""

LEFT_SECONDS = 86_400
"""Where a lock tells nothing (another host's file, a file system without locks), a file is left
behind if it is this much older than the last change of its folder."""

ACL = "system.posix_acl_access"

NO_FOLDER_FLUSH = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EACCES, errno.EBADF)
"""Errors of a system that cannot flush a folder, or of a folder that may not be read."""


@contextlib.contextmanager
def whole_file(path: str | Path, replace: bool = True) -> Iterator[IO[bytes]]:
    """Open a temporary file in the same folder; at the end it is flushed to disk and renamed.

    Args:
        path: The file to write; a symbolic link is followed.
        replace: Replace a file that exists. Without it a file is never replaced, not even one
            that another process makes in the meantime.

    Raises:
        UsageError: The file already exists and is not to be replaced.
        OSError: The disk is full, the folder is read-only, something other than a regular file
            has the name, and so on. After this and any other error the temporary file is gone and
            what was there before untouched.
    """
    name, target = os.fspath(path), os.path.realpath(path)
    old = regular_file(name)
    if not replace and os.path.lexists(name):
        raise taken([name])
    temporary = ""
    try:
        # what replaces a private file must not be readable to others while it is written
        temporary, descriptor = _create(os.path.dirname(target), 0o600 if old else 0o666)
        with open(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
            if old is not None:
                _keep_access(target, old, descriptor)
            if not _leads_to(temporary, descriptor):
                raise OSError(errno.ESTALE, "another program has taken away the temporary file")
            if os.name != "posix":  # where an open file cannot be renamed
                file.close()
            _rename(temporary, target, name, replace)
    except BaseException as error:
        if isinstance(error, OSError) and _is_temporary(error.filename):
            error.filename, error.filename2 = name, None
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _flush_folder(os.path.dirname(target))


def regular_file(path: str | Path) -> os.stat_result | None:
    """Return what is known of a file that may be replaced, ``None`` where there is none.

    Raises:
        OSError: Something other than a regular file has the name, or only a folder can have it.
    """
    found = None
    with contextlib.suppress(FileNotFoundError):
        found = os.stat(path)
    if os.fspath(path).endswith("/") or not (found is None or stat.S_ISREG(found.st_mode)):
        raise OSError(errno.EISDIR, "is no file", os.fspath(path))
    return found


def other_names(path: str | Path) -> int:
    """Return how many other names (hard links) a file has; they keep what is replaced under one."""
    with contextlib.suppress(OSError):
        return max(0, os.stat(path).st_nlink - 1)
    return 0


def taken(paths: Sequence[str | Path]) -> UsageError:
    """Return the error for files that exist and are not to be replaced."""
    names = ", ".join(map(str, paths))
    verb, them = ("already exists", "it") if len(paths) == 1 else ("already exist", "them")
    remedy = f"use {{overwrite=True}} to replace {them}, or choose another name"
    return UsageError(verb, place=names, remedy=remedy)


def _create(folder: str, mode: int) -> tuple[str, int]:
    """Create a temporary file and lock it; return its path and descriptor."""
    _sweep(folder)
    for _ in range(ATTEMPTS):
        name = f".rnnlm.{_host()}.{os.getpid()}.{secrets.token_hex(8)}.tmp"
        path = os.path.join(folder, name)
        descriptor = os.open(path, FLAGS | os.O_CREAT | os.O_EXCL, mode)
        # a process that sweeps may have locked or removed it before it was locked here
        if try_lock(descriptor) and _leads_to(path, descriptor):
            return path, descriptor
        os.close(descriptor)
        with contextlib.suppress(OSError):
            os.unlink(path)
    raise OSError(errno.EAGAIN, "a temporary file beside it cannot be locked")


@functools.cache
def _host() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def _is_temporary(path: str | None) -> bool:
    """Whether an error is about the temporary file, whose name tells a user nothing."""
    return path is None or TEMPORARY.fullmatch(os.path.basename(path)) is not None


def _leads_to(path: str, descriptor: int) -> bool:
    """Whether a path still leads to an open file, by itself and not through a link."""
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    return False


def _sweep(folder: str) -> None:
    """Remove the temporary files that ended processes of this user left in a folder."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):  # a folder that may not be read; what matters comes later
        left = [name for name in os.listdir(folder) if TEMPORARY.fullmatch(name)]
        for path in (os.path.join(folder, name) for name in left):
            with contextlib.suppress(OSError):
                _remove_if_left(path)


def _remove_if_left(path: str) -> None:
    descriptor = os.open(path, FLAGS | getattr(os, "O_NONBLOCK", 0))
    try:
        found = os.fstat(descriptor)
        if (
            stat.S_ISREG(found.st_mode)
            and found.st_uid == os.geteuid()
            and try_lock(descriptor)
            and ((_is_of_this_host(path) and locks_hold(path)) or _is_old(path, found))
            and _leads_to(path, descriptor)
        ):
            os.unlink(path)
    finally:
        os.close(descriptor)


def _is_of_this_host(path: str) -> bool:
    name = TEMPORARY.fullmatch(os.path.basename(path))
    return name is not None and name["host"] == _host()


def _is_old(path: str, found: os.stat_result) -> bool:
    # both times are the file system's, so that clocks that differ do not matter
    return os.stat(os.path.dirname(path)).st_mtime - found.st_mtime > LEFT_SECONDS


def _keep_access(target: str, old: os.stat_result, descriptor: int) -> None:
    """Give a new file the owner, group, mode and access-control list of the one it replaces."""
    if os.name != "posix":
        return
    new, mode = os.fstat(descriptor), stat.S_IMODE(old.st_mode) & 0o777
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        try:
            os.fchown(descriptor, old.st_uid, old.st_gid)
        except OSError:  # only root gives files away; a group may be given by its members
            try:
                os.fchown(descriptor, -1, old.st_gid)
            except OSError:  # another group gets no more than everybody has
                mode = mode & 0o707 | (mode & 0o007) << 3
    _keep_acl(target, descriptor)
    with contextlib.suppress(OSError):  # a file system without modes
        os.fchmod(descriptor, mode)


def _keep_acl(target: str, descriptor: int) -> None:
    """Give a new file the access-control list of the one it replaces, not that of the folder."""
    with contextlib.suppress(OSError, AttributeError):  # a system without such lists
        try:
            os.setxattr(descriptor, ACL, os.getxattr(target, ACL))
        except OSError:  # the old file has none
            os.removexattr(descriptor, ACL)


def _rename(temporary: str, target: str, name: str, replace: bool) -> None:
    """Give a temporary file its name."""
    if replace:
        os.replace(temporary, target)
        return
    try:
        os.link(temporary, target)  # which, other than renaming, replaces nothing
    except FileExistsError:
        raise taken([name]) from None
    except OSError:  # a file system without hard links
        if os.path.lexists(target):
            raise taken([name]) from None
        os.replace(temporary, target)
    else:
        os.unlink(temporary)


def _flush_folder(folder: str) -> None:
    """Have the rename itself on disk, where the system can."""
    if os.name != "posix":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in NO_FOLDER_FLUSH:
            error.filename = folder
            raise
