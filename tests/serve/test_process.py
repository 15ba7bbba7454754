"""The real process: it listens, streams, and ends well on SIGTERM."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys

import pytest

from rnnlm_cli.commands.main import run


def test_a_stream_that_runs_at_sigterm_is_finished(hello):
    pytest.importorskip("uvicorn")
    command = [sys.executable, "-m", "rnnlm_cli", "serve", "--checkpoint", "checkpoints/hello.pkl"]
    with subprocess.Popen(
        [*command, "--port", "0"], stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        try:
            port = int(re.search(r"http://127\.0\.0\.1:(\d+) ", process.stderr.readline())[1])
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            body = {"prompt": "you", "max_tokens": 600, "seed": 1, "stream": True, "stop": "@"}
            connection.request("POST", "/v1/completions", json.dumps(body))
            reply = connection.getresponse()
            first = reply.readline()
            process.send_signal(signal.SIGTERM)
            text = first + reply.read()
            connection.close()
            code, said = process.wait(60), process.stderr.read()
        finally:
            process.kill()
    assert text.endswith(b"data: [DONE]\n\n")
    assert b'"finish_reason":"length"' in text
    assert (code, said) == (0, "")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ("--host 0.0.0.0", "--host 0.0.0.0: other machines reach this address, so a key is needed"),
        ("--tls-cert nothing.pem", "--tls-cert nothing.pem: cannot be used for TLS"),
        ("--api-key-file empty.txt", "its first line is empty"),
        ("--allow-origin *", "--allow-origin '*': is not an origin"),
        ("--max-tokens 0", "'0' is not a whole number from 1 to"),
        ("--host 203.0.113.1 --api-key a", "cannot listen there"),
        ("checkpoints/hello.pkl", "a model is named twice"),
    ],
)
def test_what_cannot_be_served_is_told_in_one_line(hello, capsys, args, said):
    pytest.importorskip("uvicorn")
    (hello / "empty.txt").write_text("\n")
    assert run(["serve", "--checkpoint", "checkpoints/hello.pkl", *args.split()]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert said in error
    assert error.startswith("Error: ")
