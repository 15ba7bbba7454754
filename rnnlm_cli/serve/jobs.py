"""Work for a model's thread: each job yields between short pieces, and returns its result."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from rnnlm_cli.data.lines import both_ways
from rnnlm_cli.evaluate.perplexity import perplexity
from rnnlm_cli.evaluate.sequences import score_sequences
from rnnlm_cli.generate.beginning import Beginning, TokenScore
from rnnlm_cli.generate.fill import fill_steps, fill_steps_from_the_left
from rnnlm_cli.generate.start import before_start
from rnnlm_cli.generate.together import START_TOKENS
from rnnlm_cli.generate.written import TextAfter
from rnnlm_cli.model.likeliest import Likeliest, likeliest
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.serve.choice import Choice
from rnnlm_cli.serve.prompts import Given
from rnnlm_cli.serve.served import Served
from rnnlm_cli.serve.tasks import Pieces
from rnnlm_cli.system.arrays import Array

PIECE_TOKENS = 512
"""Tokens of lines that are scored together in one piece."""


def score_lines(
    model: TrainedModel, lines: Sequence[str], tokens: Sequence[list[str]], top: int
) -> Pieces:
    """Score lines by themselves, each with its end.

    Args:
        model: The model.
        lines: The text of each.
        tokens: The tokens of each, with its end.
        top: How many of the most likely tokens to return in each place.
    """
    found: list[dict[str, Any]] = []
    ids = [model.vocabulary.ids_of(line) for line in tokens]
    for some in batches([len(line) for line in tokens]):
        if top:
            scores = []
            for k in some:
                line, end = ids[k].tolist(), [model.line_start()]
                beginning = Beginning(model, line, end, top, START_TOKENS)
                while beginning.left:
                    beginning.read_part()
                    yield
                scores.append(beginning.scores)
        else:
            scores = [
                [TokenScore(k, value, []) for k, value in zip(each.tolist(), own, strict=True)]
                for each, own in score_by_sequences(model, [ids[k] for k in some])
            ]
        for k, own in zip(some, scores, strict=True):
            found.append(line_values(model, lines[k], tokens[k], own))
        yield
    nats, count = -sum(line["logprob"] for line in found), sum(map(len, tokens))
    return {
        "lines": found,
        "tokens": count,
        "nats_per_token": nats / count if count else None,
        "perplexity": finite(perplexity(nats, count)) if count else None,
    }


def score_by_sequences(model: TrainedModel, ids: Sequence[Array]) -> Iterator[Any]:
    """Yield each line's ids and the natural logs of their probabilities."""
    scores = score_sequences(model.network, ids, model.line_start())
    yield from zip(ids, (own.tolist() for own in scores), strict=True)


def batches(sizes: Sequence[int]) -> Iterator[list[int]]:
    """Group places, in order, to about ``PIECE_TOKENS`` tokens."""
    group: list[int] = []
    size = 0
    for k, own in enumerate(sizes):
        if group and size + own > PIECE_TOKENS:
            yield group
            group, size = [], 0
        group.append(k)
        size += own
    if group:
        yield group


def line_values(
    model: TrainedModel, text: str, tokens: Sequence[str], scores: Sequence[TokenScore]
) -> dict[str, Any]:
    """Return the scores of a line as plain values."""
    after, unknown, shown = TextAfter(model.codec, []), model.vocabulary.unknown_id, []
    for token, score in zip(tokens, scores, strict=True):
        top = candidates(model, after, score.likeliest)
        shown.append(
            {
                "token": token,
                "text": after(token),
                "logprob": score.log_prob,
                "oov": score.id == unknown,
                "top": top,
            }
        )
    log_prob = math.fsum(score.log_prob or 0.0 for score in scores)
    own = finite(perplexity(-log_prob, len(scores))) if scores else None
    return {"text": text, "tokens": shown, "logprob": log_prob, "perplexity": own}


def candidates(model: TrainedModel, after: TextAfter, tops: Likeliest) -> list[dict[str, Any]]:
    """Return likely tokens with the text that each would add."""
    names = model.vocabulary.tokens
    return [
        {"token": names[k], "text": after.peek(names[k]), "id": k, "logprob": value}
        for k, value in tops
    ]


def next_after(prompt: Given, top: int) -> Pieces:
    """Return the most likely tokens after a prompt."""
    beginning = prompt.beginning()
    while beginning.left:
        beginning.read_part()
        yield
    return candidates(prompt.model, prompt.after(), likeliest(beginning.log_probs, top)[0])


def read_only(choices: Sequence[Choice]) -> Pieces:
    """Read the starts of texts that get no token more."""
    for choice in choices:
        while choice.beginning.left:
            choice.beginning.read_part()
            yield
        choice.begin()


def fill_line(
    model: TrainedModel, tokens: Sequence[str | None], top: int, skipped: Sequence[int]
) -> Pieces:
    """Fill the blanks of a line."""
    decode = model.codec.decode
    if model.network.bidirectional:
        filling = yield from fill_steps(model, tokens, top, skipped)
        blanks = [[{"token": k, "logprob": p} for k, p in one] for one in filling.candidates]
        return {"text": decode(filling.tokens), "blanks": blanks, "lines": []}
    found = yield from fill_steps_from_the_left(model, tokens, top, skipped)
    lines = [{"text": decode(one.tokens), "logprob": one.log_prob} for one in found]
    return {"text": lines[0]["text"], "blanks": [], "lines": lines}


def trace_token(served: Served, tokens: Sequence[str], position: int) -> Pieces:
    """Return what each layer did at one token of a text."""
    model = served.model
    ids = model.vocabulary.ids_of(tokens)
    if model.network.bidirectional:
        both = both_ways(ids[:, np.newaxis], model.line_start())
        layers, _ = served.tracer.read(both)
        yield
        return [rounded(layer, position) for layer in layers]
    known = [model.vocabulary.tokens[k] for k in ids[: position + 1]]
    every: list[int] = [*before_start(model, known), *ids[: position + 1].tolist()]
    before, last = every[:-1], every[-1]
    state = model.network.initial_state(1)
    if before:
        beginning = Beginning(model, before, part=START_TOKENS)
        while beginning.left:
            beginning.read_part()
            yield
        state = beginning.state
    layers, _ = served.tracer.read(np.array([[last]]), state)
    return [rounded(layer, 0) for layer in layers]


def rounded(layer: Any, place: int) -> dict[str, Any]:
    """Return gates and states of a layer at a step, to four decimals."""
    return {
        "name": layer.name,
        "gates": {key: digits(values[place, 0]) for key, values in layer.gates.items()},
        "states": {key: digits(values[place, 0]) for key, values in layer.states.items()},
    }


def digits(values: Array) -> list[float]:
    """Return values with four decimals."""
    return [round(float(value), 4) for value in values]


def finite(value: float) -> float | None:
    """Return a number, or ``None`` if JSON has none for it."""
    return value if math.isfinite(value) else None
