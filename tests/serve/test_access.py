"""Who may ask, and what is refused before anything is read."""

import asyncio
import json

import pytest

from rnnlm_cli.errors import UsageError
from rnnlm_cli.serve.access import Access
from rnnlm_cli.serve.limits import Limits
from rnnlm_cli.serve.server import Address

PATH = "/v1/completions"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("192.168.1.9", 200),
        ("models.example:8000", 200),
        ("evil.example", 421),
        ("localhost.evil.example:8000", 421),
        ("", 421),
        ("[", 421),
    ],
)
def test_the_host_header_is_a_name_of_this_server(serve, host, status):
    server = serve(Access(hosts=["models.example"]))
    reply = server.ask("/health", headers={"host": host})
    assert reply.status == status
    assert "access-control-allow-origin" not in reply.headers


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("Bearer secret", 200),
        ("bearer  secret ", 200),
        ("Bearer Secret", 401),
        ("Bearer secret2", 401),
        ("Basic secret", 401),
        ("secret", 401),
        ("Bearer \xff", 401),
        ("", 401),
    ],
)
def test_a_key_is_compared_in_full(serve, key, status):
    server = serve(Access("secret"))
    reply = server.ask("/v1/models", headers={"authorization": key})
    assert reply.status == status
    if status == 401:
        assert reply.error["code"] == "invalid_api_key"
        assert reply.headers["www-authenticate"] == "Bearer"


def test_without_a_key_only_the_page_and_the_health_are_shown(serve):
    server = serve(Access("secret"))
    assert [server.ask(path).status for path in ("/", "/health")] == [200, 200]
    closed = ["/v1/models", "/v1/models/words", "/metrics", "/openapi.json"]
    assert {server.ask(path).status for path in closed} == {401}
    assert server.ask(PATH, b"{").status == 401


def test_pages_of_other_origins_may_not_ask(serve):
    server = serve(Access(origins=["https://friend.example"]))
    own, evil = {"origin": "http://127.0.0.1:8000"}, {"origin": "http://evil.example"}
    assert server.ask("/health", headers=own).status == 200
    for origin in (evil, {"origin": "null"}, {"origin": ""}, {"origin": "http://127.0.0.1:9"}):
        reply = server.ask("/health", headers=origin)
        assert reply.status == 403
        assert "access-control-allow-origin" not in reply.headers
    friend = {"origin": "https://friend.example"}
    reply = server.ask("/health", headers=friend)
    assert reply.headers["access-control-allow-origin"] == friend["origin"]
    assert reply.headers["vary"] == "Origin"
    asked = server.ask(PATH, method="OPTIONS", headers=friend)
    assert (asked.status, asked.body) == (204, b"")
    assert "Authorization" in asked.headers["access-control-allow-headers"]
    assert server.ask(PATH, method="OPTIONS", headers=evil).status == 403


def test_every_answer_has_a_strict_policy(server):
    for path in ("/", "/nothing", "/health"):
        policy = server.ask(path).headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/nothing", "GET", 404),
        ("/v1/completions/", "POST", 404),
        ("/page/../../etc/passwd", "GET", 404),
        ("/page/%2e%2e/x", "GET", 404),
        ("/v1/models/../../x", "GET", 404),
        ("/v1/models/words", "GET", 200),
        ("/v1/completions", "GET", 405),
        ("/v1/models", "POST", 405),
        ("/health", "HEAD", 200),
        ("/", "DELETE", 405),
    ],
)
def test_paths_and_methods(server, path, method, status):
    reply = server.ask(path, body=b"", method=method)
    assert reply.status == status
    if status >= 400:
        assert reply.error["message"]
    if status == 405:
        assert reply.headers["allow"] in ("POST", "GET, HEAD")
    if method == "HEAD":
        assert (reply.body, int(reply.headers["content-length"]) > 0) == (b"", True)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b'"\\ud800"', 400),
        (b'{"prompt": "\\ud800", "model": "words"}', 400),
        (b"[" * 100_000, 400),
        (b'{"prompt":' + b"[" * 5000 + b"]" * 5000 + b"}", 400),
        (b'{"model": "words", "max_tokens": 1e400}', 400),
        (b'{"model": "words", "temperature": 1e400}', 400),
        (b'{"model": "words", "temperature": NaN}', 400),
        (b'{"model": "words", "seed": ' + b"9" * 5000 + b"}", 400),
        (b" " * 2000, 413),
    ],
)
def test_a_body_that_is_no_request_is_refused(serve, body, status):
    server = serve(limits=Limits(max_body=200_000 if status == 400 else 1999))
    reply = server.ask(PATH, body)
    assert reply.status == status
    assert len(reply.error["message"]) <= 500
    assert server.reports == []


def test_more_requests_than_places_are_asked_to_come_again(serve):
    server = serve(limits=Limits(max_requests=2, max_tokens=10**6))
    body = json.dumps({"model": "words", "prompt": "you", "max_tokens": 10**6}).encode()

    async def scene():
        gone = [asyncio.Event(), asyncio.Event()]
        long = [asyncio.create_task(server.asked(PATH, body, gone=one)) for one in gone]
        while server.service.models["words"].worker.written < 2:
            await asyncio.sleep(0.001)
        refused = await server.asked(PATH, body)
        assert (refused.status, refused.headers["retry-after"]) == (429, "1")
        assert (await server.asked("/health")).status == 200
        gone[0].set()  # a client that leaves frees its place
        assert await long[0] is None
        short = {"model": "words", "prompt": "you", "max_tokens": 2}
        assert (await server.asked(PATH, **short)).status == 200
        server.service.draining = True
        ending = await server.asked(PATH, **short)
        assert (ending.status, ending.error["code"]) == (503, "draining")
        assert (await server.asked("/health")).status == 503
        gone[1].set()
        await long[1]
        while server.service.models["words"].worker.written:
            await asyncio.sleep(0.001)
        assert server.service.metrics.running == 0

    asyncio.run(scene())


def test_a_client_that_leaves_ends_its_stream(serve):
    server = serve(limits=Limits(max_tokens=10**6))
    body = json.dumps(
        {"model": "words", "prompt": "you", "max_tokens": 10**6, "stream": True}
    ).encode()

    async def scene():
        gone, sent = asyncio.Event(), []
        task = asyncio.create_task(server.asked(PATH, body, gone=gone, sent=sent))
        while len(sent) < 3:
            await asyncio.sleep(0.001)
        gone.set()
        await task
        while server.service.models["words"].worker.written:
            await asyncio.sleep(0.001)

    asyncio.run(scene())
    counted = 'rnnlm_requests_total{path="/v1/completions",status="499"} 1'
    assert counted in server.ask("/metrics").body.decode()


@pytest.mark.parametrize(
    ("address", "access", "said"),
    [
        (Address("0.0.0.0"), Access(), "api_key_file"),
        (Address("::"), Access(), "api_key_file"),
        (Address(cert="nothing.pem"), Access(), "No such file"),
    ],
)
def test_what_is_open_needs_a_key(address, access, said):
    with pytest.raises(UsageError, match=said):
        address.check(access)


def test_values_of_access_are_checked():
    Address("0.0.0.0").check(Access("key"))
    Address("localhost").check(Access())
    for wrong in ({"key": "a b"}, {"key": "\u00e9"}, {"origins": ["*"]}, {"origins": ["a.com/"]}):
        with pytest.raises(UsageError):
            Access(**wrong)
