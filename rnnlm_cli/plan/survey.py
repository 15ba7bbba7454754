"""What a text is like: its size, its script, its words and its lines."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.sizes import byte_length

MOST_BYTES = 20_000_000
"""Bytes of a text that are examined; what follows is assumed to be alike."""

EXCERPT_CHARACTERS = 2_000_000
"""Characters of its beginning that are kept, to try units and sizes on."""

HANGUL = "HANGUL"

CLOSING = ("Po", "Pe", "Pf")
"""Unicode categories of commas, question marks, closing brackets and quotation marks."""

PARTS_OF_WORDS = ".'’%&*#@/"
"""Characters of these categories that may belong to a word."""

MOST_GLUED = 0.005
"""Share of words with punctuation attached, below which it was separated from them."""

LEAST_SEPARATE = 0.01
"""Share of punctuation marks that stand alone, above which they were separated from words."""

UNKNOWN_MARKS = ("<unk>", "<UNK>", "[UNK]")
"""What corpora have in place of rare words."""


@dataclass(frozen=True)
class Survey:
    """Counts of a text, or of its first ``MOST_BYTES``.

    Attributes:
        bytes: UTF-8 bytes examined.
        is_whole: Whether that is all of it.
        characters: Characters examined.
        alphabet: Distinct characters.
        scripts: Letters by script, the beginning of the Unicode name of each.
        lines: Number of lines.
        longest_line: Characters of the longest line.
        repeated_lines: Lines with words that occurred before.
        words: What is between white space.
        types: Distinct words.
        once: Types that occur once.
        glued: Words that end with a comma or other punctuation that a word cannot have.
        separate: Words without a letter or digit.
        unknown_marks: Words that stand for unknown ones.
        excerpt: The beginning of the text.
    """

    bytes: int
    is_whole: bool
    characters: int
    alphabet: int
    scripts: Counter[str]
    lines: int
    longest_line: int
    repeated_lines: int
    words: int
    types: int
    once: int
    glued: int
    separate: int
    unknown_marks: int
    excerpt: str

    @property
    def script(self) -> str:
        """The script of most letters; empty if there is no letter."""
        return max(self.scripts, key=self.scripts.__getitem__, default="")

    @property
    def is_tokenized(self) -> bool:
        """Whether somebody has split it into tokens, as the Penn Treebank is.

        No punctuation is attached to words, and punctuation stands alone or rare words are marked
        as unknown.
        """
        apart = self.glued < MOST_GLUED * self.words
        return apart and (self.separate >= LEAST_SEPARATE * self.words or self.unknown_marks > 0)


def survey(pieces: Iterable[Piece], most_bytes: int = MOST_BYTES) -> Survey:
    """Examine the beginning of a text.

    Args:
        pieces: The text.
        most_bytes: Where to stop.
    """
    words, letters = Counter[str](), Counter[str]()
    seen = set[int]()  # hashes of lines, since lines may be long
    excerpt: list[str] = []
    lines = repeated = size = length = line = longest = 0
    is_whole = True
    for piece in pieces:
        if size >= most_bytes:
            is_whole = False
            break
        if length < EXCERPT_CHARACTERS:
            excerpt.append(piece.text)
        size += byte_length(piece.text)
        length += len(piece.text)
        letters.update(piece.text)
        found = piece.text.split()
        words.update(found)
        line = len(piece.text.rstrip("\n")) + (0 if piece.begins_line else line)
        longest = max(longest, line)
        if piece.ends_line:
            lines += 1
            key = hash(piece.text.strip())
            repeated += bool(found) and key in seen
            seen.add(key)
    scripts = Counter[str]()
    for character, times in letters.items():
        if script := script_of(character):
            scripts[script] += times
    return Survey(
        bytes=size,
        is_whole=is_whole,
        characters=length,
        alphabet=len(letters),
        scripts=scripts,
        lines=lines,
        longest_line=longest,
        repeated_lines=repeated,
        words=words.total(),
        types=len(words),
        once=sum(times == 1 for times in words.values()),
        glued=sum(times for word, times in words.items() if is_glued(word)),
        separate=sum(times for word, times in words.items() if not any(map(str.isalnum, word))),
        unknown_marks=sum(words[mark] for mark in UNKNOWN_MARKS),
        excerpt="".join(excerpt),
    )


@cache
def script_of(character: str) -> str:
    """Return the script of a letter; empty for any other character.

    >>> script_of("é"), script_of("한"), script_of("1")
    ('LATIN', 'HANGUL', '')
    """
    if not character.isalpha():
        return ""
    return unicodedata.name(character, "").partition(" ")[0].partition("-")[0]


def is_glued(word: str) -> bool:
    """Whether a word ends with punctuation that is not a part of it.

    A period may belong to an abbreviation, an apostrophe to a genitive.

    >>> is_glued("me,"), is_glued("Mr."), is_glued("dogs'"), is_glued(",")
    (True, False, False, False)
    """
    last = word[-1]
    return (
        not last.isalnum()
        and last not in PARTS_OF_WORDS
        and unicodedata.category(last) in CLOSING
        and any(map(str.isalnum, word))
    )
