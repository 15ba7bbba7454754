"""Writing a file so that a reader sees the old one or the new one, whole."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def whole_file(path: str | Path) -> Iterator[IO[bytes]]:
    """Open a temporary file in the same folder; at the end it is flushed to disk and renamed.

    A link is followed: what it points to is replaced.

    Raises:
        OSError: The disk is full, the folder is read-only, there is something else than a file,
            and so on. After this and any other error the temporary file is gone and what was
            there before untouched.
    """
    target = Path(os.path.realpath(path))
    if str(path).endswith("/") or (target.exists() and not target.is_file()):
        raise OSError(errno.EISDIR, "is no file", str(path))
    temporary = Path(f"{target}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename in (None, str(temporary)):
            error.filename = str(path)
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    _flush_folder(target.parent)


def _flush_folder(folder: Path) -> None:
    """Have the rename itself on disk, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
