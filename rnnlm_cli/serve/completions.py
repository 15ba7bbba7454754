"""``/v1/completions``: texts that go on from prompts, whole or in pieces."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import msgspec

from rnnlm_cli.serve.answers import Answer, Events, in_json
from rnnlm_cli.serve.choice import Delta
from rnnlm_cli.serve.completion import Completion
from rnnlm_cli.serve.errors import ApiError, as_api_error
from rnnlm_cli.serve.jobs import read_only
from rnnlm_cli.serve.requests import CompletionRequest, decoded
from rnnlm_cli.serve.service import Service
from rnnlm_cli.serve.tasks import Work, Writing

DONE = b"[DONE]"


async def completions(service: Service, body: bytes) -> Answer | Events:
    """Answer a request for texts."""
    request = decoded(body, CompletionRequest)
    served = service.model(request.model, "completions")
    # splitting a long prompt takes time, which the event loop does not have
    completion = await asyncio.to_thread(Completion, request, served, service.limits)
    if request.stream_options is not None and not request.stream:
        raise ApiError(400, "stream_options: needs stream", "stream_options")
    writing = completion.writing()
    deltas = written(service, completion, writing)
    if request.stream:
        return Events(events(completion, writing, deltas))
    whole: dict[int, list[Delta]] = {}
    async for index, delta in deltas:
        whole.setdefault(index, []).append(delta)
    choices = [completion.choice(index, joined(whole[index])) for index in sorted(whole)]
    return in_json(completion.values(choices, completion.usage(writing.choices)))


async def written(
    service: Service, completion: Completion, writing: Writing
) -> AsyncIterator[tuple[int, Delta]]:
    """Let the model's thread write; yield what is new in each choice.

    When the time is over, the texts end as if their length were reached.

    Raises:
        ApiError: The model cannot write.
    """
    served, begun = completion.served, time.monotonic()
    if not completion.length:
        await service.result(served, Work(read_only(writing.choices)))
        for index, choice in enumerate(writing.choices):
            yield index, choice.take() or Delta("", [], "length")
        return
    service.begin(served, writing)
    try:
        first, done = True, False
        while not done:
            try:
                await writing.box.wait()
            except TimeoutError:
                served.worker.cancel(writing)
                for index, choice in enumerate(writing.choices):
                    if choice.finish is None:
                        delta = choice.take() or Delta("", [], None)
                        yield index, delta._replace(finish="length")
                return
            done = writing.done  # before looking, so that nothing that comes meanwhile is lost
            if writing.error is not None:
                raise writing.error
            for index, choice in enumerate(writing.choices):
                if (new := choice.take()) is not None:
                    if first:
                        service.metrics.first_token.add(time.monotonic() - begun)
                        first = False
                    yield index, new
    finally:
        service.leave(served, writing)


async def events(
    completion: Completion, writing: Writing, deltas: AsyncIterator[tuple[int, Delta]]
) -> AsyncIterator[bytes]:
    """Yield the pieces of a streamed answer."""
    encode = msgspec.json.Encoder().encode
    options = completion.request.stream_options
    try:
        async for index, delta in deltas:
            yield encode(completion.values([completion.choice(index, delta)]))
        if options is not None and options.include_usage:
            yield encode(completion.values([], completion.usage(writing.choices)))
        yield DONE
    except Exception as error:  # the answer has begun, so its status cannot tell
        yield encode(as_api_error(error).values)


def joined(deltas: Sequence[Delta]) -> Delta:
    """Return all that was new in a choice as one."""
    tokens = [token for delta in deltas for token in delta.tokens]
    return Delta("".join(delta.text for delta in deltas), tokens, deltas[-1].finish)
