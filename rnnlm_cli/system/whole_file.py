"""Atomic writing: a reader sees either the whole old file or the whole new one.

Data goes to a temporary file in the same directory, which is flushed to disk and then renamed. Its
name, ``.rnnlm.HOST.PROCESS.RANDOM.tmp``, cannot be guessed and is always new, so an existing link,
pipe or file is never opened. The file is locked while it is written. One that another process can
lock was left by a process that has ended, and the next save removes it.

- A symbolic link is followed: the file it leads to is replaced, and the link stays.
- A replaced file keeps its mode, group and access-control list, and its owner if the system
  permits; a new file follows the umask.
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
"""Names of temporary files: our mark, a hash of the host, the process, and random digits."""

FLAGS = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
"""Flags to create or lock a temporary file; links are not followed."""

ATTEMPTS = 100
"""Attempts to create a temporary file; another process removes one only within microseconds."""

LEFT_SECONDS = 86_400
"""If a lock proves nothing (a file of another host, a file system without locks), a file counts as
abandoned when it is this much older than the last change of its directory."""

ACL = "system.posix_acl_access"

NO_FLUSH = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EACCES, errno.EBADF)
"""Errors when a directory cannot be flushed or may not be read."""


@contextlib.contextmanager
def whole_file(path: str | Path, replace: bool = True) -> Iterator[IO[bytes]]:
    """Open a temporary file in the same directory; at the end it is flushed to disk and renamed.

    Args:
        path: The file to write; a symbolic link is followed.
        replace: Replace an existing file. If false, a file is never replaced, not even one that
            another process creates in the meantime.

    Raises:
        UsageError: The file already exists and ``replace`` is false.
        OSError: The disk is full, the directory is read-only, the path is not a regular file, and
            so on. After any error the temporary file is removed and the old file is unchanged.
    """
    name, target = os.fspath(path), os.path.realpath(path)
    old = regular_file(name)
    if not replace and os.path.lexists(name):
        raise taken([name])
    temporary = ""
    try:
        # the replacement of a private file must not be readable by others while it is written
        temporary, descriptor = _create(os.path.dirname(target), 0o600 if old else 0o666)
        with open(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
            if old is not None:
                _keep_access(target, old, descriptor)
            if not _leads_to(temporary, descriptor):
                raise OSError(errno.ESTALE, "another program has removed the temporary file")
            if os.name != "posix":  # an open file cannot be renamed there
                file.close()
            _rename(temporary, target, name, replace)
    except BaseException as error:
        if isinstance(error, OSError) and _is_temporary(error.filename):
            error.filename, error.filename2 = name, None
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _flush_directory(os.path.dirname(target))


def regular_file(path: str | Path) -> os.stat_result | None:
    """Return the status of a file that may be replaced, or ``None`` if it does not exist.

    Raises:
        OSError: The path is not a regular file, or its name is that of a directory.
    """
    found = None
    with contextlib.suppress(FileNotFoundError):
        found = os.stat(path)
    if os.fspath(path).endswith("/") or not (found is None or stat.S_ISREG(found.st_mode)):
        raise OSError(errno.EISDIR, "is not a regular file", os.fspath(path))
    return found


def existing_files(paths: Sequence[str | Path], replace: bool) -> list[str | Path]:
    """Return which files exist of those that are about to be written.

    A symbolic link counts as an existing file, even if its target does not exist.

    Args:
        paths: All files that are about to be written.
        replace: Whether existing files may be replaced.

    Raises:
        UsageError: Some exist and may not be replaced, which are all named, or one is not a regular
            file.
    """
    for path in paths:
        try:
            regular_file(path)
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}; name a file") from None
    existing = [path for path in paths if os.path.lexists(path)]
    if existing and not replace:
        raise taken(existing)
    return existing


def other_names(path: str | Path) -> int:
    """Return the number of other names (hard links) of a file; they keep its old content."""
    with contextlib.suppress(OSError):
        return max(0, os.stat(path).st_nlink - 1)
    return 0


def taken(paths: Sequence[str | Path]) -> UsageError:
    """Return the error for files that exist and must not be replaced."""
    names = ", ".join(map(str, paths))
    verb, them = ("already exists", "it") if len(paths) == 1 else ("already exist", "them")
    remedy = f"use {{overwrite=True}} to replace {them}, or choose another name"
    return UsageError(verb, place=names, remedy=remedy)


def _create(directory: str, mode: int) -> tuple[str, int]:
    """Create a temporary file and lock it; return its path and descriptor."""
    _sweep(directory)
    for _ in range(ATTEMPTS):
        name = f".rnnlm.{_host()}.{os.getpid()}.{secrets.token_hex(8)}.tmp"
        path = os.path.join(directory, name)
        descriptor = os.open(path, FLAGS | os.O_CREAT | os.O_EXCL, mode)
        # another process may have locked or removed it before it was locked here
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
    """Whether an error names the temporary file, which means nothing to a user."""
    return path is None or TEMPORARY.fullmatch(os.path.basename(path)) is not None


def _leads_to(path: str, descriptor: int) -> bool:
    """Whether a path still leads to an open file, not through a link."""
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    return False


def _sweep(directory: str) -> None:
    """Remove the temporary files that ended processes of this user left in a directory."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):  # an unreadable directory; real errors come later
        left = [name for name in os.listdir(directory) if TEMPORARY.fullmatch(name)]
        for path in (os.path.join(directory, name) for name in left):
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
    # both times come from the file system, so differing clocks do not matter
    return os.stat(os.path.dirname(path)).st_mtime - found.st_mtime > LEFT_SECONDS


def _keep_access(target: str, old: os.stat_result, descriptor: int) -> None:
    """Give a new file the owner, group, mode and access-control list of the one it replaces."""
    if os.name != "posix":
        return
    new, mode = os.fstat(descriptor), stat.S_IMODE(old.st_mode) & 0o777
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        try:
            os.fchown(descriptor, old.st_uid, old.st_gid)
        except OSError:  # only root may change the owner; a member may set the group
            try:
                os.fchown(descriptor, -1, old.st_gid)
            except OSError:  # another group gets only the permissions of others
                mode = mode & 0o707 | (mode & 0o007) << 3
    _keep_acl(target, descriptor)
    with contextlib.suppress(OSError):  # a file system without modes
        os.fchmod(descriptor, mode)


def _keep_acl(target: str, descriptor: int) -> None:
    """Give a new file the access-control list of the one it replaces, not the directory's."""
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
        os.link(temporary, target)  # unlike renaming, this never replaces a file
    except FileExistsError:
        raise taken([name]) from None
    except OSError:  # a file system without hard links
        if os.path.lexists(target):
            raise taken([name]) from None
        os.replace(temporary, target)
    else:
        os.unlink(temporary)


def _flush_directory(directory: str) -> None:
    """Flush a directory, so that a rename in it is on disk, if the system can."""
    if os.name != "posix":
        return
    try:
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in NO_FLUSH:
            error.filename = directory
            raise
