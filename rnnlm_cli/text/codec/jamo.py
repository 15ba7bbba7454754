"""The codec of Hangul letters, and of characters for all else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from rnnlm_cli.system.arrays import Ids
from rnnlm_cli.text.codec.base import Codec, Decoder
from rnnlm_cli.text.normal import by_character, stretches
from rnnlm_cli.text.pieces import Piece

FIRST_SYLLABLE, LAST_SYLLABLE = 0xAC00, 0xD7A3
VOWELS_PER_LEAD, FINALS_PER_VOWEL = 21, 28
"""How Unicode counts syllables; the first of the finals is none."""

LEADS = {chr(0x1100 + k): c for k, c in enumerate("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")}
VOWELS = {chr(0x1161 + k): c for k, c in enumerate("ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ")}
FINALS = {
    chr(0x11A8 + k): c
    for k, c in enumerate("ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
}
"""The letters of syllables, and how each is written by itself."""

LETTERS = LEADS | VOWELS | FINALS

LETTER = re.compile("[\u1100-\u1112\u1161-\u1175\u11a8-\u11c2]")
SYLLABLE = re.compile(
    "[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?|[가-힣][\u11a8-\u11c2]?|(?s:.)"
)
"""A syllable, composed or in letters; or any other character."""

ALONE = "="
"""A token of this and a letter is a letter that is in no syllable of the text."""


class JamoCodec(Codec):
    """Each letter of a Hangul syllable is a token, and each other character.

    안녕 is six tokens: the conjoining jamo of Unicode (U+1100 to U+11C2) in which its canonical
    decomposition writes it. The decoder composes them again. Letters that the text itself has
    outside of syllables, such as ㅋㅋ or those of Old Korean, are characters like others.
    """

    unit = "jamo"
    separator = ""
    newline = "\n"
    noun = "letter"
    one_character = True

    def split(self, text: str) -> list[str]:
        """Return the letters and other characters."""
        text = self.normalized(text)
        return list(_letters(text if self.end_of_line is None else text.removesuffix("\n")))

    def split_block(self, block: Piece) -> Iterable[str]:
        """Return the letters; the newline is ``LINE_END``, and without it a character."""
        return _letters(self.ended(block))

    def decoder(self) -> Decoder:
        """Return a decoder that composes syllables, each when its last letter is known."""
        return _JamoDecoder(self.end_of_line)

    def join(self, tokens: Iterable[str]) -> str:
        """Join tokens of a line to a text that ``split`` splits into the same tokens."""
        return _JamoDecoder(None).whole(tokens)

    def surface(self, token: str) -> str:
        """Return a token's text; a letter is written by itself."""
        return written(token)

    def sizes(self, types: Sequence[str]) -> tuple[Ids, Ids]:
        """Return the characters and bytes of each token: a syllable's are its first letter's."""
        both = super().sizes(types)
        later = [place for place, token in enumerate(types) if token in VOWELS or token in FINALS]
        for sizes in both:
            sizes[later] = 0
        return both

    def begins(self, before: str, token: str) -> bool:
        """Whether a token is not within a syllable."""
        return token not in VOWELS and token not in FINALS

    def changes_sizes(self, text: str) -> bool:
        """Whether ``changed_sizes`` may find something: also letters that are composed."""
        return super().changes_sizes(text) or bool(LETTER.search(text))

    def changed_sizes(self, text: str) -> Iterator[tuple[int, str, str]]:
        """Find the characters that become longer or shorter by ``normalized``, or when composed.

        If a stretch becomes more characters or fewer, its original goes with the first of them.
        """
        place = 0
        for original in stretches(text) if self.normalize else SYLLABLE.findall(text):
            read = "".join(map(composed, SYLLABLE.findall(self.normalized(original))))
            for character, whole in zip(read, by_character(original, len(read)), strict=True):
                if whole != character:
                    yield place, whole, character
                place += len(parts(character))


class _JamoDecoder(Decoder):
    """Holds back a syllable until it cannot grow any more.

    Letters that make no syllable, as a model may write them, are written by themselves.
    """

    def __init__(self, end_of_line: str | None) -> None:
        self._end = end_of_line
        self._held = ""  # the first letters of a syllable: a lead, or a lead and a vowel

    def __call__(self, token: str) -> str:
        if (token in VOWELS and len(self._held) == 1) or (token in FINALS and len(self._held) == 2):
            self._held += token
            return self.end() if token in FINALS else ""
        before = self.end()
        if token in LEADS:
            self._held = token
            return before
        return before + ("\n" if token == self._end else written(token))

    def end(self) -> str:
        """Return the syllable, or the single letter, that was held back."""
        held, self._held = self._held, ""
        return composed(held) if len(held) > 1 else LEADS.get(held, "")


def written(token: str) -> str:
    """Return the text of a token by itself."""
    alone = token.removeprefix(ALONE)
    return alone if alone in LETTERS and alone != token else LETTERS.get(token, token)


def composed(text: str) -> str:
    """Return a syllable with its letters as one character; any other character unchanged."""
    return unicodedata.normalize("NFC", text) if len(text) > 1 else text


def _letters(text: str) -> Iterator[str]:
    """Yield the tokens of a text in its form."""
    if not LETTER.search(text):
        return chain.from_iterable(map(PARTS.__getitem__, text))
    return (part for found in SYLLABLE.findall(text) for part in parts(composed(found)))


def parts(text: str) -> list[str]:
    """Return the tokens of a syllable, or of other characters.

    >>> [len(parts(c)) for c in "하한ㅎ."]
    [2, 3, 1, 1]
    """
    return list(chain.from_iterable(map(PARTS.__getitem__, text)))


class _Parts(dict[str, tuple[str, ...]]):
    """The tokens of each character."""

    def __missing__(self, character: str) -> tuple[str, ...]:
        number = ord(character) - FIRST_SYLLABLE
        tokens: tuple[str, ...] = (ALONE + character if character in LETTERS else character,)
        if 0 <= number <= LAST_SYLLABLE - FIRST_SYLLABLE:
            number, final = divmod(number, FINALS_PER_VOWEL)
            lead, vowel = divmod(number, VOWELS_PER_LEAD)
            tokens = (chr(0x1100 + lead), chr(0x1161 + vowel))
            tokens += (chr(0x11A7 + final),) if final else ()
        self[character] = tokens
        return tokens


PARTS = _Parts()
