"""Reads a text and numbers its types."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text.codec.base import LINE_END, Codec
from rnnlm_cli.text.facts import TextFacts
from rnnlm_cli.text.held_out import cut_after
from rnnlm_cli.text.normal import is_decomposed
from rnnlm_cli.text.numbered import NumberedText
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.reader import DEFAULT_LIMITS, Limits, Source, display_name, read_blocks
from rnnlm_cli.text.sizes import SizeChanges
from rnnlm_cli.text.storage import Storage, Stored
from rnnlm_cli.text.word_numbers import WordNumbers

PART = 1 << 20
"""Tokens per part that is passed on."""


class Types(dict[str, int]):
    """Numbers by type; a new type gets the next number."""

    def __missing__(self, token: str) -> int:
        number = self[token] = len(self)
        return number


def number_text(
    sources: Sequence[Source],
    codec: Codec,
    storage: Storage,
    first: Iterable[str] = (),
    always: Iterable[str] = (),
    limits: Limits = DEFAULT_LIMITS,
    kept: int | None = None,
) -> NumberedText:
    """Read a text and number its types.

    The dictionary of types is freed afterwards: with ten million types it is the largest object in
    memory.

    Args:
        sources: Read in order as one text.
        codec: Splits the text into tokens.
        storage: Where to keep the numbers.
        first: Types that get the first numbers, in this order.
        always: Types that get a number even if they do not occur in the text.
        limits: Limits on the text held in memory.
        kept: Number of characters after which to cut the text (see ``held_out.py``).

    Raises:
        UsageError, CorpusError: A file is missing, empty or not UTF-8.
    """
    types = Types({token: number for number, token in enumerate(first)})
    numbering = Numbering(codec, codec.reading_limits(limits), types, kept)
    numbers = storage.collect(numbering.parts(sources))
    return numbering.text(numbers, types, always)


class Numbering:
    """Numbers the tokens of a text, and records facts that the numbers do not show."""

    def __init__(self, codec: Codec, limits: Limits, types: Types, kept: int | None = None) -> None:
        self.changes = SizeChanges()
        self.sources: list[tuple[str, int]] = []
        self._found: list[tuple[str, str]] = []
        self._lines = self._returns = self._beyond = self._decomposed = 0  # see TextFacts
        self._codec, self._limits, self._number_of = codec, limits, types.__getitem__
        newline = codec.end_of_line is not None
        self._words = WordNumbers(self._number_of, newline) if codec.between_blanks else None
        self._read = 0  # tokens passed on
        self.cut: int | None = None  # tokens before the cut, once it is found
        self._kept, self._characters, self._held_out = kept, 0, False

    @property
    def noticed(self) -> TextFacts:
        """The facts that do not depend on the tokens."""
        return TextFacts(
            self._lines,
            self._returns,
            found=tuple(self._found),
            beyond=self._beyond,
            decomposed=self._decomposed,
        )

    def text(self, numbers: Stored, types: Types, always: Iterable[str]) -> NumberedText:
        """Return the text, after its parts were read.

        Args:
            numbers: All parts.
            types: The types by the numbers that they have there.
            always: Types that get a number even if they do not occur in the text.
        """
        end, kept = self._codec.end_of_line, self._kept
        for token in always:
            types[LINE_END if token == end else token]
        marks = {*self._codec.marks} if end is None else {*self._codec.marks, end}
        return NumberedText(
            numbers,
            list(types),
            self._codec,
            None if end is None else types[LINE_END],
            {mark: types[mark] for mark in sorted(marks & types.keys())},
            self.changes,
            self.sources,
            self.noticed,
            len(numbers) if kept is not None and self.cut is None else self.cut,
        )

    def parts(self, sources: Iterable[Source]) -> Iterator[array[int]]:
        """Yield the numbers of a text part by part, and add new types."""
        for source in sources:
            name, start = display_name(source), self._read
            self.sources.append((name, start))
            yield from self._of_source(source)
            if self._read == start:
                raise CorpusError(f"{name}: the text is empty; name one with tokens")

    def _of_source(self, source: Source) -> Iterator[array[int]]:
        numbers = array("I")
        for block in self._blocks(source):
            if self._held_out and self.cut is None:
                self.cut = self._read + len(numbers)
            self._notice(block)
            # where sizes change, what is before the line has to be known
            changing = self._codec.changes_sizes(block.text)
            for piece in block.lines() if changing else (block,):
                if changing and self._codec.changes_sizes(piece.text):
                    self._note_changes(self._read + len(numbers), piece.text)
                self._add(piece, numbers)
            if len(numbers) >= PART:
                self._read += len(numbers)
                yield numbers
                numbers = array("I")
        self._read += len(numbers)
        yield numbers

    def _add(self, block: Piece, numbers: array[int]) -> None:
        if self._words is not None:
            found = self._words.of(self._codec.ended(block))
            if found is not None:
                numbers.frombytes(found.tobytes())
                return
        numbers.fromlist([*map(self._number_of, self._codec.split_block(block))])

    def _blocks(self, source: Source) -> Iterator[Piece]:
        """Read a source; notice in ``_held_out`` when the text is cut."""
        blocks = read_blocks(source, self._limits, lambda *one: self._found.append(one))
        if self._kept is None:
            yield from blocks
            return
        for part in cut_after(blocks, self._kept - self._characters):
            self._held_out = part.held_out
            self._characters += len(part.piece.text)
            yield part.piece

    def _notice(self, block: Piece) -> None:
        """Count what its tokens do not show."""
        text = block.text
        if block.ends_line:
            self._lines += text.count("\n") or 1
        self._returns += text.count("\r")
        if self._codec.normalize is None and not text.isascii():
            beyond = [piece.text for piece in block.lines() if not piece.text.isascii()]
            self._beyond += len(beyond)
            self._decomposed += sum(map(is_decomposed, beyond))

    def _note_changes(self, place: int, text: str) -> None:
        for k, original, token in self._codec.changed_sizes(text):
            self.changes.note(place + k, original, token)
