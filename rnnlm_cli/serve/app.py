"""The application: which path does what. The only file that imports Starlette."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from rnnlm_cli import __version__
from rnnlm_cli.serve import asks
from rnnlm_cli.serve.access import Access
from rnnlm_cli.serve.answers import Answer, Events, in_json
from rnnlm_cli.serve.completions import completions
from rnnlm_cli.serve.endpoint import Endpoint, Handle
from rnnlm_cli.serve.errors import ApiError
from rnnlm_cli.serve.openapi import description
from rnnlm_cli.serve.page import page_files
from rnnlm_cli.serve.service import Service
from rnnlm_cli.system.optional import extra

POSTS: dict[str, Handle] = {
    "/v1/completions": completions,
    "/v1/score": asks.score,
    "/v1/next": asks.next_tokens,
    "/v1/fill": asks.fill,
    "/v1/trace": asks.trace,
}
"""Paths that take a body."""

METRICS_KIND = "text/plain; version=0.0.4; charset=utf-8"


def application(service: Service, access: Access) -> Any:
    """Return the ASGI application; its lifespan begins and ends the models' threads.

    Raises:
        UsageError: Starlette is not installed.
    """
    starlette = extra("starlette.applications", "serve")
    routing = extra("starlette.routing", "serve")

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        service.start()
        try:
            yield
        finally:
            service.stop()

    def route(path: str, method: str, handle: Handle, is_open: bool = False) -> Any:
        return routing.Route(path, Endpoint(service, access, path, method, handle, is_open))

    gets = get_handles(service, access)
    routes = [route(path, "POST", handle) for path, handle in POSTS.items()]
    routes += [route(path, "GET", gets[path]) for path in gets if path != "/health"]
    routes.append(route("/health", "GET", gets["/health"], is_open=True))
    routes += [route(path, "GET", fixed(page), True) for path, page in page_files().items()]
    one_model = ModelEndpoint(service, access)
    routes.append(routing.Route("/v1/models/{name:path}", one_model))
    app = starlette.Starlette(routes=routes, lifespan=lifespan)
    app.router.redirect_slashes = False
    app.router.default = Endpoint(service, access, "other", "", not_found, is_open=True)
    return app


def get_handles(service: Service, access: Access) -> dict[str, Handle]:
    """Return what answers the paths without a body."""
    api = msgspec.json.encode(description(bool(access.key)))

    async def models(service: Service, body: bytes) -> Answer:
        data = [served.values for served in service.models.values()]
        return in_json({"object": "list", "data": data})

    async def metrics(service: Service, body: bytes) -> Answer:
        return Answer(200, service.metrics.text(service.models).encode(), METRICS_KIND)

    return {
        "/v1/models": models,
        "/health": health,
        "/metrics": metrics,
        "/openapi.json": fixed(Answer(200, api)),
    }


async def health(service: Service, body: bytes) -> Answer:
    """Tell whether the server answers."""
    alive = all(served.worker.alive for served in service.models.values())
    status = "draining" if service.draining else "ok" if alive else "failed"
    values = {"status": status, "version": __version__, "models": list(service.models)}
    return in_json(values, 200 if status == "ok" else 503)


async def not_found(service: Service, body: bytes) -> Answer:
    """Refuse a path that there is not."""
    raise ApiError(404, "there is no such path; GET /openapi.json lists them", code="not_found")


def fixed(answer: Answer) -> Handle:
    """Return what always answers the same."""

    async def handle(service: Service, body: bytes) -> Answer:
        return answer

    return handle


class ModelEndpoint:
    """``/v1/models/ID``: an id may have a slash."""

    def __init__(self, service: Service, access: Access) -> None:
        self._service, self._access = service, access

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer with the model, or 404."""
        name = scope["path_params"]["name"]

        async def one(service: Service, body: bytes) -> Answer | Events:
            if name not in service.models:
                known = ", ".join(service.models)
                message = f"model: there is no such model; there are: {known}"
                raise ApiError(404, message, "model", "model_not_found")
            return in_json(service.models[name].values)

        path = "/v1/models/{model}"
        endpoint = Endpoint(self._service, self._access, path, "GET", one)
        await endpoint(scope, receive, send)
