"""Bytes to text, some lines or a part of one at a time, in the text's encoding."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, NoReturn

from rnnlm_cli.system.text_encodings import AUTO, UTF8, canonical
from rnnlm_cli.text.ahead import Ahead
from rnnlm_cli.text.encodings import (
    SAMPLE_BYTES,
    WIDE_BYTES,
    marked_encoding,
    readings,
    shifted_encodings,
    wide_encoding,
)
from rnnlm_cli.text.misread import Bad, refusal

ENOUGH = 30
"""Letters beyond ASCII that were valid UTF-8: enough to know that a text is in UTF-8."""

MOST_UNIT = 4
"""Maximum bytes of a line end: those of UTF-32."""


State = tuple[bytes, int]
"""Of an incremental decoder: the bytes that it holds, and what else it knows."""


class Decoded(NamedTuple):
    """A text that is decoded already; see ``Decoding``."""

    content: str
    encoding: str = UTF8

    def chunks(self, size: int) -> Iterator[str]:
        """Yield the text in parts of at most ``size`` characters, without a byte-order mark."""
        content = self.content.removeprefix("\ufeff")
        for start in range(0, len(content), size):
            yield content[start : start + size]


class Decoding:
    """Decodes the bytes of a text as they are read, and knows where in the file it is.

    With the encoding ``auto`` a text is taken for UTF-8 until something in it is not ASCII. Then
    the bytes that follow decide: UTF-8 if they are valid, else the encoding in which they read best
    (see ``plausible.py``). So what was read before is right in every case, and all that follows
    must be valid in the encoding that was chosen.
    """

    def __init__(self, file: BinaryIO, name: str, encoding: str, remedy: str, live: bool) -> None:
        """Begin a text.

        Args:
            file: Its bytes.
            name: Its name in messages.
            encoding: Its encoding, or ``auto``.
            remedy: How a user sets another encoding, before its name.
            live: Nothing may be read ahead, because it may not be written yet.
        """
        self._file, self._name, self._remedy, self._live = Ahead(file), name, remedy, live
        self._undecided = encoding == AUTO
        self._use(UTF8 if self._undecided else str(canonical(encoding)))
        self._lines = 0  # that have ended
        self._last: tuple[State, bytes] | None = None  # before the last chunk with a line end; it
        self._since = 0  # bytes read after that chunk
        self._head: bytes | None = None  # the first bytes of the text, if they were read before
        self._letters = 0  # beyond ASCII, counted up to ENOUGH

    @property
    def encoding(self) -> str:
        """The encoding in use; with ``auto``, what has been found so far."""
        return self._encoding

    def chunks(self, size: int) -> Iterator[str]:
        r"""Yield the text in parts that end at a line's end or hold about ``size`` bytes.

        A part has many lines, unless the text is live. A leading byte-order mark is dropped.

        Raises:
            CorpusError: The bytes are not valid in the encoding, or hold a NUL character; names
                line and byte, and the encodings in which they read well.
        """
        begun = False
        for text in self._texts(size):
            if text and not begun:
                begun, text = True, text.removeprefix("\ufeff")
            if text:
                yield text

    def _texts(self, size: int) -> Iterator[str]:
        """Decode many lines at once; one at a time those of a block that needs a closer look."""
        close = 0  # bytes left of such a block
        while True:
            if close <= 0 and not self._live:
                data = self._file.readlines(size)
                text = self._decode_lines(data)
                if text is not None:
                    yield text
                    continue
                self._file.put_back(data)
                close = len(data)
            data = self._file.readline(size)
            if not data:
                break
            if self._unit > 1 and data.endswith(b"\n"):  # the other bytes of a wide line end
                data += self._file.read(self._unit - 1)
            close -= len(data)
            if self._undecided:
                data = self._decide(data)
            yield self._decode(data)
            if self._head is None:
                self._head = data[:WIDE_BYTES]
        yield self._decode(b"", final=True)

    def _use(self, encoding: str) -> None:
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        end = "\n".encode(encoding)[-MOST_UNIT:]
        self._unit = len(end) - end.find(b"\n") if b"\n" in end else 1

    def _decode(self, data: bytes, final: bool = False) -> str:
        state = self._decoder.getstate()
        try:
            text = self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            place = len(data) - len(error.object) + error.start  # below 0: in an earlier chunk
            self._refuse(state, data, place, error.object[error.start])
        if "\0" in text:
            size = len("\0".encode(self._encoding)) - len("".encode(self._encoding))
            self._refuse(state, data, self._replay(state, data, "\0")[0] - size, 0)
        if ended := text.count("\n"):
            self._lines += ended
            self._last, self._since = (state, data), 0
        else:
            self._since += len(data)
        self._count_letters(text)
        return text

    def _decode_lines(self, data: bytes) -> str | None:
        """Decode whole lines; ``None`` if they have to be decoded one at a time.

        That is so at the text's beginning, where the encoding is decided, and where something is
        wrong or a line end of the bytes is none of the text: only lines tell where.
        """
        decides = self._head is None or (self._undecided and not _is_plain(data))
        if decides or self._unit > 1 or not data.endswith(b"\n"):
            return None
        state = self._decoder.getstate()
        try:
            text = self._decoder.decode(data)
        except UnicodeDecodeError:
            text = ""
        ended = text.count("\n")
        if ended != data.count(b"\n") or "\0" in text or not text.endswith("\n"):
            self._decoder.setstate(state)
            return None
        self._lines += ended
        self._last, self._since = None, 0
        self._count_letters(text)
        return text

    def _count_letters(self, text: str) -> None:
        if self._letters < ENOUGH and not text.isascii():
            self._letters += sum(not c.isascii() for c in text)

    def _decide(self, data: bytes) -> bytes:
        """Choose the encoding if these bytes tell it; return the bytes to decode.

        They are preceded by what the decoder holds of a letter that was cut.
        """
        first = self._head is None
        if not first and _is_plain(data):
            return data
        held = bytes(self._decoder.getstate()[0])
        sample = held + data + (b"" if self._live else self._file.peek(SAMPLE_BYTES))
        encoding = (marked_encoding(sample) or wide_encoding(sample)) if first else None
        if encoding is None and data.isascii() and not shifted_encodings(sample):
            return data
        self._undecided = False
        if encoding is None:
            found = readings(sample)
            encoding = found[0].widest if found else UTF8  # which then says what is wrong
        self._since -= len(held)
        self._use(encoding)
        if self._last is not None:  # ASCII; the state of one decoder may crash another one
            self._last = self._decoder.getstate(), self._last[1]
        return held + data

    def _replay(self, state: State, data: bytes, wanted: str) -> list[int]:
        """Return after how many bytes a character comes out of the decoder, each time it does.

        Args:
            state: That of the decoder before the bytes.
            data: Valid bytes.
            wanted: A character.
        """
        decoder = codecs.getincrementaldecoder(self._encoding)()
        decoder.setstate(state)
        return [
            place
            for place in range(1, len(data) + 1)
            if wanted in decoder.decode(data[place - 1 : place])
        ]

    def _refuse(self, state: State, data: bytes, place: int, byte: int) -> NoReturn:
        """Raise the error for a byte of a chunk; the state is that before the chunk."""
        ends = self._replay(state, data[: max(place, 0)], "\n")
        start = ends[-1] if ends else 0
        before = place - start
        if not ends:
            before += self._since
            if self._last is not None:
                before += len(self._last[1]) - self._replay(*self._last, "\n")[-1]
        line = data[start:]
        if not (self._live or line.endswith(b"\n")):
            line += self._file.readline(SAMPLE_BYTES)
        more = b"" if self._live else self._file.read(SAMPLE_BYTES)
        bad = Bad(
            f"{self._name}: line {self._lines + len(ends) + 1}, byte {before + 1} (0x{byte:02x})",
            byte,
            self._encoding,
            line,
            max(place - start, 0),
        )
        beginning = (self._head or b"") + data + more
        proven = self._encoding == UTF8 and self._letters >= ENOUGH
        raise refusal(bad, beginning, more, proven, self._remedy)


def _is_plain(data: bytes) -> bool:
    """Whether bytes tell no encoding from another: ASCII without escape sequences and NUL."""
    return data.isascii() and b"\x1b" not in data and b"\0" not in data
