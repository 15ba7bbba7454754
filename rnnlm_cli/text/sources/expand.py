"""The names of texts become files: directories, patterns and archives are expanded."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from rnnlm_cli.errors import RnnlmError, UsageError, shortened
from rnnlm_cli.text.encodings import SAMPLE_BYTES, wide_encoding
from rnnlm_cli.text.reader import STANDARD_INPUT, Source
from rnnlm_cli.text.sources import archive
from rnnlm_cli.text.sources.archive import Archive
from rnnlm_cli.text.sources.formats import format_of
from rnnlm_cli.text.sources.named import File, Group
from rnnlm_cli.text.sources.patterns import LeftOut, Pattern

MOST_NAMED = 2
"""How many of the files of one kind that are left out are named."""

PDF = b"%PDF-"
"""A PDF may begin with a kilobyte without a NUL byte."""


def expand(names: Iterable[Source], field: str | None) -> list[Source]:
    """Return the files of a text, in order.

    A directory stands for its files of text, a pattern for those that match, and a zip archive for
    its members, each sorted by name. Hidden, empty and binary files are left out, unless they are
    named themselves.

    Args:
        names: Paths, patterns, ``-``, or texts in memory.
        field: The field of a record that is the text; see ``File``.

    Raises:
        UsageError: A directory, a pattern or an archive stands for no file of text, or a file or a
            directory cannot be read.
        CorpusError: An archive is damaged.
    """
    return list(chain.from_iterable(_files(name, field) for name in names))


def reads(names: Sequence[str]) -> Callable[[str], str | None]:
    """Return a function that says which of these names of texts a path belongs to.

    The path need not exist: a file that a training will write into a directory that it reads
    belongs to the directory.

    Raises:
        UsageError: A directory cannot be read.
    """
    patterns = [(name, Pattern.of(name)) for name in names if name != STANDARD_INPUT]
    files = {
        os.path.realpath(path): name
        for name, pattern in patterns
        for path in ([name] if pattern is None else pattern.files()[0])
    }

    def name_of(path: str) -> str | None:
        if found := files.get(os.path.realpath(path)):
            return found
        return next((name for name, one in patterns if one is not None and one.fits(path)), None)

    return name_of


def _files(name: Source, field: str | None) -> Iterator[Source]:
    """Yield the files that one name stands for."""
    if not isinstance(name, str) or name == STANDARD_INPUT:
        yield name
        return
    left_out: LeftOut = defaultdict(list)
    if (pattern := Pattern.of(name)) is not None:
        paths, left_out = pattern.files()
        found = [File(path, field) for path in paths]
        shown = os.path.join(name, "") if os.path.isdir(name) else name
    elif _is_archive(name):
        found, shown = [File(name, field)], name
    else:
        yield File(name, field)
        return
    texts = [file for file in chain.from_iterable(map(_members, found)) if _keeps(file, left_out)]
    said = _said(left_out)
    if not texts:
        nothing = "no text file matches" if shown == name and pattern else "holds no text file"
        but = f" (left out: {said})" if said else ""
        raise UsageError(
            f"{name}: {nothing}{but}; name one, or a directory or pattern that has one"
        )
    group = Group(shown, len(texts), said)
    yield from (replace(file, group=group) for file in texts)


def _is_archive(name: str) -> bool:
    return name.lower().endswith(archive.ENDING) and os.path.isfile(name)


def _members(file: File) -> list[File]:
    """Return the members of an archive; of another file, itself."""
    if not _is_archive(file.path):
        return [file]
    opened = Archive(file.path)
    return [replace(file, archive=opened, member=info) for info in opened.members()]


def _keeps(file: File, left_out: LeftOut) -> bool:
    """Whether a file that was found is one of text; otherwise it is noted."""
    inside = [] if file.member is None else file.member.filename.split("/")
    if any(part.startswith(".") or part == "__MACOSX" for part in inside):
        kind = "hidden"
    elif inside and inside[-1].lower().endswith(archive.ENDING):
        kind = "archive in an archive"
    else:
        kind = _no_text(file)
    if kind:
        left_out[kind].append(os.path.basename(file.name))
    return not kind


def _no_text(file: File) -> str:
    """Return ``empty`` or ``binary``; nothing for a file that may be a text."""
    form = format_of(file)
    if form is not None and form.binary:
        return ""
    try:
        with file.open(expansion=float("inf")) as opened:
            sample = opened.read(SAMPLE_BYTES)
    except (OSError, RnnlmError):  # an error when it is read
        return ""
    if not sample:
        return "empty"
    strange = b"\0" in sample and not wide_encoding(sample)
    return "binary" if strange or sample.startswith(PDF) else ""


def _said(left_out: LeftOut) -> str:
    """Describe what is left out: ``binary (a.png, b.png and 7 more), hidden (.git)``."""
    return ", ".join(f"{kind} ({_listed(names)})" for kind, names in sorted(left_out.items()))


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    listed = ", ".join(map(shortened, sorted(names)[:MOST_NAMED]))
    return f"{listed} and {more:,} more" if more > 0 else listed
