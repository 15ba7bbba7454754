"""Data flows one way: who may import whom, read from the sources."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "rnnlm_cli"

ROOMS = [
    ["errors"],
    ["checks", "shipped", "system"],
    ["config", "nn", "text"],
    ["data", "model"],
    ["checkpoint"],
    ["corpora", "evaluate", "exchange", "generate"],
    ["train"],
    ["report"],
    ["api"],
    ["commands"],
]
"""From the bottom up; a room imports from lower floors, and within itself."""

FLOOR = {room: floor for floor, rooms in enumerate(ROOMS) for room in rooms}
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
NN_MAY_IMPORT = {"numpy", "threadpoolctl"}


def imports(path):
    """Names of imported modules, wherever in the file."""
    for node in ast.walk(ast.parse((PACKAGE / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            if node.module == "rnnlm_cli":
                yield from (f"rnnlm_cli.{alias.name}" for alias in node.names)
            else:
                yield node.module


def room_of(path):
    return path.parts[0].removesuffix(".py")


@pytest.mark.parametrize(
    "path", [p for p in MODULES if len(p.parts) > 1 or room_of(p) in FLOOR], ids=str
)
def test_imports_go_down(path):
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "rnnlm_cli" or len(parts) == 1 or parts[1] == "__version__":
            continue
        room = parts[1]
        assert room == room_of(path) or FLOOR[room] < FLOOR[room_of(path)], f"{path}: {name}"


def test_every_module_has_a_room():
    rooms = {room_of(path) for path in MODULES} - {"__init__", "__main__"}
    assert rooms == FLOOR.keys()


@pytest.mark.parametrize("path", [p for p in MODULES if room_of(p) == "nn"], ids=str)
def test_the_layers_know_numpy_alone(path):
    import sys

    for name in imports(path):
        top = name.split(".")[0]
        assert top in NN_MAY_IMPORT or top in sys.stdlib_module_names or top == "rnnlm_cli"


@pytest.mark.parametrize(
    "path", [p for p in MODULES if room_of(p) in ("evaluate", "generate")], ids=str
)
def test_scorers_and_generators_import_no_file_formats(path):
    formats = {"checkpoint", "exchange"}
    rooms = {".".join(name.split(".")[1:2]) for name in imports(path)}
    assert not formats & rooms


@pytest.mark.parametrize("path", [p for p in MODULES if room_of(p) != "config"], ids=str)
def test_what_a_token_is_the_codec_answers(path):
    """Nobody compares with the name of a unit: whoever does has an opinion of its own."""
    for node in ast.walk(ast.parse((PACKAGE / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare):
            constants = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
            assert not {"word", "char"} & {c for c in constants if isinstance(c, str)}


@pytest.mark.parametrize("path", [p for p in MODULES if room_of(p) != "commands"], ids=str)
def test_only_commands_print(path):
    source = (PACKAGE / path).read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in {"print", "sys.stdout.write", "sys.stderr.write"}
    assert "click" not in {name.split(".")[0] for name in imports(path)}


OTHER_PROGRAMS = ("compile-lm --text=yes",)
"""Commands of theirs that a message may tell, options included."""


def strings(path):
    """String literals of a module, the parts of formatted ones too; docstrings apart."""
    tree = ast.parse((PACKAGE / path).read_text(encoding="utf-8"))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


@pytest.mark.parametrize("path", [p for p in MODULES if room_of(p) != "commands"], ids=str)
def test_only_commands_know_options(path):
    for string in strings(path):
        for command in OTHER_PROGRAMS:
            string = string.replace(command, "")
        assert not re.search(r"(?<![\w-])--[a-z]", string), f"{path}: {string!r}"


def test_options_are_found_in_every_kind_of_string(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    source = (
        '"""--a"""\nx = "--b"\ny = f"{x}; see --c"\ndef f():\n    """--d"""\n    g("a" "--e")\n'
    )
    (tmp_path / "m.py").write_text(source, encoding="utf-8")
    assert sorted(re.findall("--[a-z]", " ".join(strings("m.py")))) == ["--b", "--c", "--e"]
