"""What ``rnnlm show --system`` tells."""

import json

from rnnlm_cli import __version__
from rnnlm_cli.commands.main import run
from rnnlm_cli.nn.engines.choose import ENGINES
from rnnlm_cli.report.system import system_table, system_values


def test_it_names_engine_level_blas_and_cores(capsys, monkeypatch):
    monkeypatch.setenv("RNNLM_ENGINE", "blocked")
    assert run(["show", "--system", "--json"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert values == system_values()
    assert (values["rnnlm"], values["engine"]) == (__version__, "blocked")
    assert values["level"] == ENGINES["compiled"].level
    assert min(values["cores"], values["threads"]) >= 1
    assert values["processor"]
    assert all(library["name"] for library in values["blas"])


def test_without_kernels_and_names_it_says_so():
    values = system_values() | {"level": None, "memory": 0, "blas": [], "engine": "blocked"}
    table = system_table(values | {"processor": "P", "cores": 3, "threads": 2})
    assert table.splitlines()[2:] == [
        "processor    P, 3 cores",
        "engine       blocked, without compiled kernels, 2 threads",
    ]
