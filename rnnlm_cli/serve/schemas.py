"""The forms of answers, for the OpenAPI description."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class ErrorOf(msgspec.Struct):
    """What is wrong with a request."""

    message: str
    type: str
    param: str | None
    code: str | None


class Failure(msgspec.Struct):
    """An error."""

    error: ErrorOf


class AboutModel(msgspec.Struct):
    """What a model is."""

    unit: str
    separator: str
    cell: str
    layers: int
    hidden_size: int
    vocabulary: int
    parameters: int
    line_end: str | None
    unknown: str
    bidirectional: bool
    gates: list[str]
    can: list[Literal["completions", "score", "next", "fill", "trace"]]


class OneModel(msgspec.Struct):
    """A model."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    rnnlm: AboutModel


class ModelList(msgspec.Struct):
    """All models."""

    object: Literal["list"]
    data: list[OneModel]


class Health(msgspec.Struct):
    """Whether the server answers."""

    status: Literal["ok", "draining", "failed"]
    version: str
    models: list[str]


class Candidate(msgspec.Struct):
    """A likely token and the text that it would add."""

    token: str
    text: str
    id: int
    logprob: float


class Logprobs(msgspec.Struct):
    """Tokens with natural logs of their probabilities, before any filter."""

    tokens: list[str]
    token_logprobs: list[float | None]
    top_logprobs: list[dict[str, float] | None]
    text_offset: list[int]


class ChoiceOf(msgspec.Struct):
    """A text, or what is new in it."""

    index: int
    text: str
    logprobs: Logprobs | None
    finish_reason: Literal["stop", "length"] | None


class Usage(msgspec.Struct):
    """Numbers of tokens."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class CompletionAnswer(msgspec.Struct):
    """Texts."""

    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    choices: list[ChoiceOf]
    usage: Usage | None = None


class ScoredToken(msgspec.Struct):
    """A token of a text."""

    token: str
    text: str
    logprob: float
    oov: bool
    top: list[Candidate]


class ScoredLine(msgspec.Struct):
    """A line of a text."""

    text: str
    tokens: list[ScoredToken]
    logprob: float
    perplexity: float | None


class ScoreAnswer(msgspec.Struct):
    """A text's scores, in nats."""

    model: str
    lines: list[ScoredLine]
    tokens: int
    nats_per_token: float | None
    perplexity: float | None


class NextAnswer(msgspec.Struct):
    """The most likely next tokens, the most likely first."""

    model: str
    prompt_tokens: int
    next: list[Candidate]


class Filler(msgspec.Struct):
    """A token for a blank."""

    token: str
    logprob: float


class FilledLine(msgspec.Struct):
    """A filled line."""

    text: str
    logprob: float


class FillAnswer(msgspec.Struct):
    """The filled line; ``blanks`` of a bidirectional model, ``lines`` of another."""

    model: str
    text: str
    blanks: list[list[Filler]]
    lines: list[FilledLine]


class Layer(msgspec.Struct):
    """A layer at one token."""

    name: str
    gates: dict[str, list[float]]
    states: dict[str, list[float]]


class TraceAnswer(msgspec.Struct):
    """All recurrent layers at one token, bottom first."""

    model: str
    token: str
    layers: list[Layer]


ANSWERS: dict[str, type[Any]] = {
    "/v1/completions": CompletionAnswer,
    "/v1/score": ScoreAnswer,
    "/v1/next": NextAnswer,
    "/v1/fill": FillAnswer,
    "/v1/trace": TraceAnswer,
}
"""The answer of each path that takes a body."""
