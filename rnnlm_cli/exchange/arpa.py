r"""Reading n-gram models in the ARPA format.

::

    \data\
    ngram 1=37
    ngram 2=47

    \1-grams:
    -1.99<TAB>word<TAB>-0.4       log10 p, the words, log10 of the back-off weight (optional)

    \end\
"""

from __future__ import annotations

import math
import re

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.exchange.arpa_file import WRITE_AGAIN, arpa_lines
from rnnlm_cli.exchange.backoff import ZERO, ArpaModel, Entry, NGram, one_unknown, shown
from rnnlm_cli.exchange.numerals import read_numeral
from rnnlm_cli.text.spellings import BEGIN, END, UNKNOWN, UNKNOWN_SPELLINGS

BLANKS = re.compile(r"[ \t]+")


def read_arpa(path: str) -> ArpaModel:
    """Read an ARPA file, or one that ends in ``.gz``.

    It refuses what KenLM refuses: a file without ``<s>`` or ``</s>``, a probability above 1, a word
    that is not among the 1-grams. It also refuses duplicate n-grams (``<unk>`` and ``<UNK>`` are
    the same word): KenLM takes the last, so its figures depend on the order of the lines.

    Raises:
        UsageError: There is no such file.
        CorpusError: It is not a valid ARPA file; the line is named.
    """
    return _Reader(path).read()


class _Reader:
    """One pass over the lines of a file."""

    def __init__(self, path: str) -> None:
        self._path, self._lines, self._number = path, arpa_lines(path), 0
        self._entries: dict[NGram, Entry] = {}
        self._words: dict[str, str] = {}  # the words of the 1-grams, by each spelling
        self._above_one: dict[NGram, int] = {}  # lines of back-off weights

    def read(self) -> ArpaModel:
        self._find_data()
        sizes, line = self._sizes()
        if not sizes or sizes.keys() != set(range(1, len(sizes) + 1)):
            raise self._error("the orders in \\data\\ are not 1, 2, 3, ...")
        for order, size in sorted(sizes.items()):
            if line != f"\\{order}-grams:":
                raise self._error(f"'{line[:40]}' instead of \\{order}-grams:")
            line = self._section(order, size)
        if line != "\\end\\":
            raise self._error(f"'{line[:40]}' instead of \\end\\")
        return ArpaModel(self._path, len(sizes), self._entries, self._above_one)

    def _find_data(self) -> None:
        """Skip the lines before the line that begins the data section."""
        for line in self._lines:
            self._number += 1
            if line == "\\data\\":
                return
            if line.strip("\\").lower() == "data":
                raise self._error(
                    f"there is no \\data\\ line; '{line[:40]}' is not one", "write \\data\\"
                )
        raise self._error("there is no \\data\\ line", "name an ARPA file")

    def _sizes(self) -> tuple[dict[int, int], str]:
        """Read the number of n-grams per order; also return the line after the section."""
        sizes: dict[int, int] = {}
        while (line := self._next()).startswith("ngram"):
            match = re.fullmatch(r"ngram[ \t]+([0-9]{1,3})[ \t]*=[ \t]*([0-9]{1,18})", line)
            if not match:
                raise self._error(f"{line[:40]!r} is not of the form ngram N=COUNT")
            order = int(match[1])
            if order in sizes:
                raise self._error(f"ngram {order} is given twice")
            sizes[order] = int(match[2])
        return sizes, line

    def _section(self, order: int, size: int) -> str:
        """Read the n-grams of one order; return the line after them."""
        found = 0
        while not is_heading(line := self._next()):
            ngram, entry = self._entry(order, line)
            if ngram in self._entries:
                same = " (<UNK> is the same word)" if UNKNOWN in ngram else ""
                raise self._error(f"{shown(ngram)} is given twice{same}", "delete one of the two")
            self._entries[ngram] = entry
            if entry.backoff > 0:
                self._above_one[ngram] = self._number
            found += 1
        if found != size:
            raise self._error(f"there are {found:,} {order}-grams, and \\data\\ says {size:,}")
        for marker in (BEGIN, END) if order == 1 else ():
            if marker not in self._words:
                raise self._error(
                    f"{marker} is not among the 1-grams",
                    f"estimate the model from lines between {BEGIN} and {END}",
                )
        return line

    def _entry(self, order: int, line: str) -> tuple[NGram, Entry]:
        """Read the line of an n-gram."""
        fields = BLANKS.split(line)
        if len(fields) not in (order + 1, order + 2):
            raise self._error(f"{line[:40]!r} is not a {order}-gram with its numbers")
        log10_prob = self._log10(fields[0])
        if log10_prob > 0:
            raise self._error(f"{fields[0][:40]!r} is the logarithm of a probability above 1")
        backoff = self._log10(fields[-1]) if len(fields) == order + 2 else 0.0
        if backoff > -ZERO:
            raise self._error(f"{fields[-1][:40]!r} is not the logarithm of a back-off weight")
        if order == 1:
            word = one_unknown(fields[1])
            for spelling in UNKNOWN_SPELLINGS if word == UNKNOWN else (word,):
                self._words[spelling] = word
        try:
            ngram = tuple([self._words[word] for word in fields[1 : order + 1]])
        except KeyError as error:
            raise self._error(f"{error.args[0][:40]!r} is not among the 1-grams") from None
        return ngram, Entry(log10_prob, backoff)

    def _log10(self, field: str) -> float:
        """Read a logarithm; the values that mean log of zero become minus infinity."""
        try:
            number = read_numeral(field)
        except ValueError:
            if field.lower() == "-inf":
                return -math.inf
            raise self._error(f"{field[:40]!r} is not a log-probability") from None
        return number if number > ZERO else -math.inf

    def _next(self) -> str:
        """Return the next line that is not blank."""
        for line in self._lines:
            self._number += 1
            if line:
                return line
        raise self._error("the file ends before \\end\\; it is truncated")

    def _error(self, what: str, remedy: str = WRITE_AGAIN) -> CorpusError:
        return CorpusError(f"{self._path}: line {self._number}: {what}; {remedy}")


def is_heading(line: str) -> bool:
    """Whether a line starts the next section; lines of n-grams start with a number."""
    return line.startswith("\\")
