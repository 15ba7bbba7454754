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

import re
from collections.abc import Iterator, Sequence

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.exchange.arpa_file import WRITE_AGAIN, arpa_blocks
from rnnlm_cli.exchange.arpa_lines import LineFault
from rnnlm_cli.exchange.arpa_sections import Part, Sections
from rnnlm_cli.exchange.backoff import ArpaModel


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
        self._path, self._blocks, self._sections = path, arpa_blocks(path), Sections()
        self._block: list[str] = []
        self._at = 0  # the next line in the block
        self._number = 0  # that of the last line that was read

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
        return self._sections.model(self._path)

    def _find_data(self) -> None:
        """Skip the lines before the line that begins the data section."""
        while (line := self._next_or_none()) != "\\data\\":
            if line is None:
                raise self._error("there is no \\data\\ line", "name an ARPA file")
            if line.strip("\\").lower() == "data":
                raise self._error(
                    f"there is no \\data\\ line; '{line[:40]}' is not one", "write \\data\\"
                )

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
        parts, heading = list[Part](), None
        while heading is None:
            numbers, lines, heading = self._next_lines()
            parts += self._parsed(order, numbers, lines)
        try:
            self._sections.add(parts)
        except LineFault as fault:
            raise self._error(fault.problem, fault.remedy, fault.number) from None
        found = sum(len(part.numbers) for part in parts)
        if found != size:
            raise self._error(f"there are {found:,} {order}-grams, and \\data\\ says {size:,}")
        return heading

    def _next_lines(self) -> tuple[Sequence[int], list[str], str | None]:
        """Return some lines with their numbers, and the heading if one follows them."""
        if not self._more():
            raise self._truncated()
        rest, first = self._block[self._at :], self._number + 1
        heads = [k for k, line in enumerate(rest) if line[:1] == "\\"]
        end = heads[0] if heads else len(rest)
        heading = rest[end] if heads else None
        passed = end + len(heads[:1])
        self._at, self._number = self._at + passed, self._number + passed
        lines = rest[:end]
        if "" not in lines:
            return range(first, first + end), lines, heading
        numbers = [k for k, line in enumerate(lines, first) if line]
        return numbers, [line for line in lines if line], heading

    def _parsed(self, order: int, numbers: Sequence[int], lines: list[str]) -> Iterator[Part]:
        """Parse lines of n-grams; if one is wrong, one by one, so that the first is named."""
        try:
            yield self._sections.parse(order, numbers, lines)
        except LineFault as fault:
            if len(lines) == 1:
                raise self._error(fault.problem, fault.remedy, numbers[0]) from None
            for number, line in zip(numbers, lines, strict=True):
                yield from self._parsed(order, [number], [line])

    def _next(self) -> str:
        """Return the next line that is not blank."""
        while (line := self._next_or_none()) is not None:
            if line:
                return line
        raise self._truncated()

    def _next_or_none(self) -> str | None:
        """Return the next line; ``None`` at the end of the file."""
        if not self._more():
            return None
        line = self._block[self._at]
        self._at, self._number = self._at + 1, self._number + 1
        return line

    def _more(self) -> bool:
        """Read a block if there is no line left; return whether there is one."""
        if self._at == len(self._block):
            self._block, self._at = next(self._blocks, []), 0
        return bool(self._block)

    def _truncated(self) -> CorpusError:
        return self._error("the file ends before \\end\\; it is truncated")

    def _error(
        self, what: str, remedy: str = WRITE_AGAIN, number: int | None = None
    ) -> CorpusError:
        number = self._number if number is None else number
        return CorpusError(f"{self._path}: line {number}: {what}; {remedy}")
