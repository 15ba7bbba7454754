"""Texts over HTTP are those of ``rnnlm generate``."""

import asyncio
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlm_cli.generate.filters import Filters
from rnnlm_cli.generate.text import generate
from rnnlm_cli.serve.choice import StopText
from rnnlm_cli.serve.limits import Limits

PATH = "/v1/completions"


def alone(model, start, seed, length, **filters):
    *_, (sample,) = generate(model, start, length, [seed], Filters(**filters).in_order())
    return sample.tokens[len(start) :], sample.log_probs


def test_a_text_is_what_generate_gives(server, models):
    words = models["words.pkl"]
    reply = server.ask(
        PATH, model="words", prompt="you  say", max_tokens=9, seed=3, n=2, logprobs=2, skip=["say"]
    )
    assert reply.status == 200
    answer = reply.json
    assert (answer["object"], answer["model"]) == ("text_completion", "words")
    assert answer["usage"] == {"prompt_tokens": 2, "completion_tokens": 18, "total_tokens": 20}
    for k, choice in enumerate(answer["choices"]):
        tokens, log_probs = alone(words, ["you", "say"], 3 + k, 9, skip=(1,))
        assert choice["index"] == k
        assert choice["finish_reason"] == "length"
        assert choice["logprobs"]["tokens"] == tokens
        np.testing.assert_allclose(choice["logprobs"]["token_logprobs"], log_probs)
        assert f"you say{choice['text']}" == words.codec.decode(["you", "say", *tokens])
        for token, value, top in zip(
            *(choice["logprobs"][key] for key in ("tokens", "token_logprobs", "top_logprobs")),
            strict=True,
        ):
            assert top[token] == value
            assert len(top) in (2, 3)
        offsets = [*choice["logprobs"]["text_offset"], None]
        pieces = [choice["text"][a:b] for a, b in pairwise(offsets)]
        assert "".join(pieces) == choice["text"]
        assert {p.strip() or "<eos>" for p in pieces} <= {*words.vocabulary.tokens}


@pytest.mark.parametrize("stop", [None, "hello", ["o h", "!\n", "goodbye"], "\n"])
def test_a_stream_has_the_pieces_of_the_whole(server, stop):
    asked = {
        "model": "words", "prompt": ["you", "hello"], "max_tokens": 30, "seed": 5, "stop": stop,
        "logprobs": 0, "echo": True,
    }  # fmt: skip
    whole = server.ask(PATH, **asked).json
    options = {"include_usage": True}
    *events, usage = server.ask(PATH, stream=True, stream_options=options, **asked).events
    assert usage["choices"] == []
    assert usage["usage"] == whole["usage"]
    for choice in whole["choices"]:
        own = [e["choices"][0] for e in events if e["choices"][0]["index"] == choice["index"]]
        assert "".join(part["text"] for part in own) == choice["text"]
        for key, values in choice["logprobs"].items():
            assert [value for part in own for value in part["logprobs"][key]] == values
        assert [part["finish_reason"] for part in own[:-1]] == [None] * (len(own) - 1)
        assert own[-1]["finish_reason"] == choice["finish_reason"]
        for text in [stop] if isinstance(stop, str) else stop or []:
            assert text not in choice["text"][5:]
        assert all(offset < len(choice["text"]) for offset in choice["logprobs"]["text_offset"])


def test_the_text_before_a_stop_is_the_beginning_of_the_text_without(server):
    asked = {"model": "words", "prompt": "you", "max_tokens": 40, "seed": 5}
    free = server.ask(PATH, **asked).json["choices"][0]["text"]
    stop = free[30:36]
    choice = server.ask(PATH, stop=["never", stop], **asked).json["choices"][0]
    assert choice["finish_reason"] == "stop"
    assert choice["text"] == free[: free.index(stop)]


def test_a_prompt_may_be_ids_and_is_scored_when_it_is_echoed(server, models):
    words = models["words.pkl"]
    ids = [5, 0, 1, 2]
    asked = {"model": "words", "echo": True, "logprobs": 1, "seed": 1}
    reply = server.ask(PATH, prompt=[ids, ids[:2]], max_tokens=1, **asked).json
    first, second = reply["choices"]
    log_probs = words.each_log_probs(np.array(ids)[:, None], words.network.initial_state(1))[0]
    expected = [log_probs[k, ids[k + 1]] for k in range(3)]
    values = first["logprobs"]["token_logprobs"]
    assert values[0] is None
    assert first["logprobs"]["top_logprobs"][0] is None
    np.testing.assert_allclose(values[1:4], expected)
    assert first["logprobs"]["tokens"][:4] == ["<eos>", "you", "say", "goodbye"]
    assert first["text"].startswith("\nyou say goodbye")
    assert first["logprobs"]["text_offset"][:4] == [0, 1, 4, 8]
    np.testing.assert_allclose(second["logprobs"]["token_logprobs"][1:2], expected[:1])
    none = server.ask(PATH, prompt=ids, max_tokens=0, **asked).json["choices"][0]
    assert none["text"] == "\nyou say goodbye"
    assert none["finish_reason"] == "length"
    assert none["logprobs"]["token_logprobs"] == values[:4]


def test_an_empty_prompt_begins_a_line_and_a_newline_ends_one(server, models):
    words, asked = (
        models["words.pkl"],
        {"model": "words", "seed": 2, "max_tokens": 5, "logprobs": 0},
    )
    for prompt, start in [("", []), ("you\n", ["you", "<eos>"]), ("!\nyou", ["!", "<eos>", "you"])]:
        choice = server.ask(PATH, prompt=prompt, **asked).json["choices"][0]
        tokens, _ = alone(words, start, 2, 5)
        assert choice["logprobs"]["tokens"] == tokens
        whole = words.codec.decode([*start, *tokens])
        assert choice["text"] == whole.removeprefix(words.codec.decode(start))


def test_after_a_space_no_second_one_comes(server):
    asked = {"model": "words", "seed": 2, "max_tokens": 5, "skip": ["!", "<eos>"]}
    spaced = server.ask(PATH, prompt="you ", **asked).json["choices"][0]["text"]
    assert " " + spaced == server.ask(PATH, prompt="you", **asked).json["choices"][0]["text"]


def test_a_syllable_is_never_cut(server, models):
    jamo = models["jamo.pkl"]
    asked = {"model": "jamo", "prompt": "하", "max_tokens": 60, "seed": 1, "skip": ["<unk>"]}
    whole = server.ask(PATH, **asked).json["choices"][0]["text"]
    tokens, _ = alone(jamo, jamo.codec.split("하"), 1, 60, skip=(jamo.vocabulary.unknown_id,))
    assert whole == jamo.codec.decode([*jamo.codec.split("하"), *tokens]).removeprefix("하")
    events = server.ask(PATH, stream=True, **asked).events
    assert "".join(event["choices"][0]["text"] for event in events) == whole


def test_many_at_once_get_what_each_would_get_alone(server, models):
    async def everyone():
        return await asyncio.gather(*(
            server.asked(
                PATH, model="words", prompt="you say", max_tokens=3 + k % 5, seed=k,
                temperature=1 + k % 3, stream=k % 2 == 0,
            )
            for k in range(24)
        ))  # fmt: skip

    for k, reply in enumerate(asyncio.run(everyone())):
        parts = reply.events if k % 2 == 0 else [reply.json]
        text = "".join(part["choices"][0]["text"] for part in parts)
        tokens, _ = alone(models["words.pkl"], ["you", "say"], k, 3 + k % 5, temperature=1 + k % 3)
        assert f"you say{text}" == models["words.pkl"].codec.decode(["you", "say", *tokens])


def test_what_openai_clients_send_without_meaning_it_is_accepted(server):
    nulls = dict.fromkeys(("suffix", "stop", "logprobs", "seed", "user", "logit_bias", "n"))
    asked = {**nulls, "best_of": 1, "presence_penalty": 0, "frequency_penalty": 0.0, "user": "a"}
    reply = server.ask(PATH, model="words", prompt="you", **asked)
    assert reply.status == 200
    assert reply.json["usage"]["completion_tokens"] == 16


REFUSED = {
    "best_of": {"best_of": 2},
    "presence_penalty": {"presence_penalty": 0.5},
    "logit_bias": {"logit_bias": {"1": 3}},
    "suffix": {"suffix": "a"},
    "max_tokens": {"max_tokens": 5000},
    "n": {"n": 200},
    "logprobs": {"logprobs": 101},
    "temperature": {"temperature": -1},
    "top_p": {"top_p": 0},
    "seed": {"seed": -1},
    "stop": {"stop": ["a", ""]},
    "skip": {"skip": ["you", "say", "goodbye", "hello", "!", "<eos>", "<unk>"]},
    "prompt": {"prompt": "you shout"},
    "stream_options": {"stream_options": {}},
    "no_repeat_ngram": {"no_repeat_ngram": 1, "max_tokens": 50},
    "echo": {"echo": 1},
    "model": {"model": None},
}


@pytest.mark.parametrize("field", REFUSED)
def test_what_is_wrong_is_named_in_one_line(server, field):
    reply = server.ask(PATH, **{"model": "words", "prompt": "you", **REFUSED[field]})
    assert reply.status == 400
    assert reply.error["param"] == field
    assert reply.error["type"] == "invalid_request_error"
    assert "\n" not in reply.error["message"]
    assert field in reply.error["message"]


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ([], "must not be empty"),
        (["a", 1], "mixes texts and ids"),
        ([7], "7 is not an id; they are 0 to 6"),
        ([[0], [-1]], "-1 is not an id"),
        ([0] * 9000, "has 9,000 tokens; this server reads at most 8,192"),
        ("you " * 9000, "has 9,000 tokens"),
        ("shout", "similar tokens|allow_unknown=True"),
    ],
)
def test_a_wrong_prompt_is_refused(server, prompt, said):
    reply = server.ask(PATH, model="words", prompt=prompt)
    assert reply.status == 400
    assert any(part in reply.error["message"] for part in said.split("|"))


def test_an_unknown_field_and_an_unknown_model_are_refused(server):
    reply = server.ask(PATH, model="words", prompt="you", max_token=3)
    assert (reply.status, "max_token" in reply.error["message"]) == (400, True)
    reply = server.ask(PATH, model="other", prompt="you")
    assert (reply.status, reply.error["code"]) == (404, "model_not_found")
    reply = server.ask(PATH, model="both", prompt="you")
    assert (reply.status, "it can: fill, trace" in reply.error["message"]) == (400, True)


def test_a_text_that_takes_too_long_ends_as_if_it_were_long_enough(serve, hurried):
    server = serve(limits=Limits(max_seconds=1, max_tokens=10**6))
    reply = server.ask(PATH, model="words", prompt="you", max_tokens=10**6).json
    assert reply["choices"][0]["finish_reason"] == "length"
    assert 0 < reply["usage"]["completion_tokens"] < 10**6
    assert server.ask(PATH, model="words", prompt="you").status == 200


@settings(max_examples=60)
@given(st.lists(st.text("ab", max_size=3)), st.lists(st.text("ab", min_size=1, max_size=4)))
def test_a_stop_is_found_wherever_the_pieces_are_cut(pieces, stops):
    stopping, shown, read = StopText(stops), "", ""
    for piece in pieces:
        read += piece
        text, ended = stopping.feed(piece)
        shown += text
        places = [read.find(stop) for stop in stops if stop in read]
        assert ended == bool(places)
        if ended:
            assert shown == read[: min(places)]
            return
        assert read.startswith(shown)
    assert shown + stopping.rest() == read
