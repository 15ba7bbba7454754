"""One training at a time writes a model: the locks on its files."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress

from rnnlm_cli.errors import TrainingError, UsageError
from rnnlm_cli.system.locks import leads_to, locks_hold, try_lock
from rnnlm_cli.train.files import RunFiles, Seen


class LockFile:
    """A file that exists to be locked, and that its holder removes.

    Its first line is a mark, so that nothing else of that name is ever taken for one or removed,
    and what no other holder signs with. A holder that was killed leaves the file; the next one
    takes it over.

    Attributes:
        path: The file.
        excludes: Whether no other can take it: false on a file system without locks. There the
            last one to sign it has it, and the others find its signature.
    """

    MARK = b"rnnlm lock of process "

    def __init__(self, path: str, descriptor: int) -> None:
        """Use ``take``."""
        self.path = path
        self.excludes = False
        self._descriptor = descriptor
        self._signature = self.MARK + b"%d %s\n" % (os.getpid(), secrets.token_hex(8).encode())
        self._check_mark()
        with suppress(FileNotFoundError):  # removed just now; is_held tells
            self.excludes = locks_hold(path)

    @classmethod
    def take(cls, path: str) -> LockFile | None:
        """Make or take over a lock file; return ``None`` where another process holds it.

        Raises:
            UsageError: There is something else of that name.
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
            os.close(descriptor)  # its holder has removed it between the two; once more

    def _check_mark(self) -> None:
        regular = stat.S_ISREG(os.fstat(self._descriptor).st_mode)
        if not regular or os.read(self._descriptor, len(self.MARK)) not in (b"", self.MARK):
            raise UsageError(
                f"{self.path}: has the name of a lock and is none; move it away, or set another "
                "checkpoint.path"
            )

    def sign(self) -> None:
        """Write the mark and the process, for whoever looks into it."""
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, self._signature)

    def is_held(self) -> bool:
        """Whether the file is still there: else it keeps nobody away."""
        return leads_to(self.path, self._descriptor)

    def is_lost(self) -> bool:
        """Whether another has taken the file, which is possible only without locks."""
        if self.excludes:
            return False
        with suppress(FileNotFoundError), open(self.path, "rb") as file:
            return file.read(len(self._signature)) != self._signature
        return False

    def release(self) -> None:
        """Remove the file and let go of it; in this order, so that none is left without a holder.

        Whoever opened it before it was removed finds, once it has the lock, that it is gone.
        """
        if self.is_held() and not self.is_lost():
            with suppress(OSError):
                os.unlink(self.path)
        os.close(self._descriptor)


class RunLock:
    """Keeps other trainings from the files that this one writes, links followed.

    What is locked are hidden files of their own, ``.NAME.lock`` beside ``NAME.pkl``, which no user
    has a reason to touch. Should one be removed all the same, ``check`` takes it again, unless
    another training has used the gap.

    Attributes:
        excludes: Whether others are kept away. On a file system without locks they are not, but
            of two trainings the first stops at its next ``check``.
    """

    def __init__(self, files: RunFiles, before: Seen | None = None) -> None:
        """Take all locks.

        Args:
            files: What is written.
            before: What was there when this training began to read, if another training can have
                written since.

        Raises:
            UsageError: Another training has one of them, or has written since.
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
        """Make sure, before something is written, that no other training writes it.

        Raises:
            UsageError: Another one does, or has.
            TrainingError: Another directory has taken the place of the one that is written in.
            OSError: A lock file that was removed cannot be written again.
        """
        for number, lock in enumerate(self._locks):
            if lock.is_lost():
                raise self._busy()
            if not lock.is_held():
                self._check_directory(lock.path)
                self._locks[number] = self._take(lock.path)
                self._locks[number].sign()
                lock.release()
                self._files.check_unchanged(self._seen)

    def wrote(self) -> None:
        """Take notice of what this training has just written."""
        self._seen = self._files.seen()

    def close(self) -> None:
        """Let others in."""
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
            raise self._busy()
        return lock

    def _check_directory(self, path: str) -> None:
        with suppress(FileNotFoundError):  # what is written next tells that
            if _identity(path) != self._directories[path]:
                raise TrainingError(
                    f"{os.path.dirname(path)} was renamed or removed, and is another directory now",
                    place=self._files.model,
                    remedy="move the old one back and use {resume=True} to continue from the last "
                    "saved state",
                )

    def _busy(self) -> UsageError:
        return UsageError(
            f"{self._files.model}: another training is writing it; wait for it, stop it, or "
            "set another checkpoint.path"
        )


def _identity(path: str) -> tuple[int, int]:
    """Return what tells the directory of a file from every other one."""
    found = os.stat(os.path.dirname(path))
    return found.st_dev, found.st_ino
