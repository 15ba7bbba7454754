"""Writing a file so that a reader sees the old one or the new one, whole."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def whole_file(path: str | Path) -> Iterator[IO[bytes]]:
    """Open a temporary file in the same folder; at the end it is flushed to disk and renamed.

    Raises:
        OSError: The disk is full, the folder is read-only, and so on. After this and any other
            error the temporary file is gone and what was there before untouched.
    """
    temporary = Path(f"{path}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    _flush_folder(Path(path).parent)


def _flush_folder(folder: Path) -> None:
    """Have the rename itself on disk, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
