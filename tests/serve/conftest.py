"""A server without a network: requests are given to the application, answers taken from it."""

import asyncio
import contextlib
import json

import numpy as np
import pytest

from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.schema import Config
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.serve.access import Access
from rnnlm_cli.serve.app import application
from rnnlm_cli.serve.handover import Mailbox
from rnnlm_cli.serve.limits import Limits
from rnnlm_cli.serve.service import Service
from rnnlm_cli.text.codec.jamo import JamoCodec
from rnnlm_cli.text.vocabulary import Vocabulary

WORDS = ["you", "say", "goodbye", "hello", "!", "<eos>", "<unk>"]


def made(tokens, codec=None, unknown="<unk>", scale=3.0, **shape):
    """Return a model with random weights."""
    shape = {"cell": "lstm", "embedding_size": 4, "hidden_size": 5, "layers": 2, **shape}
    config = Config(
        corpus=CorpusConfig(train="a.txt"),
        model=ModelConfig(**shape),
        checkpoint=CheckpointConfig(path="a.pkl"),
    )
    rng = np.random.default_rng(1)
    network = Rnnlm.random(config.model, len(tokens), rng, np.float64)
    for param in network.params.values():
        param.value[...] *= scale
    vocabulary = Vocabulary(tokens, np.ones(len(tokens), np.int64), unknown)
    return TrainedModel(config, codec or codec_of(config), vocabulary, network)


@pytest.fixture(scope="session")
def models():
    letters = JamoCodec().split("하늘이 맑다")
    return {
        "words.pkl": made(WORDS),
        "jamo.pkl": made([*sorted({*letters, " "}), "<unk>", "\n"], JamoCodec(end_of_line=None)),
        "both.pkl": made(WORDS, direction="bidirectional"),
    }


class Reply:
    """An answer."""

    def __init__(self, messages):
        start, *parts = messages
        self.status = start["status"]
        self.headers = {k.decode(): v.decode() for k, v in start["headers"]}
        self.pieces = [part["body"] for part in parts if part["body"]]
        self.body = b"".join(self.pieces)

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json["error"]

    @property
    def events(self):
        """What was streamed, without the last event."""
        *events, last = self.body.decode().removesuffix("\n\n").split("\n\n")
        assert last == "data: [DONE]"
        return [json.loads(event.removeprefix("data: ")) for event in events]


class Server:
    """An application, and its service."""

    def __init__(self, models, access=None, limits=None):
        pytest.importorskip("starlette")
        self.reports = []
        self.service = Service(list(models.items()), limits, self.reports.append)
        self.app = application(self.service, access or Access())

    def ask(self, path, body=None, method=None, headers=(), **fields):
        """Ask, and return the answer."""
        return asyncio.run(self.asked(path, body, method, headers, **fields))

    async def asked(self, path, body=None, method=None, headers=(), gone=None, sent=None, **fields):
        """Ask, and return the answer; the client leaves when ``gone`` is set."""
        if fields:
            body = json.dumps(fields).encode()
        given = {"host": "127.0.0.1:8000", **dict(headers)}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method or ("GET" if body is None else "POST"),
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": "http",
            "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in given.items()],
            "client": ("127.0.0.1", 5),
            "server": ("127.0.0.1", 8000),
        }
        messages = [] if sent is None else sent
        parts = [{"type": "http.request", "body": body or b"", "more_body": False}]
        gone = gone or asyncio.Event()

        async def receive():
            if parts:
                return parts.pop(0)
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            messages.append(message)

        await self.app(scope, receive, send)
        return Reply(messages) if messages else None


@contextlib.contextmanager
def running(models, access=None, limits=None):
    """Serve models."""
    server = Server(models, access, limits)
    server.service.start()
    try:
        yield server
    finally:
        server.service.stop()


@pytest.fixture(scope="session")
def server(models):
    with running(models) as server:
        yield server


@pytest.fixture
def serve(models):
    """Serve with other rules or limits."""
    with contextlib.ExitStack() as stack:
        yield lambda access=None, limits=None, models=models: stack.enter_context(
            running(models, access, limits or Limits())
        )


@pytest.fixture
def hurried(monkeypatch):
    """A second takes a twentieth of one."""
    begin = Mailbox.open
    monkeypatch.setattr(Mailbox, "open", lambda box, seconds: begin(box, seconds / 20))
