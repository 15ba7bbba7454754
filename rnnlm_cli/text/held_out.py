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
        read: Reads the whole text; it is called twice.
        fraction: The fraction to hold out.
    """
    total = sum(len(piece.text) for piece in read())
    kept = total - round(total * fraction)
    place = 0
    for text, *_ in read():
        if place + len(text) > kept:
            inside = kept - place
            return place + _before_word(text, inside) or kept
        place += len(text)
    return total


def _before_word(text: str, place: int) -> int:
    """Return the last place, not after the given one, where white space begins; 0 for none."""
    head = text[:place]
    if head and not head[-1].isspace() and not text[place].isspace():
        head = head[: -len(head.split()[-1])]
    return len(head.rstrip())


def cut_after(pieces: Iterable[Piece], kept: int) -> Iterator[Part]:
    """Cut a text after ``kept`` characters; the cut may divide a piece, and so a line."""
    place = 0
    for piece in pieces:
        text, ends_line, begins_line = piece
        inside = kept - place
        place += len(text)
        if 0 < inside < len(text):
            yield Part(Piece(text[:inside], False, begins_line), False)
            yield Part(Piece(text[inside:], ends_line, False), True)
        else:
            yield Part(piece, inside <= 0)
