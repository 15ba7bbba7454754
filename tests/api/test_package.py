"""What ``import rnnlm_cli`` hands on, and what it costs."""

import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

import rnnlm_cli
from rnnlm_cli import api, errors
from rnnlm_cli.errors import RnnlmError

MODULES = [
    importlib.import_module(f"{api.__name__}.{m.name}") for m in pkgutil.iter_modules(api.__path__)
]


def test_the_examples_in_the_documentation(lm):
    results = [doctest.testmod(module, extraglobs={"lm": lm}) for module in [api, *MODULES]]
    assert sum(result.attempted for result in results) >= 20
    assert sum(result.failed for result in results) == 0


def test_every_name_is_there_and_documented():
    assert rnnlm_cli.__all__ == sorted(rnnlm_cli.__all__)
    assert set(rnnlm_cli.__all__) <= set(dir(rnnlm_cli))
    assert set(api.__all__) <= set(rnnlm_cli.__all__)
    for name in set(rnnlm_cli.__all__) - {"__version__"}:
        assert inspect.getdoc(getattr(rnnlm_cli, name)), name
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        rnnlm_cli.nothing  # noqa: B018


def test_every_error_is_handed_on():
    kinds = {
        name
        for name, found in vars(errors).items()
        if isinstance(found, type) and issubclass(found, RnnlmError)
    }
    assert kinds <= set(rnnlm_cli.__all__)


def test_every_argument_and_result_has_a_type():
    functions = [rnnlm_cli.load, rnnlm_cli.train, rnnlm_cli.evaluate]
    for kind in (rnnlm_cli.LanguageModel, rnnlm_cli.State):
        functions += [f for n, f in inspect.getmembers(kind, inspect.isfunction) if n[0] != "_"]
    for function in functions:
        signature = inspect.signature(function)
        assert signature.return_annotation is not inspect.Signature.empty, function
        for parameter in signature.parameters.values():
            assert parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
            assert parameter.name == "self" or parameter.annotation is not parameter.empty


def run_python(source):
    return subprocess.run(
        [sys.executable, "-c", source], capture_output=True, encoding="utf-8", check=True
    ).stdout.split()


def test_importing_the_package_imports_nothing_large():
    source = "import sys, rnnlm_cli; print(*sys.modules)"
    loaded = {name.split(".")[0] for name in run_python(source)}
    assert not loaded & {"numpy", "msgspec", "yaml", "click", "threadpoolctl"}


@pytest.mark.parametrize(
    "first",
    [
        "from rnnlm_cli.train.loop import Trainer; import rnnlm_cli.evaluate.stream",
        "rnnlm_cli.train, rnnlm_cli.evaluate",
        "from rnnlm_cli.commands.main import cli",
    ],
)
def test_functions_with_the_name_of_a_package_are_functions_whatever_is_imported(first):
    """An import of ``rnnlm_cli.train.loop`` must not put the package in the function's place."""
    source = f"""
import rnnlm_cli
{first}
from rnnlm_cli.train.loop import Trainer
from rnnlm_cli.evaluate.stream import score_stream
from rnnlm_cli import evaluate, train
print(rnnlm_cli.train is train, rnnlm_cli.evaluate is evaluate, train.__module__, Trainer.__name__)
"""
    assert run_python(source) == ["True", "True", "rnnlm_cli.api.training", "Trainer"]
