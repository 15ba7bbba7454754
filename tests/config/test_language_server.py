"""What an editor says about a config: by yaml-language-server, where that is installed."""

import json
import shutil
import subprocess
import threading

import pytest

from rnnlm_cli.config.json_schema import companion

SERVER = shutil.which("yaml-language-server")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SERVER is None, reason="yaml-language-server (of npm) is not installed"),
]
MINIMAL = "corpus: {train: a.txt}\ncheckpoint: {path: a.pkl}\n"
GOOD = "training:\n  clip_norm: null\n  optimizer: {learning_rate: 1e-3}\n  on_nan: stop\n"
CASES = {
    "good": (MINIMAL + GOOD, []),
    "key": (MINIMAL + "model: {cel: lstm}\n", ["Property cel is not allowed."]),
    "value": (MINIMAL + "model: {cell: lst}\n", ['Valid values: "gru", "lstm", "rnn"']),
    "range": (MINIMAL + "training: {epochs: 0}\n", ["Value is below the minimum of 1."]),
    "type": (MINIMAL + "training: {epochs: x}\n", ['Expected "integer"']),
    "kind": (
        MINIMAL + "training: {optimizer: {kind: adam, momentum: 0.5}}\n",
        ["Property momentum is not allowed."],
    ),
    "missing": ("corpus: {}\ncheckpoint: {path: a.txt}\n", ['property "train"', "expected: NAME"]),
}
"""A config and parts of the messages about it."""


class Server:
    """A client of the server: JSON messages over its standard input and output."""

    def __init__(self):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([SERVER, "--stdio"], stdin=pipe, stdout=pipe)
        self.limit = threading.Timer(60, self.process.kill)
        self.limit.start()
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        self.send(method="initialized", params={})
        yaml = {"schemaStore": {"enable": False}, "validate": True, "hover": True}
        self.send(method="workspace/didChangeConfiguration", params={"settings": {"yaml": yaml}})

    def send(self, **message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def read(self, wanted):
        """Return the next message that is wanted; answer questions with nothing."""
        while True:
            size = 0
            while line := self.process.stdout.readline().strip():
                if line.startswith(b"Content-Length"):
                    size = int(line.split()[1])
            message = json.loads(self.process.stdout.read(size))
            if wanted(message):
                return message
            if "method" in message and "id" in message:
                self.send(id=message["id"], result=None)

    def ask(self, method, params):
        self.send(id=method, method=method, params=params)
        return self.read(lambda message: message.get("id") == method)["result"]

    def open(self, path, text):
        """Open a file and return the messages about it."""
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self.send(method="textDocument/didOpen", params={"textDocument": document})
        method = "textDocument/publishDiagnostics"
        found = self.read(
            lambda m: m.get("method") == method and m["params"]["uri"] == path.as_uri()
        )
        return [one["message"] for one in found["params"]["diagnostics"]]

    def close(self):
        self.limit.cancel()
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


def test_an_editor_marks_mistakes_and_explains_and_completes_keys(server, tmp_path):
    modeline, schema, content = companion(tmp_path / "c.yaml")
    schema.write_bytes(content)
    for name, (text, parts) in CASES.items():
        messages = server.open(tmp_path / f"{name}.yaml", modeline + text)
        assert len(messages) == len(parts), f"{name}: {messages}"
        for part, message in zip(parts, messages, strict=True):
            assert part in message, name
    document = {"uri": (tmp_path / "good.yaml").as_uri()}
    where = {"textDocument": document, "position": {"line": 6, "character": 4}}
    assert "if training diverges" in str(server.ask("textDocument/hover", where))
    where["position"] = {"line": 6, "character": 10}
    offered = server.ask("textDocument/completion", where)["items"]
    assert {item["label"] for item in offered} == {"rollback", "stop"}
