"""Facts noticed about a text while reading it, and notes about them for the user."""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.normal import DECOMPOSED, has_parts
from rnnlm_cli.text.vocabulary import Vocabulary

NEARLY_ALL = 0.9
"""Above this share of types that occur once there is a warning. In English and Korean text the
highest share of any 1,000 words was 0.82, and it falls with the length; the same texts without
their spaces have 0.98 to 1."""

LEAST_TYPES = 500
"""Minimum number of types for that warning: in a few hundred words of any language most occur once
(the highest share of any 300 words was 0.91)."""

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
        types: Number of types, ends of lines aside.
        once: Number of them that occur once.
        found: Its files whose encoding had to be found, and the encodings.
        beyond: Number of lines beyond ASCII; counted only if they are read as they are.
        decomposed: Number of those that are not in NFC.
        left_out: A note for each directory, pattern or archive from which something is left out.
    """

    lines: int = 0
    returns: int = 0
    words: dict[str, int] = field(default_factory=dict)
    starts: tuple[int, ...] = ()
    twice: tuple[tuple[str, str], ...] = ()
    types: int = 0
    once: int = 0
    found: tuple[tuple[str, str], ...] = ()
    beyond: int = 0
    decomposed: int = 0
    left_out: tuple[str, ...] = ()


def text_notes(
    name: str, facts: TextFacts, codec: Codec, vocabulary: Vocabulary | None = None
) -> list[str]:
    """Return a sentence for each oddity of a text, and for each encoding that was found.

    Args:
        name: The text's name in messages.
        facts: The facts noticed about it.
        codec: The codec that split it.
        vocabulary: That of a model which did not learn from it; ``None`` if it did.
    """
    notes = [*facts.left_out]
    notes += [found_note(*found) for found in facts.found]
    notes += returns_note(name, facts.lines, facts.returns)
    if vocabulary is not None:
        notes += form_note(name, facts.beyond, facts.decomposed, vocabulary)
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


def unsegmented_warning(name: str, facts: TextFacts, codec: Codec) -> list[str]:
    """Return a warning if almost no word of a text occurs twice, else an empty list.

    That happens if a language is written without spaces between words. Characters have no warning.
    """
    if codec.finer_unit is None or facts.types < LEAST_TYPES:
        return []
    share = facts.once / facts.types
    if share <= NEARLY_ALL:
        return []
    return [
        f"{name}: {share:.1%} of its {facts.types:,} different words occur once, as in a language "
        "without spaces between words; set corpus.unit: char or subword"
    ]


def found_note(name: str, encoding: str) -> str:
    """Return a note on an encoding that was found in a text."""
    return f"{name}: read as {encoding}, which was found in the text"


NOTABLE_PARTS = 0.1
"""A model that has met more than this share of decomposed tokens has learned from such a text."""


def parts_share(vocabulary: Vocabulary) -> float:
    """Return the share of tokens with decomposed letters, or parts of them, beyond ASCII."""
    places = [k for k, token in enumerate(vocabulary.tokens) if not token.isascii()]
    parts = [k for k in places if has_parts(vocabulary.tokens[k])]
    return float(vocabulary.counts[parts].sum() / max(vocabulary.counts[places].sum(), 1))


def form_note(name: str, beyond: int, decomposed: int, vocabulary: Vocabulary) -> list[str]:
    """Return a note if a text is in another Unicode form than the tokens that a model knows.

    Args:
        name: The text's name in messages.
        beyond: Number of its lines, or pieces, beyond ASCII.
        decomposed: Number of those not in NFC.
        vocabulary: The model's tokens.
    """
    if 2 * decomposed <= beyond or parts_share(vocabulary) > NOTABLE_PARTS:
        return []
    return [f"warning: {name}: most words may be unknown to the model: {DECOMPOSED}"]


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
