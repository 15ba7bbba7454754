"""Names of subwords: the bytes that a token stands for, written as a word.

A name is the token's text with ``▁`` for a space. Bytes that are not whole characters, and text
that could be taken for something else, are written as numbers: ``<0xEC>``. So names differ where
bytes do, have no white space, and none looks like ``<eos>``.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Iterable

import numpy as np

from rnnlm_cli.system.arrays import Ids
from rnnlm_cli.text.codec.base import Decoder

SPACE = "▁"
"""How a name shows a space, as in SentencePiece."""

EVERY_BYTE = tuple(f"<0x{k:02X}>" for k in range(256))

IN_BYTES = re.compile(r"(?:<0x[0-9A-F]{2}>)+")

MISLEADING = re.compile(
    rf"<.+>|.*[\x00-\x1f\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000{SPACE}]",
    re.DOTALL,
)
"""Texts written as bytes: those with white space other than the space, or a control character, and
those that look like a mark. The characters are listed, as Python's versions differ in theirs."""


def name_of(content: bytes) -> str:
    r"""Return the name of the token that stands for some bytes.

    >>> [name_of(c) for c in (b" the", "é".encode(), b"\xec\x95", b"\t", b"<eos>"[:3])]
    ['▁the', 'é', '<0xEC><0x95>', '<0x09>', '<eo']
    """
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return in_bytes(content)
    looks_like_mark = text.startswith("<") and text.endswith(">") and len(text) > 2
    if looks_like_mark or MISLEADING.match(text):
        return in_bytes(content)
    return text.replace(" ", SPACE)


def in_bytes(content: bytes) -> str:
    """Return a name that gives each byte as a number."""
    return "".join(EVERY_BYTE[byte] for byte in content)


def content_of(name: str) -> bytes:
    """Return the bytes that a token stands for; the opposite of ``name_of`` and ``in_bytes``."""
    if IN_BYTES.fullmatch(name):
        return bytes(int(name[k + 3 : k + 5], 16) for k in range(0, len(name), 6))
    return name.replace(SPACE, " ").encode()


def text_of(names: Iterable[str]) -> str:
    """Return the text of tokens; what is not UTF-8 becomes U+FFFD."""
    return b"".join(map(content_of, names)).decode("utf-8", "replace")


def sizes_of(names: Iterable[str]) -> tuple[Ids, Ids]:
    """Return the number of characters and of bytes of each token, ``(n,)`` each.

    A character in several tokens belongs to the one with its first byte.
    """
    contents = list(map(content_of, names))
    characters = [sum(byte & 0xC0 != 0x80 for byte in content) for content in contents]
    return np.array(characters, np.int64), np.array([*map(len, contents)], np.int64)


class SubwordDecoder(Decoder):
    """Writes the text of tokens; the bytes of an unfinished character are held back.

    Args:
        line_end: The token that ends a line.
        prefixed: Whether the first token of each line has a space that the text does not have.
    """

    def __init__(self, line_end: str | None, prefixed: bool) -> None:
        """Begin a text."""
        self._line_end, self._prefixed = line_end, prefixed
        self._utf8 = getincrementaldecoder("utf-8")("replace")
        self._begins = True  # whether the next token is the first of its line

    def __call__(self, token: str) -> str:
        """Return the characters that are complete with this token."""
        if token == self._line_end:
            text, self._begins = f"{self.end()}\n", True
            return text
        content = content_of(token)
        if self._begins and self._prefixed:
            content = content.removeprefix(b" ")
        self._begins = False
        return self._utf8.decode(content)

    def end(self) -> str:
        """Return U+FFFD if a character is unfinished, else nothing."""
        return self._utf8.decode(b"", final=True)
