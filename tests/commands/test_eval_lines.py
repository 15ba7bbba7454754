"""``eval perplexity`` of a text as a stream and line by line, for models of either training."""

import dataclasses
import json
from pathlib import Path

import pytest
from msgspec import structs

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run

TEXT = "you say hello .\n\nfoo you say\n"
STREAM, LINES = "checkpoints/hello.pkl", "checkpoints/lines.pkl"


@pytest.fixture
def both(hello):
    """A model, and the same one as if it had been trained on single lines."""
    Path("text.txt").write_text(TEXT, encoding="utf-8")
    saved = checkpoint.load(STREAM).model
    training = structs.replace(saved.config.training, lines="independent")
    config = structs.replace(saved.config, training=training)
    checkpoint.save(LINES, dataclasses.replace(saved, config=config))
    return hello


def report(capsys, model, *args):
    capsys.readouterr()
    command = ["eval", "perplexity", "--checkpoint", model, "--corpus", "text.txt", "--json", *args]
    assert run(command) == 0
    out, err = capsys.readouterr()
    return json.loads(out), err


def test_a_text_is_read_as_the_model_was_trained_or_as_asked_for(both, capsys):
    stream, said = report(capsys, STREAM)
    assert (stream["tokens"], stream["lines"]) == (9, "stream")
    assert "training.lines" not in said
    lines, said = report(capsys, LINES)
    assert (lines["tokens"], lines["lines"]) == (10, "independent")
    assert "each line is read by itself, as the model was trained" in said
    assert (
        run(
            [
                "eval",
                "sentences",
                "--checkpoint",
                STREAM,
                "--corpus",
                "text.txt",
                "--independent",
                "--format",
                "json",
            ]
        )
        == 0
    )
    logs = [json.loads(line)["logprob"] for line in capsys.readouterr().out.splitlines()]
    assert lines["nats_per_token"] * 10 == pytest.approx(-sum(logs), rel=1e-5)
    assert lines["bits_per_character"] * len(TEXT) == pytest.approx(lines["bits_per_token"] * 10)
    other, said = report(capsys, STREAM, "--lines", "independent")
    assert other["nats_per_token"] == lines["nats_per_token"]
    assert "trained with training.lines: stream, and is read with independent" in said
    other, said = report(capsys, LINES, "--lines", "stream")
    assert other["nats_per_token"] == stream["nats_per_token"]


def test_what_reads_one_stream_makes_a_model_of_lines_read_one(both, capsys):
    found, said = report(capsys, LINES, "--dynamic", "0.1")
    assert (found["tokens"], found["lines"]) == (9, "stream")
    assert "is read with stream" in said


def test_lines_need_a_token_that_ends_them(both, capsys):
    saved = checkpoint.load(STREAM).model
    codec = dataclasses.replace(saved.codec, end_of_line=None)
    corpus = structs.replace(saved.config.corpus, end_of_line=None)
    config = structs.replace(saved.config, corpus=corpus)
    checkpoint.save(LINES, dataclasses.replace(saved, config=config, codec=codec))
    command = ["eval", "perplexity", "--checkpoint", LINES, "--corpus", "text.txt"]
    assert run([*command, "--lines", "independent"]) == 2
    assert "the model has no end-of-line token" in capsys.readouterr().err


@pytest.mark.parametrize(("model", "alike"), [(LINES, True), (STREAM, False)])
def test_generated_lines_begin_as_they_were_trained(both, capsys, model, alike):
    """The likeliest line comes again and again; from the zero state it has the same scores."""
    args = ["generate", "--checkpoint", model, "--temperature", "0", "--length", "16", "--json"]
    assert run(args) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["tokens"][7] == "<eos>"
    first, second = found["logprobs"][:8], found["logprobs"][8:]
    assert (second == pytest.approx(first, rel=1e-4)) == alike
