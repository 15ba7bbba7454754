"""What else a model is asked: ``/v1/score``, ``/v1/next``, ``/v1/fill``, ``/v1/trace``."""

from __future__ import annotations

import asyncio

from rnnlm_cli.errors import quoted
from rnnlm_cli.generate.blanks import cut_blanks
from rnnlm_cli.generate.limits import skipped_ids
from rnnlm_cli.generate.start import known_tokens
from rnnlm_cli.serve.answers import Answer, in_json
from rnnlm_cli.serve.completion import check_range
from rnnlm_cli.serve.errors import ApiError
from rnnlm_cli.serve.jobs import fill_line, next_after, score_lines, trace_token
from rnnlm_cli.serve.prompts import check_length, given, tokens_of
from rnnlm_cli.serve.requests import (
    FillRequest,
    NextRequest,
    ScoreRequest,
    TraceRequest,
    decoded,
)
from rnnlm_cli.serve.service import Service
from rnnlm_cli.serve.tasks import Work
from rnnlm_cli.text.pieces import Piece

BLANK = "___"


async def score(service: Service, body: bytes) -> Answer:
    """Score each line of a text by itself."""
    request = decoded(body, ScoreRequest)
    served, limits = service.model(request.model, "score"), service.limits
    top = request.top or 0
    check_range("top", top, 0, limits.max_top)
    lines = lines_of(request.text)

    def split() -> list[list[str]]:
        return [served.model.codec.tokens(Piece(line, True)) for line in lines]

    tokens = await asyncio.to_thread(split)
    check_length(sum(map(len, tokens)), limits.max_text, "text")
    work = Work(score_lines(served.model, lines, tokens, top))
    return in_json({"model": served.name} | await service.result(served, work))


async def next_tokens(service: Service, body: bytes) -> Answer:
    """Return the most likely next tokens."""
    request = decoded(body, NextRequest)
    served, limits = service.model(request.model, "next"), service.limits
    top = 10 if request.top is None else request.top
    check_range("top", top, 1, limits.max_top)
    unknown = bool(request.allow_unknown)
    prompt = await asyncio.to_thread(
        given, served.model, request.prompt, unknown, limits.max_prompt
    )
    found = await service.result(served, Work(next_after(prompt, top)))
    about = {"model": served.name, "prompt_tokens": len(prompt.tokens)}
    return in_json(about | {"next": found})


async def fill(service: Service, body: bytes) -> Answer:
    """Fill the blanks of a line."""
    request = decoded(body, FillRequest)
    served, limits = service.model(request.model, "fill"), service.limits
    top = 5 if request.top is None else request.top
    check_range("top", top, 1, limits.max_top)
    blank = BLANK if request.blank is None else request.blank
    if not blank or "\n" in request.text:
        field = "text" if blank else "blank"
        raise ApiError(400, f"{field}: must be one line, with a mark that is not empty", field)

    def cut() -> list[str | None]:
        tokens = cut_blanks(served.model, request.text, blank)
        check_length(len(tokens), limits.max_prompt, "text")
        own = [token for token in tokens if token is not None]
        place = quoted(request.text)
        known_tokens(served.model, own, bool(request.allow_unknown), place=place)
        return tokens

    tokens = await asyncio.to_thread(cut)
    skipped = skipped_ids(served.model, request.skip or [])
    work = Work(fill_line(served.model, tokens, top, skipped))
    return in_json({"model": served.name} | await service.result(served, work))


async def trace(service: Service, body: bytes) -> Answer:
    """Return gates and states at one token of a text."""
    request = decoded(body, TraceRequest)
    served, limits = service.model(request.model, "trace"), service.limits
    tokens = await asyncio.to_thread(tokens_of, served.model, request.text)
    check_length(len(tokens), limits.max_prompt, "text")
    if not tokens:
        raise ApiError(400, "text: must not be empty; give a token", "text")
    last = len(tokens) - 1
    position = last if request.position is None else request.position
    check_range("position", position, 0, last)
    work = Work(trace_token(served, tokens, position))
    about = {"model": served.name, "token": tokens[position]}
    return in_json(about | {"layers": await service.result(served, work)})


def lines_of(text: str | list[str]) -> list[str]:
    """Return the lines of a text, without their ends.

    Raises:
        ApiError: A line in a list has several lines.
    """
    lines = text.removesuffix("\n").split("\n") if isinstance(text, str) else text
    lines = [line.removesuffix("\n").removesuffix("\r") for line in lines]
    if any("\n" in line for line in lines):
        raise ApiError(400, "text: a line of the list has a newline; give one line each", "text")
    return lines
