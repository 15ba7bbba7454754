"""The rules of the house, read from the sources: who imports whom, who prints, who has threads.

A rule is a function that gives what breaks it in one module. Each holds for every module, and each
is seen to find what is planted.
"""

import ast
import configparser
import functools
import re
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple, get_args, get_type_hints

import pytest

from rnnlm_cli.config.corpus import CorpusConfig

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "rnnlm_cli"


class Module(NamedTuple):
    """A file of the package."""

    path: PurePosixPath  # in the package
    tree: ast.Module

    @property
    def room(self):
        return self.path.parts[0].removesuffix(".py")

    def within(self, *places):
        """Whether it is one of these files, or in one of these directories."""
        return any(self.path.is_relative_to(place) for place in places)

    @functools.cache  # noqa: B019  # modules are read once for all rules
    def imports(self) -> tuple[str, ...]:
        """Give what is imported, wherever in the file: modules, and names from modules.

        What is imported by a string, as packages are that not everybody has, is among them.
        """
        found: list[str] = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.path}: a relative import"
                found += [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Call) and node.args:
                name = ast.unparse(node.func).rpartition(".")[2]
                first = node.args[0]
                if name in BY_STRING and isinstance(first, ast.Constant):
                    found.append(str(first.value))
        return tuple(found)

    def imports_from_nn(self) -> Iterator[str]:
        """Give what is imported from ``nn/``: ``engines.base.Pass``."""
        for name in self.imports():
            if f"{name}.".startswith(f"{NN}."):
                yield name.removeprefix(NN).removeprefix(".")

    def strings(self) -> Iterator[str]:
        """Give string literals, the parts of formatted ones too; docstrings apart."""
        prose = {id(node.value) for node in ast.walk(self.tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and id(node) not in prose:
                yield from [node.value] if isinstance(node.value, str) else []


BY_STRING = {"extra", "import_module", "__import__"}
NN = "rnnlm_cli.nn"


def module(path, source):
    return Module(PurePosixPath(path), ast.parse(source))


@functools.cache  # and not at the import, which every process of the tests does
def modules():
    return [
        module(path.relative_to(PACKAGE).as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    ]


ROOMS = [
    ["errors"],
    ["checks", "shipped", "system"],
    ["config", "nn", "text"],
    ["data", "model"],
    ["checkpoint", "ngrams"],
    ["corpora", "evaluate", "exchange", "generate"],
    ["tasks"],
    ["learned", "train"],
    ["search"],
    ["report"],
    ["api", "plan"],
    ["kenlm", "serve"],
    ["commands"],
]
"""From the bottom up; a room imports from lower floors, and within itself."""

NN_ROOMS = [
    ["cpu", "cuda", "device", "gradient", "init", "lookup", "param", "state"],
    ["cells"],
    ["engines"],
    ["layers"],
    ["outputs"],
]
"""The same within ``nn/``."""


def floors(rooms):
    return {room: floor for floor, names in enumerate(rooms) for room in names}


FLOOR, NN_FLOOR = floors(ROOMS), floors(NN_ROOMS)


def imports_go_down(module):
    for name in module.imports():
        package, _, rest = name.partition(".")
        room = rest.partition(".")[0]
        if package != "rnnlm_cli" or room in ("", "__version__") or module.room not in FLOOR:
            continue
        if room != module.room and not FLOOR[room] < FLOOR[module.room]:
            yield name


def imports_go_down_in_nn(module):
    """A cell imports no engine and no layer, an engine no layer."""
    own = module.path.parts[1].removesuffix(".py") if len(module.path.parts) > 1 else ""
    if module.room != "nn" or own == "__init__":
        return
    for name in module.imports_from_nn():
        room = name.partition(".")[0]
        if room != own and not NN_FLOOR[room] <= NN_FLOOR[own] - (NN_FLOOR[own] > 0):
            yield name


EQUATIONS_AGAIN = (
    "nn/engines/in_place.py",
    "nn/engines/kernels.py",
    "nn/engines/in_place_sru.py",
    "nn/engines/compiled_mogrifier.py",
    "nn/engines/compiled_sru.py",
    "nn/engines/cuda_cells.py",
)


def an_engine_knows_a_cell_by_its_protocol(module):
    """But for the steps in place and in C, which are the equations of some cells again."""
    if module.within("nn/engines") and not module.within(*EQUATIONS_AGAIN):
        for name in module.imports_from_nn():
            if name.startswith("cells.") and not name.startswith("cells.base."):
                yield name


def the_layers_know_numpy_alone(module):
    if module.room == "nn":
        for name in module.imports():
            top = name.partition(".")[0]
            if top == "cupy" and module.within(OPTIONAL["cupy"]):
                continue
            if top not in {"numpy", "threadpoolctl", "rnnlm_cli"} | sys.stdlib_module_names:
                yield name


MACHINE = {"_thread", "concurrent", "ctypes", "cupy", "multiprocessing", "threading"}
MACHINE |= {"threadpoolctl"}
THREADS_ARE_IN = ("nn/cpu", "nn/engines", "nn/cuda/products.py", "nn/device.py")
TIMER = ("commands/shared/waiting.py", "threading")
"""A signal's handler would wait for the end of a product or of a read, of which it has to tell."""


def threads_and_devices_are_in_nn(module):
    """But in a server each model has a thread, apart from the one that talks to clients."""
    for name in module.imports():
        top = name.partition(".")[0]
        allowed = module.within(*THREADS_ARE_IN) or (str(module.path), top) == TIMER
        allowed = allowed or (module.room == "serve" and top == "threading")
        if top in MACHINE and not allowed:
            yield name


def other_machines_are_in_one_file(module):
    if not module.within("train/parallel.py"):
        yield from (name for name in module.imports() if name.partition(".")[0] == "mpi4py")


OPAQUE = ("state.", "cells.")
"""States are handed on and nothing else is done with them; cells tell the names of their gates."""

SETTINGS = ("cpu.threads.use_threads", "engines.choose.")
OUTSIDE = {
    "commands/main.py": SETTINGS,  # what the environment asks for is refused before any work
    # and what an argument asks for
    "api/machine.py": ("cpu.threads", "engines.choose.", "device.DEVICES"),
    "report/system.py": ("cpu.threads.", "engines.choose."),  # it tells what computes
    "report/gradients.py": ("engines.choose.", "init.", "layers.recurrent."),  # it is a laboratory
}
"""Who else knows more of ``nn/``, and what."""


def arrays_of_a_device_stay_in_nn_model_and_train(module):
    """What others get is NumPy or an opaque state: they know no engine and no layer."""
    if module.within("nn", "model", "train"):
        return
    allowed = OPAQUE + OUTSIDE.get(str(module.path), ())
    for name in module.imports_from_nn():
        if not name.startswith(allowed):
            yield name


REQUIRED = {"click", "msgspec", "numpy", "threadpoolctl", "tqdm", "yaml"}
OPTIONAL = {
    "cupy": "nn/device.py",
    "matplotlib": "report/figure.py",
    "mpi4py": "train/parallel.py",
    "onnx": "exchange/onnx_graph.py",
    "optuna": "search/study.py",
    "pyarrow": "text/sources/parquet.py",
    "sacrebleu": "generate/quality.py",
    "safetensors": "exchange/files.py",
    "sklearn": "learned/embedding.py",
    "sentencepiece": "text/codec/subword_model.py",
    "starlette": "serve/app.py",
    "tensorboardX": "train/tensorboard.py",
    "tokenizers": "text/codec/subword_json.py",
    "uvicorn": "serve/server.py",
    "zstandard": "text/sources/compression.py",
}
"""What only some have installed, and the one file that imports it."""
RUN = {"mpich"}
"""What an extra has to be run, not imported."""
STANDARD = sys.stdlib_module_names | {"compression"}
"""The standard library's modules, with that of 3.14."""


def packages_that_not_all_have_are_in_one_file(module):
    for name in module.imports():
        top = name.partition(".")[0]
        if top in STANDARD or top in REQUIRED | {"rnnlm_cli"}:
            continue
        if OPTIONAL.get(top) != str(module.path):
            yield name


def scorers_and_generators_import_no_file_formats(module):
    if module.room in ("evaluate", "generate"):
        for name in module.imports():
            if name.startswith(("rnnlm_cli.checkpoint", "rnnlm_cli.exchange")):
                yield name


UNITS = set(get_args(get_type_hints(CorpusConfig)["unit"]))


def what_a_token_is_the_codec_answers(module):
    """Nobody compares with the name of a unit: whoever does has an opinion of its own."""
    if module.room == "config":
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Compare):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and part.value in UNITS:
                    yield ast.unparse(node)


PRINTING = {"print", "sys.stdout.write", "sys.stderr.write"}


def only_commands_print(module):
    if module.room == "commands":
        return
    yield from (name for name in module.imports() if name.partition(".")[0] in ("click", "tqdm"))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in PRINTING:
            yield ast.unparse(node)


OTHER_PROGRAMS = ("compile-lm --text=yes",)
"""Commands of theirs that a message may tell, options included."""


def only_commands_know_options(module):
    if module.room == "commands":
        return
    for string in module.strings():
        for command in OTHER_PROGRAMS:
            string = string.replace(command, "")
        yield from re.findall(r"(?<![\w-])--[a-z][\w-]*", string)


RULES = [
    imports_go_down,
    imports_go_down_in_nn,
    an_engine_knows_a_cell_by_its_protocol,
    the_layers_know_numpy_alone,
    threads_and_devices_are_in_nn,
    other_machines_are_in_one_file,
    arrays_of_a_device_stay_in_nn_model_and_train,
    packages_that_not_all_have_are_in_one_file,
    scorers_and_generators_import_no_file_formats,
    what_a_token_is_the_codec_answers,
    only_commands_print,
    only_commands_know_options,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_holds(rule):
    broken = [f"{module.path}: {what}" for module in modules() for what in rule(module)]
    assert broken == []


PLANTED = [
    (imports_go_down, "evaluate/a.py", "import rnnlm_cli.train.loop", 1),
    (imports_go_down, "evaluate/a.py", "def f():\n    from rnnlm_cli import generate", 1),
    (imports_go_down, "evaluate/a.py", "from rnnlm_cli import __version__, model", 0),
    (imports_go_down_in_nn, "nn/cells/a.py", "from rnnlm_cli.nn import engines", 1),
    (imports_go_down_in_nn, "nn/cells/a.py", "from rnnlm_cli.nn.layers.base import Layer", 1),
    (imports_go_down_in_nn, "nn/engines/a.py", "import rnnlm_cli.nn.layers.linear", 1),
    (imports_go_down_in_nn, "nn/layers/a.py", "from rnnlm_cli.nn.outputs.plain import x", 1),
    (imports_go_down_in_nn, "nn/param.py", "from rnnlm_cli.nn.cells import CELLS", 1),
    (imports_go_down_in_nn, "nn/param.py", "from rnnlm_cli.nn.cpu.threads import product", 0),
    (imports_go_down_in_nn, "nn/layers/a.py", "from rnnlm_cli.nn.engines.base import Pass", 0),
    (
        an_engine_knows_a_cell_by_its_protocol,
        "nn/engines/a.py",
        "from rnnlm_cli.nn.cells.lstm import LSTM\nfrom rnnlm_cli.nn.cells import CELLS",
        2,
    ),
    (
        an_engine_knows_a_cell_by_its_protocol,
        "nn/engines/a.py",
        "from rnnlm_cli.nn.cells.base import Cell",
        0,
    ),
    (the_layers_know_numpy_alone, "nn/layers/a.py", "import msgspec, os, numpy.linalg", 1),
    (threads_and_devices_are_in_nn, "nn/layers/a.py", "import threading", 1),
    (threads_and_devices_are_in_nn, "train/a.py", "from concurrent.futures import Future", 1),
    (threads_and_devices_are_in_nn, "train/a.py", "cp = extra('cupy', 'cuda12')", 1),
    (threads_and_devices_are_in_nn, "commands/shared/waiting.py", "import ctypes, threading", 1),
    (threads_and_devices_are_in_nn, "serve/a.py", "import ctypes, threading", 1),
    (threads_and_devices_are_in_nn, "nn/cpu/a.py", "import ctypes, threading", 0),
    (other_machines_are_in_one_file, "train/loop.py", "from mpi4py import MPI", 1),
    (other_machines_are_in_one_file, "train/parallel.py", "extra('mpi4py.MPI', 'mpi')", 0),
    (
        arrays_of_a_device_stay_in_nn_model_and_train,
        "evaluate/a.py",
        "from rnnlm_cli import nn\nfrom rnnlm_cli.nn.cpu.threads import product",
        2,
    ),
    (
        arrays_of_a_device_stay_in_nn_model_and_train,
        "generate/a.py",
        "from rnnlm_cli.nn.state import State\nfrom rnnlm_cli.model import Rnnlm",
        0,
    ),
    (
        arrays_of_a_device_stay_in_nn_model_and_train,
        "commands/main.py",
        "from rnnlm_cli.nn.cpu.threads import product, use_threads",
        1,
    ),
    (packages_that_not_all_have_are_in_one_file, "report/a.py", "import matplotlib.figure", 1),
    (packages_that_not_all_have_are_in_one_file, "nn/a.py", "importlib.import_module('torch')", 1),
    (packages_that_not_all_have_are_in_one_file, "report/figure.py", "extra('matplotlib', 'p')", 0),
    (
        scorers_and_generators_import_no_file_formats,
        "generate/a.py",
        IMPORT := ("from rnnlm_cli import checkpoint, exchange"),
        2,
    ),
    (scorers_and_generators_import_no_file_formats, "report/a.py", IMPORT, 0),
    (what_a_token_is_the_codec_answers, "text/a.py", "x = a.unit != 'char'", 1),
    (what_a_token_is_the_codec_answers, "text/a.py", "x = a.unit in ('word', 'char')", 2),
    (only_commands_print, "train/a.py", "import click\nprint(1)\nsys.stderr.write('a')", 3),
    (only_commands_print, "commands/a.py", "import click\nprint(1)", 0),
    (
        only_commands_know_options,
        "train/a.py",
        '"""--a"""\nx = "--b"\ny = f"{x}; see --c"\ndef f():\n    """--d"""\n    g("a " "--e")\n',
        3,
    ),
    (only_commands_know_options, "train/a.py", "x = 'compile-lm --text=yes, or a--b'", 0),
]


@pytest.mark.parametrize(("rule", "path", "source", "found"), PLANTED)
def test_what_is_planted_is_found(rule, path, source, found):
    assert len(list(rule(module(path, source)))) == found


def test_every_rule_is_seen_to_fail():
    assert {rule for rule, _, _, found in PLANTED if found} == set(RULES)


def test_every_module_has_a_room():
    rooms = {module.room for module in modules()} - {"__init__", "__main__"}
    assert rooms == FLOOR.keys()
    parts = {
        module.path.parts[1].removesuffix(".py") for module in modules() if module.within("nn")
    }
    assert parts - {"__init__"} == NN_FLOOR.keys()


def test_what_is_required_is_what_is_imported():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    asked = re.findall(r"^\w+", setup["options"]["install_requires"], re.MULTILINE)
    imported = {name.partition(".")[0] for module in modules() for name in module.imports()}
    assert {"yaml" if name == "pyyaml" else name for name in asked} == REQUIRED
    assert imported - STANDARD - {"rnnlm_cli"} == REQUIRED | OPTIONAL.keys()
    extras = setup["options.extras_require"]
    optional = {
        name for extra in extras if extra not in ("dev", "site") for name in extras[extra].split()
    }
    packages = {re.split("[<>=]", name)[0] for name in optional} - RUN
    modules_of = {"scikit-learn": "sklearn", "cupy-cuda12x": "cupy", "cupy-cuda13x": "cupy"}
    assert {modules_of.get(name, name) for name in packages} == OPTIONAL.keys()
