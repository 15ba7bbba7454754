"""Where a text is cut if a fraction of its characters is held out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from rnnlm_cli.text.pieces import Piece


class Part(NamedTuple):
    """A piece of a text, or a part of one."""

    piece: Piece
    held_out: bool


def characters_kept(read: Callable[[], Iterable[Piece]], fraction: float) -> int:
    """Return how many characters of a text are not held out.

    The cut is moved back to white space in its line, or else to the line's beginning, so that no
    word is cut.

    Args:
        read: Reads the whole text in pieces or blocks; it is called twice.
        fraction: The fraction to hold out.
    """
    total = sum(len(block.text) for block in read())
    kept = total - round(total * fraction)
    place = 0
    for block in read():
        if place + len(block.text) <= kept:
            place += len(block.text)
            continue
        for text, *_ in block.lines():
            if place + len(text) > kept:
                return place + _before_word(text, kept - place) or kept
            place += len(text)
    return total


def _before_word(text: str, place: int) -> int:
    """Return the last place, not after the given one, where white space begins; 0 for none."""
    head = text[:place]
    if head and not head[-1].isspace() and not text[place].isspace():
        head = head[: -len(head.split()[-1])]
    return len(head.rstrip())


def cut_after(blocks: Iterable[Piece], kept: int) -> Iterator[Part]:
    """Cut a text after ``kept`` characters; the cut may divide a block, and a line in it."""
    place = 0
    for block in blocks:
        inside = 0 < kept - place < len(block.text)
        for piece in block.lines() if inside else (block,):
            yield from _cut(piece, kept - place)
            place += len(piece.text)


def _cut(piece: Piece, kept: int) -> Iterator[Part]:
    text, ends_line, begins_line = piece
    if 0 < kept < len(text):
        yield Part(Piece(text[:kept], False, begins_line), False)
        yield Part(Piece(text[kept:], ends_line, False), True)
    else:
        yield Part(piece, kept <= 0)
