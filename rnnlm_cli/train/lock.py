"""Locks, so that only one training at a time writes the same files."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress

from rnnlm_cli.config.run_names import lock_of
from rnnlm_cli.errors import TrainingError, UsageError
from rnnlm_cli.system.locks import leads_to, locks_hold, try_lock
from rnnlm_cli.train.files import RunFiles, Seen


class LockFile:
    """A file that exists only to be locked; its holder removes it.

    Its first line is a mark and a signature. The mark protects any other file of that name from
    being taken for a lock or removed; the signature is unique to the holder. A killed holder leaves
    the file behind; the next one takes it over.

    Attributes:
        path: The file.
        excludes: Whether no other process can take it. False on a file system without locks: there
            the last process to sign holds the lock, and the others find its signature.
    """

    MARK = b"rnnlm lock of process "

    def __init__(self, path: str, descriptor: int) -> None:
        """Use ``take``."""
        self.path = path
        self.excludes = False
        self._descriptor = descriptor
        self._signature = self.MARK + b"%d %s\n" % (os.getpid(), secrets.token_hex(8).encode())
        self._check_mark()
        with suppress(FileNotFoundError):  # just removed; is_held detects it
            self.excludes = locks_hold(path)

    @classmethod
    def take(cls, path: str) -> LockFile | None:
        """Create or take over a lock file; return ``None`` if another process holds it.

        Raises:
            UsageError: Another kind of file has that name.
            OSError: It cannot be opened or written.
        """
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        while True:
            descriptor = os.open(path, flags, 0o666)
            try:
                if not try_lock(descriptor):
                    os.close(descriptor)
                    return None
                if leads_to(path, descriptor):
                    return cls(path, descriptor)
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)  # its holder removed it between the two calls; try again

    def _check_mark(self) -> None:
        regular = stat.S_ISREG(os.fstat(self._descriptor).st_mode)
        if not regular or os.read(self._descriptor, len(self.MARK)) not in (b"", self.MARK):
            raise UsageError(
                f"{self.path}: has the name of a lock file but is not one; move it away, or set "
                "another checkpoint.path"
            )

    def sign(self) -> None:
        """Write the mark, the process id and the signature."""
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, self._signature)

    def is_held(self) -> bool:
        """Whether the path still leads to this file; if not, it excludes no one."""
        return leads_to(self.path, self._descriptor)

    def is_lost(self) -> bool:
        """Whether another process has taken the file, which is possible only without locks."""
        if self.excludes:
            return False
        with suppress(FileNotFoundError), open(self.path, "rb") as file:
            return file.read(len(self._signature)) != self._signature
        return False

    def release(self) -> None:
        """Remove the file, then unlock it; in this order, so that no file stays without a holder.

        A process that opened it before it was removed sees, once it has the lock, that it is gone.
        """
        if self.is_held() and not self.is_lost():
            with suppress(OSError):
                os.unlink(self.path)
        os.close(self._descriptor)


class RunLock:
    """Keeps other trainings from writing the files of this one; links are followed.

    It locks separate hidden files, ``.NAME.lock`` beside ``NAME.pkl``, which no user has a reason
    to touch. If one is removed all the same, ``check`` takes it again, unless another training has
    used the gap.

    Attributes:
        excludes: Whether other trainings are kept out. On a file system without locks they are
            not, but of two trainings the first stops at its next ``check``.
    """

    def __init__(self, files: RunFiles, before: Seen | None = None) -> None:
        """Take all locks.

        Args:
            files: The files to protect.
            before: Their stamps from when this training began to read, if another training can
                have written since.

        Raises:
            UsageError: Another training holds a lock, or has written since.
            OSError: A lock file cannot be written.
        """
        self._files = files
        self._locks: list[LockFile] = []
        self._directories: dict[str, tuple[int, int]] = {}
        try:
            for path in files.lock_paths():
                self._locks.append(self._take(path))
                self._directories[path] = _identity(path)
            self.excludes = all(lock.excludes for lock in self._locks)
            if before is not None:
                files.check_unchanged(before)
            for lock in self._locks:
                lock.sign()
            self._seen: Seen = files.seen()
        except BaseException:
            self.close()
            raise

    def check(self) -> None:
        """Check, before anything is written, that no other training writes these files.

        Raises:
            UsageError: Another training writes them, or has written them.
            TrainingError: The output directory was replaced by another one.
            OSError: A removed lock file cannot be written again.
        """
        for number, lock in enumerate(self._locks):
            if lock.is_lost():
                raise self._busy(lock.path)
            if not lock.is_held():
                self._check_directory(lock.path)
                self._locks[number] = self._take(lock.path)
                self._locks[number].sign()
                lock.release()
                self._files.check_unchanged(self._seen)

    def wrote(self) -> None:
        """Record the files as this training has just written them."""
        self._seen = self._files.seen()

    def close(self) -> None:
        """Release all locks."""
        for lock in self._locks:
            lock.release()
        self._locks.clear()

    def _take(self, path: str) -> LockFile:
        try:
            lock = LockFile.take(path)
        except OSError as error:
            error.filename = self._files.model
            raise
        if lock is None:
            raise self._busy(path)
        return lock

    def _check_directory(self, path: str) -> None:
        with suppress(FileNotFoundError):  # the next write reports it
            if _identity(path) != self._directories[path]:
                raise TrainingError(
                    f"{os.path.dirname(path)} was renamed or removed, and is another directory now",
                    place=self._files.model,
                    remedy="move the old one back and use {resume=True} to continue from the last "
                    "saved state",
                )

    def _busy(self, lock: str) -> UsageError:
        events = self._files.events
        if events is not None and lock == lock_of(os.path.realpath(events)):
            path, key = events, "training.tensorboard"
        else:
            path, key = self._files.model, "checkpoint.path"
        return UsageError(
            f"{path}: in use by another training; wait for it, stop it, or set another {key}"
        )


def _identity(path: str) -> tuple[int, int]:
    """Return device and inode of a file's directory, which identify it."""
    found = os.stat(os.path.dirname(path))
    return found.st_dev, found.st_ino
