"""What a model writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import overload

from rnnlm_cli.api.filling import Filled, fill_blanks
from rnnlm_cli.api.task import Task, check_beam
from rnnlm_cli.errors import UsageError
from rnnlm_cli.generate.filters import Filters
from rnnlm_cli.generate.limits import SAMPLES, SEED
from rnnlm_cli.generate.text import generate, search
from rnnlm_cli.generate.written import WrittenText
from rnnlm_cli.model.trained import TrainedModel


class Writing:
    """What a model writes; a part of ``LanguageModel``."""

    model: TrainedModel

    @overload
    def generate(
        self,
        start: str | None = None,
        *,
        length: int = 100,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        min_p: float = 0.0,
        repetition_penalty: float = 1.0,
        no_repeat_ngram: int = 0,
        skip: Iterable[str] = (),
        stop: Iterable[str] = (),
        until_sentences: int | None = None,
        seed: int = 0,
        samples: None = None,
        beam: int | None = None,
        length_penalty: float = 1.0,
        allow_unknown: bool = False,
    ) -> str: ...

    @overload
    def generate(
        self,
        start: str | None = None,
        *,
        length: int = 100,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        min_p: float = 0.0,
        repetition_penalty: float = 1.0,
        no_repeat_ngram: int = 0,
        skip: Iterable[str] = (),
        stop: Iterable[str] = (),
        until_sentences: int | None = None,
        seed: int = 0,
        samples: int,
        beam: int | None = None,
        length_penalty: float = 1.0,
        allow_unknown: bool = False,
    ) -> list[str]: ...

    def generate(
        self,
        start: str | None = None,
        *,
        length: int = 100,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        min_p: float = 0.0,
        repetition_penalty: float = 1.0,
        no_repeat_ngram: int = 0,
        skip: Iterable[str] = (),
        stop: Iterable[str] = (),
        until_sentences: int | None = None,
        seed: int = 0,
        samples: int | None = None,
        beam: int | None = None,
        length_penalty: float = 1.0,
        allow_unknown: bool = False,
    ) -> str | list[str]:
        """Return a text that goes on from a start, or a list of several.

        Args:
            start: What it begins with; ``None`` to begin as a line begins.
            length: Tokens to add, at most.
            temperature: Below 1 safer, above 1 bolder; 0 always takes the likeliest token.
            top_k: Draw from this many of the likeliest tokens only; 0 for all.
            top_p: Draw from the likeliest tokens only that together have this probability.
            min_p: Draw only tokens with at least this share of the likeliest one's probability.
            repetition_penalty: Above 1 tokens of the text so far are less likely.
            no_repeat_ngram: Draw no n-gram of this length twice; 0 allows it.
            skip: Tokens that are never drawn, such as ``["<unk>"]``.
            stop: Tokens that end the text.
            until_sentences: End after this many ends of lines.
            seed: The same seed gives the same text; sample ``k``, from 0, has ``seed + k``.
            samples: How many texts; with a number the result is a list.
            beam: Draw nothing, and search for the likeliest texts, with this many on the way.
            length_penalty: Of a beam: texts are compared by their sum of logs over ``length`` to
                the power of this.
            allow_unknown: Take the unknown token for one in the start that the model does not know.

        Raises:
            UsageError: The start is empty, or has a token that the model does not know; an
                argument is of the wrong type or out of range, or contradicts another; nothing is
                left to draw; the model is bidirectional.

        >>> lm.generate("you", length=7, seed=1)
        'you say goodbye and i say hello.'
        >>> lm.generate("you", samples=2, beam=2, length=1, skip=["<unk>"])[0]
        'you say'
        """
        filters = Filters((), no_repeat_ngram, repetition_penalty, temperature, top_k, top_p, min_p)
        task = Task.of(
            self.model, start, length, filters, skip, stop, until_sentences, allow_unknown
        )
        SEED.check("seed", seed)
        if samples is not None:
            SAMPLES.check("samples", samples)
        count = 1 if samples is None else samples
        if beam is not None:
            check_beam(beam, count, length_penalty, filters, seed)
            texts = search(*task.beginning, beam, task.filters, task.ends, length_penalty)[:count]
        elif length_penalty != 1:
            raise UsageError("is of a beam search; give beam too", field="length_penalty")
        else:
            seeds = range(seed, seed + count)
            *_, texts = generate(*task.beginning, seeds, task.filters, task.ends)
        found = [self.model.codec.decode(text.tokens) for text in texts]
        return found[0] if samples is None else found

    def stream(
        self,
        start: str | None = None,
        *,
        length: int = 100,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        min_p: float = 0.0,
        repetition_penalty: float = 1.0,
        no_repeat_ngram: int = 0,
        skip: Iterable[str] = (),
        stop: Iterable[str] = (),
        until_sentences: int | None = None,
        seed: int = 0,
        allow_unknown: bool = False,
    ) -> Iterator[str]:
        """Return the text that ``generate`` would return, piece by piece as it is written.

        The arguments and errors are those of ``generate``; errors come at once.

        >>> pieces = lm.stream("you", length=3, seed=1)
        >>> next(pieces), next(pieces), "".join(pieces)
        ('you', ' say', ' goodbye and')
        """
        filters = Filters((), no_repeat_ngram, repetition_penalty, temperature, top_k, top_p, min_p)
        task = Task.of(
            self.model, start, length, filters, skip, stop, until_sentences, allow_unknown
        )
        SEED.check("seed", seed)
        return WrittenText(task.model, task.start, seed).go_on(task.length, task.filters, task.ends)

    def fill(
        self,
        line: str,
        *,
        top: int = 5,
        blank: str = "___",
        skip: Iterable[str] = (),
        allow_unknown: bool = False,
    ) -> Filled:
        """Fill the blanks of a line, one token each; the model may be bidirectional.

        Args:
            line: The line.
            top: How many tokens for each blank, or how many lines.
            blank: What marks a blank.
            skip: Tokens that fill no blank.
            allow_unknown: The line may have tokens that the model does not know.

        Raises:
            UsageError: The line has no blank, or a token that the model does not know; an argument
                is of the wrong type or out of range; nothing is left to fill a blank with.

        >>> lm.fill("you ___ goodbye and i ___ hello .").text
        'you say goodbye and i say hello.'
        """
        return fill_blanks(self.model, line, top, blank, skip, allow_unknown)
