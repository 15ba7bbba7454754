"""By which version and from which texts a model was made."""

from __future__ import annotations

import msgspec


class TextOrigin(msgspec.Struct, frozen=True):
    """A text that a model was trained or validated on.

    Attributes:
        split: ``train`` or ``valid``.
        name: The last part of its name, without the author's directories.
        sha256: The SHA-256 of the file's bytes, hexadecimal, as ``sha256sum`` prints it. Of a
            directory or a pattern, that of the lines ``SHA-256``, two spaces, path below it, one
            for each file in the order of reading. Empty for what can be read only once.
        files: The number of files.
    """

    split: str
    name: str
    sha256: str
    files: int = 1


class Origin(msgspec.Struct, frozen=True):
    """Where a model comes from; without a clock, so that equal trainings give equal files.

    Attributes:
        version: Of the rnnlm that trained it; empty if another program did.
        texts: Those of its training.
        earlier: Those of the models whose weights it started from (``training.init_from``).
    """

    version: str = ""
    texts: tuple[TextOrigin, ...] = ()
    earlier: tuple[TextOrigin, ...] = ()


UNKNOWN_ORIGIN = Origin()
"""Of another program's model."""
