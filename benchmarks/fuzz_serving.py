"""A server that is asked anything: 10,000 requests, drawn by Hypothesis.

    python benchmarks/fuzz_serving.py [--requests 10000] [--seed N]

Run by ``make fuzz``. Fields have values that are right, nearly right or of another kind; bodies are
cut and changed; paths, methods and headers are invented. Every answer must have a status
of 2xx or 4xx; an error must be JSON in OpenAI's form with one line; nothing may be reported as a
mistake of the server's own, and no request may take more than ten seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from typing import Any, NamedTuple

import numpy as np
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from rnnlm_cli.config import make_config
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.serve.access import Access
from rnnlm_cli.serve.app import application
from rnnlm_cli.serve.limits import Limits
from rnnlm_cli.serve.openapi import GETS, POSTS
from rnnlm_cli.serve.service import Service
from rnnlm_cli.text.vocabulary import Vocabulary

SLOW = 10.0
"""Seconds that no request may take."""


class Ask(NamedTuple):
    """A request."""

    method: str
    path: str
    headers: list[tuple[bytes, bytes]]
    body: bytes


def made(direction: str, unit: str) -> TrainedModel:
    """Return a small model with random weights."""
    words = ["you", "say", "goodbye", "hello", "!", "<eos>", "<unk>"]
    letters = [*"yousaeglhb! \n", "한", "<unk>"]
    tokens = words if unit == "word" else letters
    config = make_config(
        {
            "corpus": {"train": "none.txt", "unit": unit},
            "model": {"cell": "gru", "embedding_size": 4, "hidden_size": 5, "direction": direction},
            "checkpoint": {"path": f"{direction}.pkl"},
        }
    )
    network = Rnnlm.random(config.model, len(tokens), np.random.default_rng(0))
    vocabulary = Vocabulary(tokens, np.ones(len(tokens), np.int64), "<unk>")
    return TrainedModel(config, codec_of(config), vocabulary, network)


WORDS = st.lists(st.sampled_from(["you", "say", "hello", "!", "___", "\n", "한", "shout", "<eos>"]))
TEXTS = st.one_of(WORDS.map(" ".join), st.text(max_size=30))
NUMBERS = st.one_of(
    st.integers(-2, 9),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, 1, 0.5, 1e308, -0.0, 2**63, 10**30, True]),
)
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
LIKELY: dict[str, Any] = {
    "model": st.sampled_from(["words", "letters", "both", "none", None]),
    "prompt": st.one_of(
        TEXTS, st.lists(st.integers(0, 7)), st.lists(TEXTS), st.lists(st.lists(st.integers(0, 7)))
    ),
    "text": st.one_of(TEXTS, st.lists(TEXTS)),
    "stop": st.one_of(TEXTS, st.lists(TEXTS, max_size=3)),
    "skip": st.lists(st.sampled_from(["you", "say", "<unk>", "x"])),
    "blank": st.sampled_from(["___", "_", "", "you"]),
    "seed": st.integers(0, 2**70),
    "stream_options": st.fixed_dictionaries({"include_usage": st.booleans()}),
}
"""What a field may be in a request that is right."""


@st.composite
def bodies(draw: Any, path: str) -> bytes:
    """A body for a path: right, nearly right, or not JSON."""
    names = list(POSTS[path][0].__struct_fields__) if path in POSTS else []
    fields = {}
    for name in draw(st.lists(st.sampled_from([*names, "unknown"]), unique=True)):
        fields[name] = draw(st.one_of(LIKELY.get(name, NUMBERS), ANYTHING))
    if draw(st.integers(0, 9)):
        fields |= {
            name: draw(LIKELY[name]) for name in ("model", "prompt", "text") if name in names
        }
    body: bytes = json.dumps(fields).encode()
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return bytes(draw(st.binary(max_size=40)))
    if kind == 1 and len(body) > 1:
        cut = draw(st.integers(0, len(body)))
        return body[:cut] + bytes(draw(st.binary(max_size=3))) + body[cut + 1 :]
    return body


HEADERS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from([b"host", b"origin", b"content-length", b"authorization", b"accept"]),
            st.one_of(st.binary(max_size=20), st.sampled_from([b"localhost", b"null", b"[::1]:8"])),
        ),
        st.tuples(st.binary(min_size=1, max_size=9).map(bytes.lower), st.binary(max_size=20)),
    ),
    max_size=3,
)


@st.composite
def requests(draw: Any) -> Ask:
    """A request, mostly to a path that there is."""
    known = [*POSTS, *POSTS, *POSTS, *(path.format(model="words") for path in GETS), "/"]
    path = draw(st.sampled_from(known)) if draw(st.integers(0, 9)) else "/" + draw(st.text())
    method = "POST" if path in POSTS else "GET"
    if not draw(st.integers(0, 9)):
        method = draw(st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "X"]))
    headers = [(b"host", b"localhost")]
    if not draw(st.integers(0, 5)):
        headers += draw(HEADERS)
    return Ask(method, path, headers, draw(bodies(path)))


async def asked(app: Any, request: Ask) -> tuple[int, bytes]:
    """Ask the application; return status and body."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "path": request.path,
        "raw_path": request.path.encode("utf-8", "replace"),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": request.headers,
    }
    parts = [{"type": "http.request", "body": request.body, "more_body": False}]
    messages: list[Any] = []

    async def receive() -> Any:
        if not parts:
            await asyncio.Event().wait()
        return parts.pop()

    async def send(message: Any) -> None:
        messages.append(message)

    await app(scope, receive, send)
    return messages[0]["status"], b"".join(one["body"] for one in messages[1:])


def check(request: Ask, status: int, body: bytes) -> None:
    """Check an answer."""
    assert 200 <= status < 300 or 400 <= status < 500, (status, request, body)
    assert b"Traceback" not in body, request
    if status >= 400 and request.method != "HEAD":
        error = json.loads(body)["error"]
        assert error.keys() == {"message", "type", "param", "code"}, request
        assert error["message"].isprintable(), (request, error)
        assert 0 < len(error["message"]) <= 500, request


def main() -> int:
    """Ask, and print how often each status was the answer."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32)
    args = parser.parse_args()
    models = [("words.pkl", made("forward", "word")), ("letters.pkl", made("forward", "char"))]
    models.append(("both.pkl", made("bidirectional", "word")))
    mistakes: list[str] = []
    service = Service(models, Limits(max_tokens=60, max_prompt=200), mistakes.append)
    app, found, slowest = application(service, Access()), Counter[int](), 0.0

    @seed(args.seed)
    @settings(
        max_examples=args.requests,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(requests())
    def ask(request: Ask) -> None:
        nonlocal slowest
        begun = time.monotonic()
        status, body = asyncio.run(asked(app, request))
        slowest = max(slowest, time.monotonic() - begun)
        found[status] += 1
        check(request, status, body)
        assert not mistakes, (request, mistakes)

    service.start()
    try:
        ask()
    finally:
        service.stop()
        counts = ", ".join(f"{status}: {count}" for status, count in sorted(found.items()))
        print(f"seed {args.seed}: {counts}; the slowest took {slowest:.2f} s")
    return int(slowest > SLOW)


if __name__ == "__main__":
    sys.exit(main())
