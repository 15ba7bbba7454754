"""Scores, next tokens, blanks and gates over HTTP are those of the library."""

import math

import numpy as np
import pytest

from rnnlm_cli.evaluate.lines import score_lines
from rnnlm_cli.evaluate.next_token import next_tokens
from rnnlm_cli.generate.fill import fill, fill_from_the_left
from rnnlm_cli.model.trace import trace_layers
from rnnlm_cli.serve import jobs
from rnnlm_cli.text.pieces import Piece


@pytest.mark.parametrize("top", [0, 3])
def test_each_line_is_scored_by_itself_with_its_end(server, models, top, monkeypatch):
    monkeypatch.setattr(jobs, "PIECE_TOKENS", 5)  # in several pieces
    lines = ["you say goodbye", "", "hello you shout !", "say " * 70]
    pieces = [Piece(line, True) for line in lines]
    expected = list(score_lines(models["words.pkl"], pieces, independent=True))
    reply = server.ask("/v1/score", model="words", text="\n".join(lines) + "\n", top=top)
    assert reply.status == 200
    answer = reply.json
    assert answer == server.ask("/v1/score", model="words", text=lines, top=top).json
    for line, own, text in zip(answer["lines"], expected, lines, strict=True):
        assert line["text"] == text
        assert [token["token"] for token in line["tokens"]] == own.tokens
        np.testing.assert_allclose([t["logprob"] for t in line["tokens"]], own.log_probs)
        assert line["logprob"] == pytest.approx(own.log_probs.sum())
        assert line["perplexity"] == pytest.approx(math.exp(-own.log_probs.mean()))
        assert [t["oov"] for t in line["tokens"]] == [token == "shout" for token in own.tokens]
        assert {len(token["top"]) for token in line["tokens"]} == {top}
    assert "".join(t["text"] for t in answer["lines"][2]["tokens"]) == "hello you shout!\n"
    nats = -sum(own.log_probs.sum() for own in expected)
    assert answer["tokens"] == sum(len(own.tokens) for own in expected)
    assert answer["nats_per_token"] == pytest.approx(nats / answer["tokens"])
    assert answer["perplexity"] == pytest.approx(math.exp(nats / answer["tokens"]))


def test_the_next_tokens_with_the_text_that_each_would_add(server, models):
    reply = server.ask("/v1/next", model="words", prompt="you say", top=7).json
    assert reply["prompt_tokens"] == 2
    expected = next_tokens(models["words.pkl"], ["you", "say"], 7)
    assert [one["token"] for one in reply["next"]] == [one.token for one in expected]
    values = [one["logprob"] for one in reply["next"]]
    np.testing.assert_allclose(values, [one.log_prob for one in expected])
    texts = {one["token"]: one["text"] for one in reply["next"]}
    assert (texts["hello"], texts["!"], texts["<eos>"]) == (" hello", "!", "\n")
    by_ids = server.ask("/v1/next", model="words", prompt=[0, 1], top=7).json
    assert by_ids["next"] == reply["next"]
    letters = server.ask("/v1/next", model="jamo", prompt="하", top=20).json["next"]
    assert "한" not in {one["text"] for one in letters}  # its last letter is not in the vocabulary
    assert "할" in {one["text"] for one in letters} or "핡" in {one["text"] for one in letters}


def test_blanks_are_filled_as_fill_does(server, models):
    tokens, decode = ["you", None, "goodbye"], models["words.pkl"].codec.decode
    reply = server.ask("/v1/fill", model="words", text="you ___ goodbye", top=2, skip=["hello"])
    expected = fill_from_the_left(models["words.pkl"], tokens, 2, [3])
    assert reply.json["lines"] == [
        {"text": decode(one.tokens), "logprob": pytest.approx(one.log_prob)} for one in expected
    ]
    assert reply.json["text"] == reply.json["lines"][0]["text"]
    reply = server.ask("/v1/fill", model="both", text="you _ goodbye", top=2, blank="_")
    expected = fill(models["both.pkl"], tokens, 2)
    assert reply.json["blanks"] == [
        [{"token": one.token, "logprob": pytest.approx(one.log_prob)} for one in blank]
        for blank in expected.candidates
    ]
    assert reply.json["lines"] == []


def test_gates_and_states_at_a_token(server, models):
    words = models["words.pkl"]
    layers = trace_layers(
        words.network, words.config.model, words.vocabulary.ids_of("you say hello".split())
    )
    for position in (0, 2, None):
        reply = server.ask("/v1/trace", model="words", text="you say hello", position=position).json
        place = 2 if position is None else position
        assert reply["token"] == ["you", "say", "hello"][place]
        for found, layer in zip(reply["layers"], layers, strict=True):
            assert found["name"] == layer.name
            for key, values in found["gates"].items():
                np.testing.assert_allclose(values, layer.gates[key][place], atol=6e-5)
            for key, values in found["states"].items():
                np.testing.assert_allclose(values, layer.states[key][place], atol=6e-5)
    both = server.ask("/v1/trace", model="both", text="you say hello", position=1).json["layers"]
    assert len(both) == 4


@pytest.mark.parametrize(
    ("path", "fields", "param"),
    [
        ("score", {"text": ["a\nb"]}, "text"),
        ("score", {"text": "you", "top": 101}, "top"),
        ("score", {"text": "say " * 70_000}, "text"),
        ("score", {}, None),
        ("next", {"prompt": "you", "top": 0}, "top"),
        ("next", {"prompt": [99]}, "prompt"),
        ("fill", {"text": "you say"}, None),
        ("fill", {"text": "you ___\n"}, "text"),
        ("fill", {"text": "you ___", "blank": ""}, "blank"),
        ("fill", {"text": "shout ___"}, None),
        ("trace", {"text": "  "}, "text"),
        ("trace", {"text": "you say", "position": 2}, "position"),
    ],
)
def test_what_is_wrong_is_told(server, path, fields, param):
    reply = server.ask(f"/v1/{path}", **{"model": "words", **fields})
    assert reply.status == 400
    assert reply.error["param"] == param
    assert "\n" not in reply.error["message"]


def test_a_text_without_lines_has_no_figures(server):
    answer = server.ask("/v1/score", model="words", text=[]).json
    assert answer == {
        "model": "words", "lines": [], "tokens": 0, "nats_per_token": None, "perplexity": None,
    }  # fmt: skip
