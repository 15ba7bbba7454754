"""Errors name arguments in the words of whoever reads them."""

import doctest
import pickle

import pytest

from rnnlm_cli import errors
from rnnlm_cli.errors import CorpusError, RnnlmError, UsageError, literal


def shouted(argument):
    return argument.upper()


def test_the_examples_in_the_documentation():
    assert doctest.testmod(errors).failed == 0


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({}, "is wrong"),
        ({"field": "top_k"}, "TOP_K: is wrong"),
        ({"place": "a.txt: line 3"}, "a.txt: line 3: is wrong"),
        ({"field": "top_k", "place": "9"}, "TOP_K 9: is wrong"),
        ({"remedy": "omit it"}, "is wrong; omit it"),
        ({"remedy": "use {resume=True} or {other}"}, "is wrong; use RESUME=TRUE or OTHER"),
        ({"remedy": "{a-b} {} {a=1} {a"}, "is wrong; {a-b} {} {a=1} {a"),
    ],
)
def test_only_arguments_are_spelled_for_the_reader(parts, said):
    assert RnnlmError("is wrong", **parts).said(shouted) == said


def test_what_a_user_wrote_is_no_argument_though_it_stands_in_braces():
    blank = "{blank} {{top}} }{"
    error = UsageError(f"no {blank}", place=blank, remedy=f"write {literal(blank)} or {{other}}")
    assert error.said(shouted) == f"{blank}: no {blank}; write {blank} or OTHER"


def test_errors_survive_a_pickle():
    error = CorpusError("is wrong", field="start", remedy="use {resume=True}")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is CorpusError
    assert str(again) == str(error) == "start: is wrong; use resume=True"
