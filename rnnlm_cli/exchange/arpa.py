r"""N-gram models in the ARPA format: read, and asked for the probability of a token.

::

    \data\
    ngram 1=37
    ngram 2=47

    \1-grams:
    -1.99<TAB>word<TAB>-0.4       log10 p, the words, log10 of the back-off weight if there is one

    \end\
"""

from __future__ import annotations

import gzip
import math
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO, cast

from rnnlm_cli.errors import CorpusError, UsageError

BEGIN, END, UNKNOWN = "<s>", "</s>", "<unk>"

NOTHING = -100.0
"""Log10 of what a model without an unknown word gives to one: KenLM's custom."""

NGram = tuple[str, ...]


class ArpaModel:
    """A back-off n-gram model (Katz, 1987).

    ``p(w | h)`` is that of the longest n-gram ``h w`` that the model has; for each word of ``h``
    that is left out on the way there, the back-off weight of the longer history is a factor.

    Attributes:
        order: The longest n-gram's length.
    """

    def __init__(self, order: int, entries: dict[NGram, tuple[float, float]]) -> None:
        self.order = order
        self._entries = entries

    def __contains__(self, word: str) -> bool:
        return (word,) in self._entries

    def log10_prob(self, history: Sequence[str], word: str) -> float:
        """Return ``log10 p(word | history)``; of the history its last words count.

        Words that the model does not know are its unknown word.
        """
        known = [self._known(w) for w in history[-(self.order - 1) :]] if self.order > 1 else []
        target, backoff = self._known(word), 0.0
        for start in range(len(known) + 1):
            context = tuple(known[start:])
            found = self._entries.get((*context, target))
            if found is not None:
                return backoff + found[0]
            if context in self._entries:
                backoff += self._entries[context][1]
        return backoff + NOTHING

    def _known(self, word: str) -> str:
        return word if (word,) in self._entries else UNKNOWN


def read_arpa(path: str) -> ArpaModel:
    """Read an ARPA file, or one that ends in ``.gz``.

    Raises:
        UsageError: There is no such file.
        CorpusError: It is no ARPA file, or damaged; the line is named.
    """
    try:
        with _open(path) as file:
            return _Reader(path, file).read()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as error:
        raise UsageError(f"{path}: {error.strerror}; name an ARPA file") from None
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise CorpusError(f"{path}: no sound ARPA file ({error}); write it again") from None
    except ValueError as error:  # a path with a NUL byte
        raise UsageError(f"{path!r}: {error}; name an ARPA file") from None


def _open(path: str) -> TextIO:
    if path.endswith(".gz"):
        return cast(TextIO, gzip.open(path, "rt", encoding="utf-8", newline="\n"))
    return Path(path).open(encoding="utf-8", newline="\n")


class _Reader:
    """One pass over the lines of a file."""

    def __init__(self, path: str, file: TextIO) -> None:
        self._path, self._lines, self._number = path, iter(file), 0

    def read(self) -> ArpaModel:
        while self._next() != "\\data\\":
            pass
        sizes, line = self._sizes()
        if not sizes or sizes.keys() != set(range(1, len(sizes) + 1)):
            raise self._error("the orders of \\data\\ do not go from 1 up")
        entries: dict[NGram, tuple[float, float]] = {}
        for order, size in sorted(sizes.items()):
            if line != f"\\{order}-grams:":
                raise self._error(f"{line[:40]!r} instead of \\{order}-grams:")
            line = self._section(order, size, entries)
        if line != "\\end\\":
            raise self._error(f"{line[:40]!r} instead of \\end\\")
        return ArpaModel(len(sizes), entries)

    def _sizes(self) -> tuple[dict[int, int], str]:
        sizes = {}
        while match := re.fullmatch(r"ngram ([0-9]{1,3}) *= *([0-9]{1,18})", line := self._next()):
            sizes[int(match[1])] = int(match[2])
        return sizes, line

    def _section(self, order: int, size: int, entries: dict[NGram, tuple[float, float]]) -> str:
        """Read the n-grams of one order; return the line after them."""
        found = 0
        while not is_heading(line := self._next()):
            fields = re.split(r"[ \t]+", line)
            if len(fields) not in (order + 1, order + 2):
                raise self._error(f"{line[:40]!r} is no {order}-gram with its numbers")
            backoff = self._number_in(fields[-1]) if len(fields) == order + 2 else 0.0
            log10_prob = self._number_in(fields[0])
            if log10_prob > 0:
                raise self._error(f"{fields[0][:40]!r} is no log-probability")
            entries[tuple(fields[1 : order + 1])] = (log10_prob, backoff)
            found += 1
        if found != size:
            raise self._error(f"there are {found:,} {order}-grams, and \\data\\ says {size:,}")
        return line

    def _number_in(self, field: str) -> float:
        try:
            number = float(field)
        except ValueError:
            number = math.nan
        if math.isnan(number) or number == math.inf:
            raise self._error(f"{field[:40]!r} is no log-probability")
        return number

    def _next(self) -> str:
        """Return the next line that is not blank."""
        for line in self._lines:
            self._number += 1
            if stripped := line.strip(" \t\r\n"):
                return stripped
        raise self._error("the file ends before \\end\\; it is cut, or no ARPA file")

    def _error(self, what: str) -> CorpusError:
        return CorpusError(f"{self._path}: line {self._number}: {what}; write the file again")


def is_heading(line: str) -> bool:
    """Whether a line begins the next section: n-grams begin with a number."""
    return line.startswith("\\")
