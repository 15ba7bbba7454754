"""The description says what is asked and answered, and so do the metrics."""

import json
import re

import msgspec
import pytest

from rnnlm_cli.serve.access import Access
from rnnlm_cli.serve.app import POSTS
from rnnlm_cli.serve.openapi import GETS, description
from rnnlm_cli.serve.openapi import POSTS as DESCRIBED
from rnnlm_cli.serve.page import page_files
from rnnlm_cli.serve.requests import CompletionRequest
from rnnlm_cli.serve.schemas import ANSWERS, Failure, Health, ModelList, OneModel
from rnnlm_cli.serve.served import names_of

ASKED = {
    "/v1/completions": {"prompt": "you", "logprobs": 1, "echo": True},
    "/v1/score": {"text": "you say", "top": 1},
    "/v1/next": {"prompt": "you"},
    "/v1/fill": {"text": "you ___"},
    "/v1/trace": {"text": "you say"},
}


@pytest.mark.parametrize("path", ASKED)
def test_an_answer_has_the_form_that_is_described(server, path):
    answer = server.ask(path, model="words", **ASKED[path]).json
    found = msgspec.convert(answer, ANSWERS[path])
    assert msgspec.to_builtins(found).keys() == answer.keys()
    missing = server.ask(path, model="none", **ASKED[path]).json
    assert msgspec.convert(missing, Failure).error.code == "model_not_found"


def test_models_and_health_have_the_form_that_is_described(server):
    models = server.ask("/v1/models").json
    found = msgspec.convert(models, ModelList)
    assert [one.id for one in found.data] == ["words", "jamo", "both"]
    assert msgspec.to_builtins(found) == models
    assert msgspec.convert(server.ask("/v1/models/jamo").json, OneModel) == found.data[1]
    assert server.ask("/v1/models/none").status == 404
    health = msgspec.convert(server.ask("/health").json, Health)
    assert (health.status, health.models) == ("ok", ["words", "jamo", "both"])
    words, _, both = found.data
    assert (words.rnnlm.vocabulary, words.rnnlm.line_end) == (7, "<eos>")
    assert words.rnnlm.gates == ["i", "f", "g", "o"]
    assert (both.rnnlm.bidirectional, both.rnnlm.can) == (True, ["fill", "trace"])


def test_the_description_is_whole(server):
    served = server.ask("/openapi.json").json
    assert served == json.loads(json.dumps(description(False)))
    assert served["paths"].keys() == POSTS.keys() | GETS.keys()
    assert POSTS.keys() == DESCRIBED.keys() == ANSWERS.keys()
    schemas = served["components"]["schemas"]
    references = re.findall(r'"#/components/schemas/(\w+)"', json.dumps(served))
    assert set(references) <= schemas.keys()
    asked = schemas["CompletionRequest"]
    assert asked["properties"].keys() == {*CompletionRequest.__struct_fields__}
    assert asked["additionalProperties"] is False
    assert description(True)["security"] == [{"key": []}]


def test_the_metrics_are_what_prometheus_reads(serve):
    server = serve(Access("k"))
    headers = {"authorization": "Bearer k"}
    server.ask("/v1/completions", headers=headers, model="words", prompt="you", max_tokens=3)
    server.ask("/a/stranger's\npath")
    rows = server.ask("/metrics", headers=headers).body.decode().splitlines()
    number = r"-?(\d+(\.\d+)?|\+Inf)"
    label = r'\w+="([^"\\\n]|\\.)*"'
    row = re.compile(rf"(# (HELP|TYPE) \w+ .+)|(\w+(\{{{label}(,{label})*\}})? {number})")
    assert [one for one in rows if not row.fullmatch(one)] == []
    assert 'rnnlm_tokens_drawn_total{model="words"} 3' in rows
    assert 'rnnlm_requests_total{path="/v1/completions",status="200"} 1' in rows
    assert 'rnnlm_requests_total{path="other",status="404"} 1' in rows
    assert 'rnnlm_request_seconds_bucket{path="/v1/completions",le="+Inf"} 1' in rows
    assert "rnnlm_first_token_seconds_count 1" in rows
    names = [one.split()[2] for one in rows if one.startswith("# TYPE")]
    assert len(names) == len(set(names))


def test_a_name_per_file():
    assert names_of(["a/ptb.pkl", "b/ptb.pkl", "b/ko.pkl"]) == ["a/ptb", "b/ptb", "ko"]
    with pytest.raises(Exception, match="named twice"):
        names_of(["a/ptb.pkl", "a/../a/ptb.pkl"])


def test_the_page_is_a_table_of_files(server):
    files = page_files()
    assert "/" in files
    for path, page in files.items():
        reply = server.ask(path)
        assert (reply.status, reply.body) == (200, page.body)
        assert reply.headers["content-type"] == page.kind
        assert b"<script>" not in page.body
        assert b" style=" not in page.body
