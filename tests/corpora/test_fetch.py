"""Downloads, from a server on loopback."""

import hashlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rnnlm_cli.corpora.fetch import fetch, is_there
from rnnlm_cli.corpora.sources import SOURCES, Source
from rnnlm_cli.errors import RnnlmError, UsageError

CONTENT = b"you say goodbye\n" * 10_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(200)
        if self.path != "/unsized":
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[:50_000] if self.path == "/cut" else CONTENT)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ["/text", "/unsized"])
def test_a_file_is_written_once_its_checksum_is_right(server, tmp_path, path):
    told = []
    source = Source("a.txt", server + path, SHA256)
    digest = fetch(source, tmp_path / "new", lambda received, total: told.append((received, total)))
    assert digest == SHA256
    assert (tmp_path / "new/a.txt").read_bytes() == CONTENT
    assert sum(received for received, _ in told) == len(CONTENT)
    assert told[0][1] == (None if path == "/unsized" else len(CONTENT))
    assert is_there(source, tmp_path / "new")


@pytest.mark.parametrize(
    ("path", "sha256", "message"),
    [
        ("/text", "0" * 64, "SHA-256 is"),
        ("/cut", SHA256, "broke off after 50000 of 160000 bytes"),
        ("/cut", None, "broke off"),
        ("/missing", None, "the server answers 404"),
    ],
)
def test_a_failed_download_leaves_nothing(server, tmp_path, path, sha256, message):
    with pytest.raises(RnnlmError, match=message):
        fetch(Source("a.txt", server + path, sha256), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url", ["ftp://a/b", "http://a:b/", "http://[a", "http://a b/c", f"http://{'a' * 70}.org/"]
)
def test_what_is_no_address_is_a_usage_error(tmp_path, url):
    with pytest.raises(UsageError, match="--url"):
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


def test_another_file_of_the_name_is_left_alone(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"mine")
    with pytest.raises(UsageError, match="is there already and is not what would be fetched"):
        is_there(Source("a.txt", "http://x/", SHA256), tmp_path)
    assert (tmp_path / "a.txt").read_bytes() == b"mine"


def test_known_corpora_have_checksums():
    for files in SOURCES.values():
        for source in files:
            assert source.url.startswith("https://")
            assert len(bytes.fromhex(source.sha256)) == 32
