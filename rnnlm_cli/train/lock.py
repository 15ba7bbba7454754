"""One training at a time writes a model: the locks on its files."""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from rnnlm_cli.errors import UsageError
from rnnlm_cli.system.locks import leads_to, try_lock
from rnnlm_cli.train.files import RunFiles, Seen


class LockFile:
    """A file that exists to be locked, and that its holder removes.

    Its first line is a mark, so that nothing else of that name is ever taken for one or removed.
    A holder that was killed leaves the file; the next one takes it over.
    """

    MARK = b"rnnlm lock of process "

    def __init__(self, path: str, descriptor: int) -> None:
        """Use ``take``."""
        self.path = path
        self._descriptor = descriptor

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
                    cls._sign(path, descriptor)
                    return cls(path, descriptor)
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)  # its holder has removed it between the two; once more

    @classmethod
    def _sign(cls, path: str, descriptor: int) -> None:
        """Write the mark and the process, for whoever looks into it."""
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        if not regular or os.read(descriptor, len(cls.MARK)) not in (b"", cls.MARK):
            raise UsageError(
                f"{path}: has the name of a lock and is none; move it away, or set another "
                "checkpoint.path"
            )
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, cls.MARK + b"%d\n" % os.getpid())

    def is_held(self) -> bool:
        """Whether the file is still there: else it keeps nobody away."""
        return leads_to(self.path, self._descriptor)

    def release(self) -> None:
        """Remove the file and let go of it; in this order, so that none is left without a holder.

        Whoever opened it before it was removed finds, once it has the lock, that it is gone.
        """
        if self.is_held():
            with suppress(OSError):
                os.unlink(self.path)
        os.close(self._descriptor)


class RunLock:
    """Keeps other trainings from the files that this one writes, links followed.

    What is locked are hidden files of their own, ``.NAME.lock`` beside ``NAME.pkl``, which no user
    has a reason to touch. Should one be removed all the same, ``check`` takes it again, unless
    another training has used the gap.
    """

    def __init__(self, files: RunFiles) -> None:
        """Take all locks.

        Raises:
            UsageError: Another training has one of them.
            OSError: A lock file cannot be written.
        """
        self._files = files
        self._seen: Seen = files.seen()
        self._locks: list[LockFile] = []
        try:
            for path in files.lock_paths():
                self._locks.append(self._take(path))
        except BaseException:
            self.close()
            raise

    def check(self) -> None:
        """Make sure, before something is written, that no other training writes it.

        Raises:
            UsageError: Another one does, or has.
            OSError: A lock file that was removed cannot be written again.
        """
        for number, lock in enumerate(self._locks):
            if not lock.is_held():
                self._locks[number] = self._take(lock.path)
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
            raise UsageError(
                f"{self._files.model}: another training is writing it; wait for it, stop it, or "
                "set another checkpoint.path"
            )
        return lock
