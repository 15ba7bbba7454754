"""Errors name arguments as their reader knows them."""

import ast
import doctest
import inspect
import pickle
import re
from pathlib import Path

import click
import pytest

from rnnlm_cli import LanguageModel, api, errors
from rnnlm_cli.commands.main import cli
from rnnlm_cli.commands.shared.messages import as_option
from rnnlm_cli.errors import CorpusError, RnnlmError, UsageError, literal
from rnnlm_cli.serve.requests import CompletionRequest


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


def test_a_quoted_value_in_braces_is_not_an_argument():
    blank = "{blank} {{top}} }{"
    error = UsageError(f"no {blank}", place=blank, remedy=f"write {literal(blank)} or {{other}}")
    assert error.said(shouted) == f"{blank}: no {blank}; write {blank} or OTHER"


def test_errors_survive_a_pickle():
    error = CorpusError("is wrong", field="start", remedy="use {resume=True}")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is CorpusError
    assert str(again) == str(error) == "start: is wrong; use resume=True"


def options(command=cli):
    """Yield every option of every command."""
    for name in command.list_commands(click.Context(command)):
        child = command.get_command(click.Context(command), name)
        if isinstance(child, click.Group):
            yield from options(child)
        else:
            yield from (
                option
                for parameter in child.params
                for option in (*parameter.opts, *parameter.secondary_opts)
            )


def arguments():
    """Yield every argument that an error names, from the sources."""
    for path in Path(errors.__file__).parent.rglob("*.py"):
        if path.name == "errors.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "field":
                if isinstance(node.value, ast.Constant):
                    yield node.value.value
            elif isinstance(node, ast.keyword) and node.arg == "remedy":
                text = "".join(
                    str(part.value) for part in ast.walk(node) if isinstance(part, ast.Constant)
                )
                yield from (m[1] for m in re.finditer(r"\{(\w+)(=True)?\}", text))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from (m[1] for m in re.finditer(r"\{(\w+)=True\}", node.value))


def test_every_argument_that_an_error_names_is_one():
    methods = [method for _, method in inspect.getmembers(LanguageModel, inspect.isfunction)]
    functions = [*methods, api.load, api.train, api.evaluate]
    known = {name for function in functions for name in inspect.signature(function).parameters}
    known |= {*CompletionRequest.__struct_fields__}  # for those who ask over HTTP
    found = {name for name in arguments() if name}
    assert {"overwrite", "max_bytes", "blank", "split"} <= found
    assert {name for name in found if as_option(name) not in set(options())} <= known
