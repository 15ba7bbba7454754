"""The codec of words and punctuation marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice

import numpy as np

from rnnlm_cli.text.codec.base import LINE_END, Codec, Decoder
from rnnlm_cli.text.codec.prose_tokens import bodies, read, sided, spelled
from rnnlm_cli.text.codec.punctuation import EVERY, UNSPACED, sides_of
from rnnlm_cli.text.codec.spacing import Spacing
from rnnlm_cli.text.normal import by_character, stretches
from rnnlm_cli.text.pieces import Piece

MOST_KEPT, LONGEST_KEPT = 1 << 16, 64
"""How many words between white space are kept split, and the length of the longest of them."""


class ProseCodec(Codec):
    """Each word is a token, and each punctuation mark; contractions are two, as ``do`` ``n't``.

    A space is written between two tokens, unless the first joins the one after it or the second
    the one before it. By the rule a comma joins the word before it, an opening bracket the word
    after it, and a word joins nothing (``punctuation.py``). A token that departs from the rule says
    so: ``‿`` is on each side that joins, ``␣`` before a token that joins nothing. Thus an opening
    quotation mark is ``"‿``, because ``"`` is a closing one by the rule.

    What is between white space is split by itself, so a line may be cut at any white space.
    """

    unit = "prose"
    separator = " "
    marks = ("<s>", "</s>")
    finer_unit = "char"

    def split(self, text: str) -> list[str]:
        """Return the words and punctuation marks of a line, or of its beginning."""
        return self._split(text, spaced_before=self.end_of_line is None)

    def split_piece(self, piece: Piece) -> list[str]:
        """Split a piece of a text; one within a line has white space before it."""
        spaced_before = self.end_of_line is None or not piece.begins_line
        return self._split(piece.text, spaced_before)

    def split_block(self, block: Piece) -> Iterable[str]:
        """Split lines; each begins and ends anew if its end is a token."""
        if self.end_of_line is None:
            return self.split(block.text)
        *lines, last = self.ended(block).split(LINE_END)
        tokens, begins = list[str](), block.begins_line
        for line in lines:
            tokens += self._split_line(line, spaced_before=not begins)
            tokens.append(LINE_END)
            begins = True
        return tokens + self._split_line(last, spaced_before=not begins) if last else tokens

    def _split(self, text: str, spaced_before: bool) -> list[str]:
        """Split a text; at both ends a space is in the text, or a token says nothing about it."""
        text = self.normalized(text)
        in_line = text if self.end_of_line is None else text.removesuffix("\n")
        return self._split_line(in_line, spaced_before)

    def _split_line(self, line: str, spaced_before: bool) -> list[str]:
        spaced_after = line[-1:].isspace()
        first, *rest = line.split() or [""]
        if not rest:
            return [*_kept(self.end_of_line, spaced_before, spaced_after)[first]]
        tokens = [*_kept(self.end_of_line, spaced_before, True)[first]]
        inner = _kept(self.end_of_line, True, True)
        last = _kept(self.end_of_line, True, spaced_after)[rest.pop()]
        tokens.extend(chain.from_iterable(map(inner.__getitem__, rest)))
        tokens.extend(last)
        return tokens

    def split_blanks(self, text: str, blank: str) -> list[str | None]:
        """Return the tokens, ``None`` for a blank, which joins nothing, as a word."""
        runs, joined = list[list[str | None]](), False  # what is between white space
        for number, part in enumerate(text.split(blank)):
            if number:
                if not joined:
                    runs.append([])
                runs[-1].append(None)
                joined = True
            words = self.normalized(part).split()
            if words and joined and not part[0].isspace():
                runs[-1] += bodies(words.pop(0))
            runs += ([*bodies(word)] for word in words)
            if part:
                joined = not part[-1].isspace()
        return [
            None if body is None else spelled(body, sides, self.end_of_line)
            for run in runs
            for body, sides in sided(run, run is not runs[0], run is not runs[-1])
        ]

    def decoder(self) -> Decoder:
        """Return a decoder that writes spaces as the rule and the marks say."""
        return _ProseDecoder(self.end_of_line)

    def join(self, tokens: Iterable[str]) -> str:
        """Join tokens of a line to a text that ``split`` splits into the same tokens."""
        return _ProseDecoder(None).whole(tokens)

    def surface(self, token: str) -> str:
        """Return the text of a token without its marks."""
        return read(token).surface

    def spacing(self, types: Sequence[str]) -> Spacing:
        """Return where spaces are: between two tokens of which neither joins the other."""
        sides = np.array([read(token).sides for token in types], np.uint8).reshape(-1, 2)
        rule = np.array([[True, False], [False, False]])
        return Spacing(sides[:, 0], sides[:, 1], rule)

    def begins(self, before: str, token: str) -> bool:
        """Whether white space, or a line's end, is between two tokens."""
        if self.end_of_line in (before, token):
            return True
        return not (read(before).sides.right or read(token).sides.left)

    def forms(self, token: str) -> list[str]:
        """Return the token with all marks that it may have; with marks it is itself."""
        token = self.normalized(token)
        body = read(token).surface
        if token == self.end_of_line or not body or spelled(body, sides_of(body), None) != token:
            return [token]
        return list(dict.fromkeys(spelled(body, sides, self.end_of_line) for sides in EVERY))

    def is_letter(self, character: str) -> bool:
        """Whether a character beside a blank would make it a part of a word."""
        return character.isalnum() and not UNSPACED.match(character)

    def changed_sizes(self, text: str) -> Iterator[tuple[int, str, str]]:
        """Find the tokens that become longer or shorter by ``normalized``.

        NFKC may make several words of one: its original goes with the first token.
        """
        place = 0
        for original in text.split():
            read = self.normalized(original)
            words, tokens = read.split(), list[str]()
            for word in words:  # where there are several, the text has no space between them
                first, *rest = bodies(word)
                tokens += [f" {first}" if tokens else first, *rest]
            if words != [read]:
                wholes = [original, *[""] * (len(tokens) - 1)]
            else:
                wholes = tokens if read == original else list(self._originals(original, tokens))
            for number, (whole, token) in enumerate(zip(wholes, tokens, strict=True)):
                if whole != token:
                    yield place + number, whole, token
            place += len(tokens)

    def _originals(self, word: str, tokens: Sequence[str]) -> Iterator[str]:
        """Yield the part of a word that each of its tokens was."""
        parts = ((part, self.normalized(part)) for part in self._stretches(word))
        letters = (one for part, read in parts for one in by_character(part, len(read)))
        for token in tokens:
            yield "".join(islice(letters, len(token)))

    def _stretches(self, word: str) -> Iterable[str]:
        return stretches(word) if self.normalize else word


class _ProseDecoder(Decoder):
    """Writes a token after the space that belongs before it."""

    def __init__(self, end_of_line: str | None) -> None:
        self._end = end_of_line
        self._joined = True  # nothing is before the first token of a line

    def __call__(self, token: str) -> str:
        if token == self._end:
            self._joined = True
            return "\n"
        surface, sides = read(token)
        space = "" if self._joined or sides.left else " "
        self._joined = sides.right
        return space + surface


class _Kept(dict[str, tuple[str, ...]]):
    """The tokens of what is between white space; what is frequent is split only once."""

    def __init__(self, end_of_line: str | None, spaced_before: bool, spaced_after: bool) -> None:
        super().__init__()
        self._end, self._spaced = end_of_line, (spaced_before, spaced_after)

    def __missing__(self, word: str) -> tuple[str, ...]:
        if word.isalpha() and word != self._end and not UNSPACED.search(word):
            tokens: tuple[str, ...] = (word,)  # as below, but fast
        else:
            found = sided(bodies(word), *self._spaced)
            tokens = tuple(spelled(str(body), sides, self._end) for body, sides in found)
        if len(word) <= LONGEST_KEPT:
            if len(self) >= MOST_KEPT:
                self.clear()
            self[word] = tokens
        return tokens


@lru_cache(8)
def _kept(end_of_line: str | None, spaced_before: bool, spaced_after: bool) -> _Kept:
    """Return what is kept of words with, or without, white space before and after them."""
    return _Kept(end_of_line, spaced_before, spaced_after)
