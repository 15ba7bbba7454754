"""Text to blocks of lines, and long lines to pieces of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import NamedTuple, NoReturn

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text.decoding import Decoded, Decoding
from rnnlm_cli.text.normal import starts_anew
from rnnlm_cli.text.sizes import byte_length

MOST_MARKS = 1000
"""Maximum accents in a row that are kept together; Unicode's limit for streams is 30 (UAX 15)."""

TOO_LONG = (
    "a token of more than {:,} bytes; separate words by white space, use corpus.unit: char, or "
    "raise corpus.max_token_bytes"
)


class Piece(NamedTuple):
    """A line, or a part of a long one; as a block, any number of lines that end in newlines."""

    text: str  # with the newline, if it has one
    ends_line: bool  # at a newline or at the file's end
    begins_line: bool = True

    def lines(self) -> Iterator[Piece]:
        """Yield the lines of a block."""
        if "\n" not in self.text[:-1]:
            yield self
            return
        for line in StringIO(self.text, newline="\n"):
            yield Piece(line, True)


class Pieces:
    """Cuts the text of a file into lines, and long lines into pieces."""

    def __init__(self, decoding: Decoding | Decoded, name: str, longest: int | None) -> None:
        """Begin a text.

        Args:
            decoding: The text.
            name: Its name in messages.
            longest: Maximum bytes of a token; ``None`` if each character is one.
        """
        self._decoding, self._name, self._longest = decoding, name, longest
        self._line = 1
        self._before = 0  # bytes of the line in pieces that were passed on

    def read(self, chunk_bytes: int) -> Iterator[Piece]:
        """Yield the text in blocks; a line of more than about ``chunk_bytes`` comes in pieces.

        Raises:
            CorpusError: A token is too long, or the bytes are not valid (see ``Decoding``).
        """
        held: list[str] = []  # the part of a line read since the last cut
        most = max(chunk_bytes // 4, 1)  # in characters, which have four bytes at most
        size, cut_at = 0, most
        for chunk in self._decoding.chunks(chunk_bytes):
            ended, newline, rest = chunk.rpartition("\n")
            if newline:
                yield from self._lines("".join([*held, ended, newline]))
                held, size, cut_at = [], 0, most
            if not rest:
                continue
            held.append(rest)
            size += len(rest)
            if size < cut_at:
                continue
            text = "".join(held)
            if stop := _cut(text, anywhere=self._longest is None):
                yield Piece(self._checked(text[:stop]), False, self._before == 0)
                self._before += self._size(text[:stop])
                held, size, cut_at = [text[stop:]], len(text) - stop, most
            else:  # twice as much next time, so that the time is linear in the size
                held, cut_at = [self._checked(text)], 2 * size
        if size:
            yield Piece(self._checked("".join(held)), True, self._before == 0)

    def _lines(self, text: str) -> Iterator[Piece]:
        """Yield whole lines; the rest of a line that was cut comes by itself."""
        place = _long_word(text, self._longest)
        good = len(text) if place < 0 else text.rfind("\n", 0, place) + 1
        first = text.find("\n", 0, good) + 1 if self._before else 0
        for part in filter(None, (text[:first], text[first:good])):
            yield Piece(part.replace("\r\n", "\n"), True, self._before == 0)
            self._line, self._before = self._line + part.count("\n"), 0
        if place >= 0:
            self._refuse(text[good:place])

    def _checked(self, text: str) -> str:
        """Return a part of a line; refuse one with a token that is too long."""
        if (place := _long_word(text, self._longest)) >= 0:
            self._refuse(text[:place])
        return text

    def _refuse(self, before: str) -> NoReturn:
        """Raise the error for a token; what is before it in its line was not passed on."""
        where = f"{self._name}: line {self._line}, byte {self._before + self._size(before) + 1}"
        raise CorpusError(f"{where}: {TOO_LONG.format(self._longest)}")

    def _size(self, text: str) -> int:
        """Return the bytes of a part of the text in its file."""
        encoding = self._decoding.encoding
        return len(text.encode(encoding, "replace")) - len("".encode(encoding))


def _cut(text: str, anywhere: bool) -> int:
    r"""Return where to cut an unfinished line: after its last white space, or 0 for not yet.

    The last character is never included, so that ``\r`` and ``\n`` stay together.

    Args:
        text: A part of a line.
        anywhere: Without white space, cut before any character that nothing joins to the one
            before it, so that the pieces are normalised as the line is; in a row of ``MOST_MARKS``
            that all would be, cut before any.
    """
    head = text[:-1]
    bare = head.rstrip()
    if len(bare) < len(head):  # at its end
        return len(head)
    (word,) = bare.rsplit(maxsplit=1)[-1:] or [""]
    if (stop := len(bare) - len(word)) or not anywhere:
        return stop
    for place in range(len(head), max(len(head) - MOST_MARKS, 0), -1):
        if starts_anew(text[place]):
            return place
    return len(head) if len(head) > MOST_MARKS else 0


def _long_word(text: str, longest: int | None) -> int:
    """Return the index of the first word over ``longest`` bytes in UTF-8, or -1 for none."""
    if longest is None or 4 * len(text) <= longest:
        return -1
    for word in text.split():
        if 4 * len(word) > longest and byte_length(word) > longest:
            return text.index(word)
    return -1
