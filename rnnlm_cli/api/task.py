"""What a model is asked to write: checked, and in the library's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from rnnlm_cli.api.arguments import tokens_of
from rnnlm_cli.api.reading import start_tokens
from rnnlm_cli.checks import Range
from rnnlm_cli.errors import UsageError
from rnnlm_cli.generate.beam import PENALTY, WIDTH
from rnnlm_cli.generate.filters import Filter, Filters
from rnnlm_cli.generate.limits import LENGTH, check_room, skipped_ids
from rnnlm_cli.generate.text import Ending, ending
from rnnlm_cli.model.trained import TrainedModel

SENTENCES = Range(1, whole=True)


class Task(NamedTuple):
    """A text that is asked for, in the library's words."""

    model: TrainedModel
    start: list[str]
    length: int
    filters: list[Filter]
    ends: Ending

    @classmethod
    def of(
        cls,
        model: TrainedModel,
        start: str | None,
        length: int,
        filters: Filters,
        skip: Iterable[str],
        stop: Iterable[str],
        sentences: int | None,
        allow_unknown: bool,
    ) -> Task:
        """Check what was asked for; see ``LanguageModel.generate``."""
        LENGTH.check("length", length)
        if sentences is not None:
            SENTENCES.check("until_sentences", sentences)
        model.require_left_to_right("write text from left to right; fill() fills its blanks")
        filters = replace(filters, skip=skipped_ids(model, tokens_of("skip", skip)))
        stops = tokens_of("stop", stop)
        tokens = start_tokens(model, start, allow_unknown)
        if not stops and sentences is None:
            check_room(model, filters, tokens, length)
        return cls(model, tokens, length, filters.in_order(), ending(model, stops, sentences))

    @property
    def beginning(self) -> tuple[TrainedModel, list[str], int]:
        """The model, the start and the length."""
        return self.model, self.start, self.length


def check_beam(beam: int, samples: int, penalty: float, filters: Filters, seed: int) -> None:
    """Refuse what a beam search cannot do.

    Raises:
        UsageError: It is asked for.
    """
    WIDTH.check("beam", beam)
    PENALTY.check("length_penalty", penalty)
    if samples > beam:
        raise UsageError(
            f"a beam of {beam} finds at most {beam} texts", field="samples", place=str(samples)
        )
    drawing = replace(filters, skip=(), no_repeat_ngram=0)
    if drawing != Filters() or seed != 0:
        raise UsageError(
            "searches and draws nothing; omit seed, repetition_penalty, temperature, top_k, top_p "
            "and min_p",
            field="beam",
            place=str(beam),
        )
