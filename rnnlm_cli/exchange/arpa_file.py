"""The lines of an ARPA file; other kinds of files are recognized and refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.system.text_encodings import UTF8
from rnnlm_cli.text.misread import Bad, refusal
from rnnlm_cli.text.opened import named_file, open_bytes

MOST_BYTES = 1 << 20
"""Maximum bytes per line; an n-gram of ten words needs at most about 1000."""

WRITE_AGAIN = "write the file again"

FROM_ARPA = "give the ARPA file that it was made from"

KINDS = {
    b"mmap lm http://kheafield.com/code": f"is a KenLM binary; {FROM_ARPA}",
    b"SRILM_BINARY_NGRAM": "is an SRILM binary; write it as ARPA with ngram -lm FILE -write-lm NEW",
    b"blmt": "is an IRSTLM binary; write it as ARPA with compile-lm --text=yes",
    b"Qblmt": "is an IRSTLM binary; write it as ARPA with compile-lm --text=yes",
    b"iARPA": "is in IRSTLM's intermediate format; write it as ARPA with compile-lm --text=yes",
    b"\xd6\xfd\xb2\x7e": f"is an OpenFst binary; {FROM_ARPA}",
    b"\x1f\x8b": "is compressed with gzip; decompress it, or give it a name that ends in .gz",
    b"BZh": "is compressed with bzip2; decompress it, or give it a name that ends in .bz2",
    b"\xfd7zXZ\0": "is compressed with xz; decompress it, or give it a name that ends in .xz",
    b"PK\3\4": "is a zip archive; extract the ARPA file from it",
    b"\xff\xfe": "is UTF-16; convert it with iconv -f utf-16 -t utf-8",
    b"\xfe\xff": "is UTF-16; convert it with iconv -f utf-16 -t utf-8",
}
"""The kind of a file by its first bytes, and the remedy."""


def arpa_blocks(path: str) -> Iterator[list[str]]:
    """Yield the lines of an ARPA file, or of a compressed one, without line ends, some at a time.

    A byte-order mark is dropped.

    Raises:
        UsageError: There is no such file.
        CorpusError: It is another kind of file, not UTF-8, expands too much, or has a line that is
            too long; the place is named.
    """
    with named_file(path, "name an ARPA file"), open_bytes(path) as file:
        _refuse_other_kinds(path, file.peek(64)[:64])  # type: ignore[attr-defined]
        yield from _blocks(path, file)


def _refuse_other_kinds(path: str, head: bytes) -> None:
    if not head:
        raise CorpusError(f"{path}: is empty; name an ARPA file")
    for magic, what in KINDS.items():
        if head.startswith(magic):
            raise CorpusError(f"{path}: {what}")
    if b"\0" in head:
        if any(head[::2]) != any(head[1::2]):  # every second byte is zero
            raise CorpusError(
                f"{path}: is UTF-16 without a byte-order mark; convert it with iconv, for example "
                "-f utf-16le -t utf-8"
            )
        raise CorpusError(f"{path}: is a binary file; name an ARPA file")


def _blocks(path: str, file: BinaryIO) -> Iterator[list[str]]:
    number, rest, encoding = 0, b"", "utf-8-sig"
    while block := file.read(MOST_BYTES):
        *lines, rest = (rest + block).split(b"\n")
        if lines:
            yield _decoded(path, lines, number, encoding)
            number, encoding = number + len(lines), "utf-8"
        if len(rest) > MOST_BYTES:
            break
    if rest:
        yield _decoded(path, [rest], number, encoding)


def _decoded(path: str, lines: list[bytes], before: int, encoding: str) -> list[str]:
    """Decode lines; ``before`` is the number of lines before them."""
    joined = b"\n".join(lines)
    if max(map(len, lines)) <= MOST_BYTES and b"\0" not in joined:
        with suppress(UnicodeDecodeError):
            return [line.strip(" \t\r") for line in joined.decode(encoding).split("\n")]
    for number, line in enumerate(lines, before + 1):
        _check(f"{path}: line {number}", line)
    raise AssertionError("each line by itself can be decoded")


def _check(place: str, line: bytes) -> None:
    """Refuse a line that is too long or not UTF-8."""
    if len(line) > MOST_BYTES:
        raise CorpusError(f"{place}: is longer than {MOST_BYTES:,} bytes; {WRITE_AGAIN}")
    if b"\0" in line:
        raise CorpusError(f"{place}: holds a NUL byte; {WRITE_AGAIN}")
    try:
        line.decode()
    except UnicodeDecodeError as error:
        byte = line[error.start]
        where = f"{place}, byte {error.start + 1} (0x{byte:02x})"
        bad = Bad(where, byte, UTF8, line, error.start)
        raise refusal(bad, b"", b"", False, "convert it to UTF-8 from") from None
