"""The thread of a model: what fails, what is long, what is asked at once."""

import asyncio
import threading

from rnnlm_cli.errors import DivergedError
from rnnlm_cli.generate.together import Together
from rnnlm_cli.serve import asks
from rnnlm_cli.serve.limits import Limits

PATH = "/v1/completions"


def test_a_failed_step_fails_its_texts_alone(serve, monkeypatch):
    server, step = serve(), Together.step
    failing = [True]

    def fail(self):
        if failing:
            failing.pop()
            raise DivergedError("the model has diverged")
        return step(self)

    monkeypatch.setattr(Together, "step", fail)
    reply = server.ask(PATH, model="words", prompt=["you", "say"])
    assert (reply.status, reply.error["type"]) == (500, "server_error")
    assert len(server.reports) == 1
    assert server.ask(PATH, model="words", prompt="you").status == 200
    failing.append(True)
    (event,) = [server.ask(PATH, model="words", prompt="you", stream=True).body]
    assert b"server_error" in event
    assert b"Traceback" not in event
    assert b'rnnlm_failures_total{model="words"} 2' in server.ask("/metrics").body


def test_a_mistake_of_the_program_is_reported_and_not_shown(serve, monkeypatch):
    server = serve()
    monkeypatch.setattr(server.service, "model", lambda *args: 1 / 0)
    reply = server.ask(PATH, model="words")
    assert reply.status == 500
    assert "zero" not in reply.body.decode()
    assert "ZeroDivisionError" in server.reports[0]


def test_long_work_does_not_stop_the_texts(serve, monkeypatch):
    begun, pieces = threading.Event(), []

    def without_end(*args):
        while True:
            pieces.append(1)
            begun.set()
            yield

    monkeypatch.setattr(asks, "score_lines", without_end)
    server = serve()

    async def written():
        reply = await server.asked(PATH, model="words", prompt="you", max_tokens=20)
        assert reply.status == 200

    async def scene():
        scoring = asyncio.create_task(server.asked("/v1/score", model="words", text="you say"))
        assert await asyncio.to_thread(begun.wait, 60)
        before = len(pieces)
        await written()
        assert len(pieces) > before
        assert not scoring.done()
        scoring.cancel()
        await asyncio.gather(scoring, return_exceptions=True)
        await written()
        before = len(pieces)
        await written()
        assert len(pieces) == before  # the work of who left is forgotten

    asyncio.run(scene())


def test_work_that_takes_too_long_is_refused(serve, hurried):
    server = serve(limits=Limits(max_seconds=1, max_text=10**6))
    reply = server.ask("/v1/score", model="words", text="you say " * 50_000, top=1)
    assert (reply.status, reply.error["code"]) == (413, "time_limit")


def test_texts_beyond_the_places_wait_for_their_turn(serve):
    server = serve(limits=Limits(max_streams=2))
    reply = server.ask(PATH, model="words", prompt="you", n=5, seed=1, max_tokens=4).json
    texts = [choice["text"] for choice in reply["choices"]]
    assert texts == [
        server.ask(PATH, model="words", prompt="you", seed=k, max_tokens=4).json["choices"][0][
            "text"
        ]
        for k in range(1, 6)
    ]
