"""Downloads from a server on the loopback interface."""

import gzip
import hashlib
import http.client
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rnnlm_cli.commands.main import run
from rnnlm_cli.corpora.fetch import fetch, has_content
from rnnlm_cli.corpora.sources import SOURCES, Source
from rnnlm_cli.errors import RnnlmError, UsageError

CONTENT = b"you say goodbye\n" * 10_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
BLANKS = b" a line \n\n   \nlast\t b \r\n" * 300 + b" no end  "
PACKED = gzip.compress(CONTENT, mtime=0)

ANSWERS = {
    "/text": (200, {"Content-Length": len(CONTENT)}, CONTENT),
    "/unsized": (200, {}, CONTENT),
    "/cut": (200, {"Content-Length": len(CONTENT)}, CONTENT[:50_000]),
    "/missing": (404, {"Content-Length": 0}, b""),
    "/gzip": (200, {"Content-Encoding": "gzip", "Content-Length": len(PACKED)}, PACKED),
    "/a.gz": (200, {"Content-Encoding": "x-gzip", "Content-Length": len(PACKED)}, PACKED),
    "/no-content": (204, {}, b""),
    "/empty": (200, {"Content-Length": 0}, b""),
    "/empty-unsized": (200, {}, b""),
    "/part": (206, {"Content-Range": "bytes 0-9/160000", "Content-Length": 10}, CONTENT[:10]),
    "/moved": (301, {"Location": "/text"}, b"x" * 1000),
    "/to-http": (302, {"Location": "http://127.0.0.1:{port}/text"}, b""),
    "/to-https": (302, {"Location": "https://127.0.0.1:{port}/text"}, b""),
    "/to-ftp": (302, {"Location": "ftp://127.0.0.1:{port}/text"}, b""),
    "/to-file": (302, {"Location": "file:///etc/passwd"}, b""),
    "/round": (302, {"Location": "/round"}, b""),
    "/lies": (200, {"Content-Length": 10**15}, b"x"),
    "/blanks": (200, {}, BLANKS),
    "/odd-length": (200, {"Content-Length": "\u00b2"}, CONTENT),
}
"""Status, headers and body by path."""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, self.headers["Accept-Encoding"]))
        if self.path in ("/drip", "/drip-header", "/endless"):
            self.go_on_for_ever()
            return
        status, headers, body = ANSWERS[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, str(value).format(port=self.server.server_port))
        self.end_headers()
        self.wfile.write(body)

    def go_on_for_ever(self):
        """Send a byte now and then, as body or header, or a body without end."""
        if self.path != "/drip-header":
            self.send_response(200)
            self.end_headers()
        data = b"x" * 65_536 if self.path == "/endless" else b"x"
        try:
            while not self.server.closing.wait(0 if self.path == "/endless" else 0.02):
                self.wfile.write(data)
        except OSError:  # the client has closed the connection
            pass

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def running():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked, server.closing = [], threading.Event()
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.closing.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def server(running):
    return f"http://127.0.0.1:{running.server_port}"


@pytest.fixture
def safe_server(running, monkeypatch):
    """The same server under an https address, without TLS."""

    class Plain(http.client.HTTPConnection):
        pass

    monkeypatch.setattr(http.client, "HTTPSConnection", Plain)
    return f"https://127.0.0.1:{running.server_port}"


@pytest.mark.parametrize("path", ["/text", "/unsized", "/moved"])
def test_a_file_is_written_after_its_checksum_is_verified(server, tmp_path, path):
    told = []
    source = Source("a.txt", server + path, SHA256)
    digest = fetch(source, tmp_path / "new", lambda received, total: told.append((received, total)))
    assert digest == SHA256
    assert (tmp_path / "new/a.txt").read_bytes() == CONTENT
    assert sum(received for received, _ in told) == len(CONTENT)
    assert told[0][1] == (None if path == "/unsized" else len(CONTENT))
    assert has_content(source, tmp_path / "new")


@pytest.mark.parametrize("chunk_bytes", [7, 1 << 16])
def test_blanks_at_the_ends_of_lines_are_left_out(server, tmp_path, monkeypatch, chunk_bytes):
    monkeypatch.setattr("rnnlm_cli.corpora.fetch.CHUNK_BYTES", chunk_bytes)
    text = b"a line\n\n\nlast\t b\n" * 300 + b"no end"
    sha256, told = hashlib.sha256(text).hexdigest(), []
    source = Source("a.txt", f"{server}/blanks", sha256, stripped=True)
    fetch(source, tmp_path, lambda received, total: told.append(received))
    assert (tmp_path / "a.txt").read_bytes() == text
    assert sum(told) == len(BLANKS)
    assert has_content(source, tmp_path)
    few = source._replace(name="b.txt", max_bytes=len(BLANKS) - 1)
    with pytest.raises(RnnlmError, match="has more"):
        fetch(few, tmp_path)
    assert not (tmp_path / "b.txt").exists()


@pytest.mark.parametrize(
    ("path", "sha256", "message"),
    [
        ("/text", "0" * 64, "SHA-256 is"),
        ("/cut", SHA256, "broke off after 50000 of 160000 bytes"),
        ("/cut", None, "broke off"),
        ("/missing", None, "the server answers 404"),
        ("/gzip", None, "encoded as gzip, which was not requested"),
        ("/gzip", hashlib.sha256(PACKED).hexdigest(), "encoded as gzip"),
        ("/no-content", None, "the server answers 204 No Content instead of 200"),
        ("/part", None, "the server answers 206 Partial Content instead of 200"),
        ("/empty", None, "the server sends an empty file"),
        ("/empty-unsized", None, "the server sends an empty file"),
        ("/to-ftp", None, "redirects from http to ftp://127.0.0.1"),
        ("/to-file", None, "the server answers 302"),
        ("/round", None, "the server answers 302"),
        ("/lies", None, "has 1,000,000,000,000,000 bytes, at most 1,000,000,000 are allowed"),
    ],
)
def test_a_failed_download_leaves_nothing(server, tmp_path, path, sha256, message):
    with pytest.raises(RnnlmError, match=message):
        fetch(Source("a.txt", server + path, sha256), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_unencoded_body_is_requested(server, running, tmp_path):
    fetch(Source("a.txt", f"{server}/moved", None), tmp_path)
    assert running.asked[-2:] == [("/moved", "identity"), ("/text", "identity")]


def test_a_gz_file_stays_compressed(server, tmp_path):
    fetch(Source("a.txt.gz", f"{server}/a.gz", None), tmp_path)
    assert (tmp_path / "a.txt.gz").read_bytes() == PACKED


def test_a_redirect_away_from_https_is_refused(safe_server, running, tmp_path):
    assert fetch(Source("a.txt", f"{safe_server}/text", SHA256), tmp_path) == SHA256
    assert fetch(Source("b.txt", f"{safe_server}/to-https", SHA256), tmp_path) == SHA256
    assert fetch(Source("c.txt", f"{safe_server}/moved", SHA256), tmp_path) == SHA256
    running.asked.clear()
    for path in ("/to-http", "/to-ftp"):
        with pytest.raises(RnnlmError, match=r"redirects from https to (http|ftp)://127"):
            fetch(Source("d.txt", safe_server + path, None), tmp_path)
    assert [path for path, _ in running.asked] == ["/to-http", "/to-ftp"]
    assert not (tmp_path / "d.txt").exists()


def test_a_redirect_to_https_is_followed(safe_server, tmp_path):
    start = safe_server.replace("https:", "http:")
    assert fetch(Source("a.txt", f"{start}/to-https", SHA256), tmp_path) == SHA256


@pytest.mark.parametrize("path", ["/text", "/unsized", "/endless"])
def test_no_more_than_the_limit_is_read(server, tmp_path, path):
    with pytest.raises(RnnlmError, match=r"at most 159,999 are allowed.*max_bytes"):
        fetch(Source("a.txt", server + path, None, 159_999), tmp_path)
    assert list(tmp_path.iterdir()) == []
    if path != "/endless":
        assert fetch(Source("a.txt", server + path, None, 160_000), tmp_path) == SHA256


@pytest.mark.parametrize("path", ["/drip", "/drip-header"])
def test_a_response_without_end_is_cut_off(server, tmp_path, path):
    """Bytes keep coming, but the response never ends."""
    with pytest.raises(RnnlmError, match=r"not complete after 0\.3 s.*max_seconds"):
        fetch(Source("a.txt", server + path, None, max_seconds=0.3), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_silent_server_is_given_up(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(RnnlmError, match=r"not complete after 0\.2 s"):
            fetch(Source("a.txt", url, None, max_seconds=0.2), tmp_path)


def test_a_length_that_is_not_a_number_is_ignored(server, tmp_path):
    assert fetch(Source("a.txt", f"{server}/odd-length", SHA256), tmp_path) == SHA256


@pytest.mark.parametrize(
    "url", ["ftp://a/b", "http://a:b/", "http://[a", "http://a b/c", f"http://{'a' * 70}.org/"]
)
def test_an_invalid_address_is_a_usage_error(tmp_path, url):
    with pytest.raises(UsageError, match=r"^url "):
        fetch(Source("a.txt", url, None), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_server_no_file(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(RnnlmError, match="check the network"):
        fetch(Source("a.txt", f"http://127.0.0.1:{port}/x", None), tmp_path)
    with pytest.raises(UsageError, match="expected an address"):
        fetch(Source("a.txt", "file:///etc/passwd", None), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_two_downloads_at_once_report_what_they_wrote(server, tmp_path):
    """The second finds that the file exists: a file has the checksum that its download reported."""
    other = Source("a.txt.gz", f"{server}/a.gz", None)
    first = Source("a.txt.gz", f"{server}/text", SHA256)
    begun = []

    def meanwhile(received, total):
        if not begun:
            begun.append(received)
            assert fetch(other, tmp_path) == hashlib.sha256(PACKED).hexdigest()

    with pytest.raises(UsageError, match=r"a\.txt\.gz: already exists"):
        fetch(first, tmp_path, meanwhile)
    assert (tmp_path / "a.txt.gz").read_bytes() == PACKED
    assert fetch(first, tmp_path, replace=True) == SHA256
    assert (tmp_path / "a.txt.gz").read_bytes() == CONTENT


def test_the_command_has_both_limits(server, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    args = ["corpus", "fetch", "novel", "--out", "."]
    assert run([*args, "--url", f"{server}/text", "--max-bytes", "1000"]) == 1
    err = capsys.readouterr().err
    assert "has 160,000 bytes, at most 1,000 are allowed; give another --url, or allow more" in err
    assert err.endswith(" with --max-bytes\n")
    assert run([*args, "--url", f"{server}/drip", "--max-seconds", "0.2"]) == 1
    assert (
        "not complete after 0.2 s; try again, or allow more with --max-sec"
        in capsys.readouterr().err
    )
    assert run([*args, "--url", f"{server}/text", "--sha256", SHA256]) == 0
    assert capsys.readouterr().err == f"wrote novel.txt, SHA-256 {SHA256}\n"
    assert run([*args, "--url", f"{server}/text", "--sha256", SHA256]) == 0
    assert capsys.readouterr().err == "novel.txt already exists\n"
    (tmp_path / "novel.txt").write_bytes(b"mine")
    assert run([*args, "--url", f"{server}/text", "--sha256", SHA256]) == 2
    assert (tmp_path / "novel.txt").read_bytes() == b"mine"
    assert run([*args, "--url", f"{server}/text", "--sha256", SHA256, "--overwrite"]) == 0
    assert (tmp_path / "novel.txt").read_bytes() == CONTENT


def test_all_existing_files_of_a_corpus_are_named(tmp_path, capsys):
    for name in ("ptb.train.txt", "ptb.test.txt"):
        (tmp_path / name).write_bytes(b"mine")
    assert run(["corpus", "fetch", "ptb", "--out", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert f"{tmp_path}/ptb.train.txt, {tmp_path}/ptb.test.txt: already exist" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ptb.test.txt", "ptb.train.txt"]


def test_known_corpora_have_checksums_and_limits():
    for files in SOURCES.values():
        for source in files:
            assert source.url.startswith("https://")
            assert len(bytes.fromhex(source.sha256)) == 32
            assert source.max_bytes < 10**7
            assert source.max_seconds == 600
    assert Source("a", "b", None)[3:] == (1_000_000_000, 3600.0, False)
