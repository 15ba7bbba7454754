"""Directories and patterns such as ``novels/*.txt``: the files that they stand for.

A ``*``, ``?`` or ``[...]`` matches within a name, ``**`` any directories. None of them matches a
name that begins with a dot. A directory stands for all files below it, as ``DIRECTORY/**`` does.
Links to files are followed; links to directories only where the pattern names them, so that no
file is found twice and no loop is entered.
"""

from __future__ import annotations

import glob
import math
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from rnnlm_cli.errors import UsageError

BELOW = "**"

OWN = ".rnnlm"
"""The directory of cached ids (see ``text/cache.py``), not worth a word."""

LeftOut = dict[str, list[str]]
"""The names of what is left out, by kind."""


class Found(NamedTuple):
    """Something that a pattern matches."""

    path: str
    entry: os.DirEntry[str]
    hidden: bool
    below: bool  # found by ``**``


class Pattern(NamedTuple):
    """A pattern.

    Attributes:
        root: The directory in which it begins; empty for the working directory.
        parts: The names below it, with ``*`` and so on.
    """

    root: str
    parts: tuple[str, ...]

    @classmethod
    def of(cls, name: str) -> Pattern | None:
        """Return the pattern that a name is; ``None`` if it names a file.

        What exists under a name is meant by it, even if the name has a ``*`` or a ``[``.
        """
        if os.path.isdir(name):
            return cls(name, (BELOW,))
        if not glob.has_magic(name) or os.path.lexists(name):
            return None
        root, below = (os.sep, name[1:]) if os.path.isabs(name) else ("", name)
        names = [part for part in below.split(os.sep) if part]
        while names and _is_literal(root, names[0]):
            root = os.path.join(root, names.pop(0))
        return cls(root, tuple(names)) if names else None

    def files(self, most: float = math.inf) -> tuple[list[str], LeftOut]:
        """Return the paths of its files, sorted name by name, and what is left out.

        Args:
            most: Maximum number of files and directories to look at.

        Raises:
            UsageError: A directory cannot be read, or there are more files and directories.
        """
        paths = set[str]()
        left_out: LeftOut = defaultdict(list)
        for found in self._found(most):
            kind = _kind(found)
            if kind == "file":
                paths.add(found.path)
            elif kind:
                left_out[kind].append(found.entry.name)
        return sorted(paths, key=lambda path: path.split(os.sep)), left_out

    def fits(self, path: str) -> bool:
        """Whether it stands for a file, now or once the file exists."""
        below = os.path.relpath(os.path.realpath(path), os.path.realpath(self.root or os.curdir))
        return below.split(os.sep)[0] != os.pardir and _fits(below.split(os.sep), self.parts)

    def _found(self, most: float) -> Iterator[Found]:
        places: list[tuple[str, tuple[str, ...], bool]] = [(self.root, self.parts, False)]
        seen = 0
        while places:
            directory, (first, *rest), below = places.pop()
            if first == BELOW:
                places.append((directory, tuple(rest) or ("*",), True))
            for entry in _entries(directory):
                seen += 1
                if seen > most:
                    raise UsageError(f"has more than {most:,.0f} files and directories")
                path, hidden = os.path.join(directory, entry.name), _is_hidden(entry.name, first)
                if first == BELOW:
                    if not hidden and not entry.is_symlink() and _is(entry.is_dir):
                        places.append((path, (BELOW, *rest), True))
                elif fnmatchcase(entry.name, first):
                    if not rest:
                        yield Found(path, entry, hidden, below)
                    elif not hidden and _is(entry.is_dir):
                        places.append((path, tuple(rest), below))


def _is_literal(root: str, name: str) -> bool:
    """Whether a name is meant as it is, because it has no ``*`` or because it exists."""
    return not glob.has_magic(name) or os.path.lexists(os.path.join(root, name))


def _is_hidden(name: str, pattern: str) -> bool:
    return name.startswith(".") and not pattern.startswith(".")


def _entries(directory: str) -> Iterator[os.DirEntry[str]]:
    """Yield what is in a directory; nothing if there is no such directory."""
    try:
        with os.scandir(directory or os.curdir) as entries:
            yield from entries
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        said = f"{directory}: {error.strerror}; name a directory that can be read"
        raise UsageError(said) from None


def _kind(found: Found) -> str:
    """Return ``file``, why it is left out, or nothing for what is not worth a word."""
    entry = found.entry
    if found.hidden:
        return "" if entry.name == OWN else "hidden"
    if _is(entry.is_dir):
        linked = "linked directory" if entry.is_symlink() else ""
        return linked if found.below else "directory"
    return "file" if _is(entry.is_file) else "not a regular file"


def _is(what: Callable[[], bool]) -> bool:
    """Ask what an entry is; it is nothing if a link of it leads nowhere that may be read."""
    try:
        return what()
    except OSError:
        return False


def _fits(names: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether a path, name by name, matches a pattern, part by part."""
    if not parts or not names:
        return not parts and not names
    first, rest = parts[0], parts[1:]
    if first == BELOW:
        deeper = len(names) > 1 and not _is_hidden(names[0], first)
        return _fits(names, rest or ("*",)) or (deeper and _fits(names[1:], parts))
    fitting = fnmatchcase(names[0], first) and not _is_hidden(names[0], first)
    return fitting and _fits(names[1:], rest)
