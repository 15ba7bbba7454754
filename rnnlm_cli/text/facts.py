"""Facts noticed about a text while reading it, and notes about them for the user."""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnlm_cli.text.codec.base import Codec

MOST_TWICE = 3
"""How many equal files are named."""


@dataclass(frozen=True)
class TextFacts:
    """Facts noticed about a text.

    Attributes:
        lines: Number of lines.
        returns: Number of carriage returns without a newline after them.
        words: Counts of words that look like line marks.
        starts: The index of the first token of each of its files.
        twice: Pairs of its files that hold the same tokens.
        left_out: A note for each directory, pattern or archive from which something is left out.
    """

    lines: int = 0
    returns: int = 0
    words: dict[str, int] = field(default_factory=dict)
    starts: tuple[int, ...] = ()
    twice: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()


def text_notes(name: str, facts: TextFacts, codec: Codec) -> list[str]:
    """Return a sentence for each oddity of a text.

    Args:
        name: The text's name in messages.
        facts: The facts noticed about it.
        codec: The codec that split it.
    """
    notes = [*facts.left_out, *returns_note(name, facts.lines, facts.returns)]
    notes += _marks_note(name, facts, codec)
    for one, other in facts.twice[:MOST_TWICE]:
        if one == other:
            notes.append(f"{one}: is given twice and so counts twice; omit one")
        else:
            notes.append(f"{other}: holds the same text as {one}, so it counts twice; omit one")
    if more := len(facts.twice[MOST_TWICE:]):
        files = "1 more file holds" if more == 1 else f"{more:,} more files hold"
        notes.append(f"{name}: {files} the same text as another")
    return notes


def returns_note(name: str, lines: int, returns: int) -> list[str]:
    r"""Return a note if more lines seem to end in a lone ``\r`` than in ``\n``."""
    if returns == 0 or (returns <= lines and lines > 1):
        return []
    read_as = "one line" if lines == 1 else f"{lines:,} lines"
    count = "a carriage return" if returns == 1 else f"{returns:,} carriage returns"
    return [
        f"{name}: has {count} (\\r) without a newline and is read as {read_as}; if lines end "
        "there, convert it, for example with tr '\\r' '\\n'"
    ]


def _marks_note(name: str, facts: TextFacts, codec: Codec) -> list[str]:
    end = codec.end_of_line
    if end is None or not facts.words:
        return []
    found = ", ".join(f"{word} ({times:,} times)" for word, times in facts.words.items())
    if end in facts.words:
        meaning = f"{end} inside a line is read as the line's end"
    else:
        meaning = "the model reads them as ordinary words"
    return [
        f"{name}: holds {found}, though {end} is put at each line's end: {meaning}; remove them "
        "from the text, or set corpus.end_of_line to another token or null"
    ]
