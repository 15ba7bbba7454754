"""One text of a request as it is written: its text, its stop strings, its log-probabilities."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from rnnlm_cli.generate.beginning import Beginning
from rnnlm_cli.generate.together import Drawn
from rnnlm_cli.generate.written import TextAfter
from rnnlm_cli.model.likeliest import Likeliest
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.codec.base import Codec


class Shown(NamedTuple):
    """A token as the answer shows it."""

    token: str
    log_prob: float | None
    likeliest: Likeliest
    offset: int  # where its text begins in the text of the choice


class Delta(NamedTuple):
    """What is new in a choice."""

    text: str
    tokens: list[Shown]
    finish: str | None  # "stop" or "length"


class StopText:
    """Finds the first of some strings in a text that comes in pieces."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops, self._held = stops, ""

    def feed(self, piece: str) -> tuple[str, bool]:
        """Return what can be shown, and whether the text ends there.

        The beginning of a possible stop string is held back.
        """
        text = self._held + piece
        found = [place for stop in self._stops if (place := text.find(stop)) >= 0]
        if found:
            self._held = ""
            return text[: min(found)], True
        longest = min(len(text), max(map(len, self._stops), default=0) - 1)
        keep = next(
            (
                size
                for size in range(longest, 0, -1)
                if any(stop.startswith(text[len(text) - size :]) for stop in self._stops)
            ),
            0,
        )
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep], False

    def rest(self) -> str:
        """Return what was held back, when nothing follows."""
        return self._held


class Choice:
    """A text that a model's thread writes and a request reads.

    Attributes:
        new: What the request has not read yet; at most as much as the text is long.
        drawn: How many tokens were drawn.
        finish: Why it ended; ``None`` before that.
    """

    def __init__(
        self,
        model: TrainedModel,
        beginning: Beginning,
        seed: int,
        length: int,
        after: TextAfter,
        stops: Sequence[str] = (),
        echo: str | None = None,
    ) -> None:
        """Prepare a text.

        Args:
            model: The model.
            beginning: Its start.
            seed: Of its random generator.
            length: Maximum tokens.
            after: Turns its tokens into text; a copy for this text alone.
            stops: Strings that end it.
            echo: The start's text, to be shown before what is drawn.
        """
        self.beginning, self.seed, self.drawn = beginning, seed, 0
        self.finish: str | None = None
        self.new: deque[Delta] = deque()
        self._model, self._length, self._after = model, length, after
        self._stops, self._echo = StopText(stops), echo
        self._held: list[Shown] = []
        self._decoded = self._emitted = len(echo or "")

    def begin(self) -> None:
        """The start has been read."""
        if self._echo is not None:
            tokens = echoed(self._model, self.beginning, self._echo)
            finish = None if self._length else "length"
            self.finish = finish
            self.new.append(Delta(self._echo, tokens, finish))
            self._echo = None
        elif not self._length:
            self.finish = "length"
            self.new.append(Delta("", [], "length"))

    def add(self, drawn: Drawn) -> bool:
        """Add a token; return whether there is something new to read."""
        if not self.drawn:
            self.begin()
        self.drawn += 1
        token = self._model.vocabulary.tokens[drawn.id]
        self._held.append(Shown(token, drawn.log_prob, drawn.likeliest, self._decoded))
        piece = self._after(token)
        last = self.drawn >= self._length
        if last:
            piece += self._after.end()
        self._decoded += len(piece)
        text, stopped = self._stops.feed(piece)
        if stopped:
            self.finish = "stop"
        elif last:
            text, self.finish = text + self._stops.rest(), "length"
        self._emitted += len(text)
        if self.finish == "length":
            shown, self._held = self._held, []
        else:
            count = sum(one.offset < self._emitted for one in self._held)
            shown, self._held = self._held[:count], self._held[count:]
        if text or shown or self.finish:
            self.new.append(Delta(text, shown, self.finish))
        return bool(self.new)

    def take(self) -> Delta | None:
        """Return all that is new as one; called by the request."""
        parts: list[Delta] = []
        while self.new:
            parts.append(self.new.popleft())
        if not parts:
            return None
        tokens = [token for part in parts for token in part.tokens]
        return Delta("".join(part.text for part in parts), tokens, parts[-1].finish)


def echoed(model: TrainedModel, beginning: Beginning, text: str) -> list[Shown]:
    """Return the tokens of a start as the answer shows them."""
    tokens = [model.vocabulary.tokens[score.id] for score in beginning.scores]
    places = places_of(tokens, text, model.codec, model.vocabulary.unknown)
    return [
        Shown(token, score.log_prob, score.likeliest, place)
        for token, score, place in zip(tokens, beginning.scores, places, strict=True)
    ]


def places_of(tokens: Sequence[str], text: str, codec: Codec, unknown: str) -> list[int]:
    """Return where in a text each of its tokens begins, with the white space before it.

    An unknown token has the length of the word, or character, that a user wrote in its place.
    White space may be longer than the codec writes it, and letters in another case.
    """
    decode, place = codec.decoder(), 0
    written = re.compile(r"\s*\S+" if codec.separator else r".", re.DOTALL)
    found = []
    for token in tokens:
        piece = decode(token)
        found.append(min(place, len(text)))
        if token == unknown and (word := written.match(text, place)):
            place = word.end()
        elif "\n" in piece:
            place = text.find("\n", place) + 1 or len(text)
        elif codec.separator:
            letters = text[place:].lstrip()
            place = len(text) - len(letters) + len(piece.strip())
        else:
            place += len(piece)
    return found
