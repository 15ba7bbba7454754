"""The OpenAPI description, made from the types of requests."""

from __future__ import annotations

from typing import Any

import msgspec

from rnnlm_cli import __version__
from rnnlm_cli.serve.requests import (
    CompletionRequest,
    FillRequest,
    NextRequest,
    ScoreRequest,
    TraceRequest,
)
from rnnlm_cli.serve.schemas import ANSWERS, Failure, Health, ModelList, OneModel

POSTS: dict[str, tuple[type[Any], str]] = {
    "/v1/completions": (CompletionRequest, "Texts that go on from prompts"),
    "/v1/score": (ScoreRequest, "Log-probabilities of each line and token of a text"),
    "/v1/next": (NextRequest, "The most likely next tokens"),
    "/v1/fill": (FillRequest, "The most likely tokens for the blanks of a line"),
    "/v1/trace": (TraceRequest, "Gates and states at a token of a text"),
}
"""Paths that take a body: its type, and what they do."""

GETS: dict[str, tuple[type[Any] | None, str, str]] = {
    "/v1/models": (ModelList, "application/json", "The models"),
    "/v1/models/{model}": (OneModel, "application/json", "A model"),
    "/health": (Health, "application/json", "Whether the server answers"),
    "/metrics": (None, "text/plain", "Counts in Prometheus's text format"),
    "/openapi.json": (None, "application/json", "This description"),
}
"""Paths without a body: the type of the answer, its kind, and what it is."""

PREFIX = "#/components/schemas/"


def description(with_key: bool) -> dict[str, Any]:
    """Return the description of a server.

    Args:
        with_key: Whether it asks for a key.
    """
    kinds = [kind for kind, _ in POSTS.values()] + list(ANSWERS.values())
    kinds += [kind for kind, _, _ in GETS.values() if kind is not None] + [Failure]
    _, schemas = msgspec.json.schema_components(kinds, ref_template=PREFIX + "{name}")
    paths: dict[str, Any] = {path: {"post": post(path)} for path in POSTS}
    for path, (kind, media, meaning) in GETS.items():
        paths[path] = {"get": get(path, kind, media, meaning)}
    components: dict[str, Any] = {"schemas": schemas}
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "rnnlm", "version": __version__},
        "paths": paths,
        "components": components,
    }
    if with_key:
        components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        whole["security"] = [{"key": []}]
    return whole


def post(path: str) -> dict[str, Any]:
    """Return the description of a path that takes a body."""
    kind, meaning = POSTS[path]
    content = {"application/json": reference(ANSWERS[path])}
    if path == "/v1/completions":
        content["text/event-stream"] = {"schema": {"type": "string"}}
    return {
        "summary": meaning,
        "requestBody": {"required": True, "content": {"application/json": reference(kind)}},
        "responses": {"200": {"description": "Done", "content": content}, **failures()},
    }


def get(path: str, kind: type[Any] | None, media: str, meaning: str) -> dict[str, Any]:
    """Return the description of a path without a body."""
    schema = {"schema": {}} if kind is None else reference(kind)
    answer = {"200": {"description": meaning, "content": {media: schema}}}
    found: dict[str, Any] = {"summary": meaning, "responses": {**answer, **failures()}}
    if "{model}" in path:
        found["parameters"] = [
            {"name": "model", "in": "path", "required": True, "schema": {"type": "string"}}
        ]
    return found


def reference(kind: type[Any]) -> dict[str, Any]:
    """Return the reference to a type."""
    return {"schema": {"$ref": f"{PREFIX}{kind.__name__}"}}


def failures() -> dict[str, Any]:
    """Return the description of errors."""
    return {
        "4XX": {
            "description": "What is wrong",
            "content": {"application/json": reference(Failure)},
        }
    }
