"""What is told twice about the project agrees, and all of the package is where a build finds it."""

import configparser
import re
from pathlib import Path

import pytest
import yaml

import rnnlm_cli
from rnnlm_cli.config.json_schema import SCHEMA_NAME
from rnnlm_cli.shipped import SHIPPED, shipped

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "rnnlm_cli"


def setup():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def lines(text):
    return [line for line in text.splitlines() if line]


def test_every_directory_with_code_is_a_package():
    """A build finds packages by their ``__init__.py`` and leaves others out in silence."""
    directories = {path.parent for path in PACKAGE.rglob("*.py")}
    assert [d for d in directories if not (d / "__init__.py").is_file()] == []
    assert setup()["options"]["packages"] == "find:"


@pytest.mark.parametrize("directory", SHIPPED)
def test_what_ships_is_what_the_top_level_holds(directory):
    top = {path.name: path.read_bytes() for path in (ROOT / directory).glob(SHIPPED[directory])}
    assert {path.name: path.read_bytes() for path in shipped(directory)} == top != {}


def test_a_build_carries_what_ships():
    data = lines(setup()["options.package_data"]["rnnlm_cli.shipped"])
    patterns = [f"{directory}/{pattern}" for directory, pattern in SHIPPED.items()]
    assert sorted(data) == sorted([*patterns, f"configs/{SCHEMA_NAME}"])


def test_the_citation_has_the_name_version_and_licence_of_the_package():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    metadata = setup()["metadata"]
    assert citation["version"] == rnnlm_cli.__version__
    assert citation["license"] == metadata["license"]
    assert citation["authors"] == [{"name": metadata["author"]}]
    assert {"url", "doi", "repository-code"}.isdisjoint(citation)


def test_the_classifiers_name_the_pythons_that_ci_looks_for():
    named = re.findall(r"Python :: 3\.(\d+)$", setup()["metadata"]["classifiers"], re.MULTILINE)
    oldest = setup()["options"]["python_requires"].removeprefix(">=3.")
    script = (ROOT / ".ci" / "pythons").read_text(encoding="utf-8")
    tried = re.search(r"^for version in ([\d ]+);", script, re.MULTILINE)[1].split()
    assert named == [str(minor) for minor in range(int(oldest), int(named[-1]) + 1)]
    assert set(named) <= {oldest, *tried}
    assert f"python3.{oldest} " in script


def test_the_makefiles_header_has_every_target_and_no_other():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    described = re.findall(r"^# make ?([\w-]*)  +\S", text, re.MULTILINE)
    targets = re.findall(r"^([\w-]+):", text, re.MULTILINE)
    assert sorted(name or "all" for name in described) == sorted(targets)
    (phony,) = re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert sorted(phony.split()) == sorted(targets)


def test_every_script_of_ci_is_run():
    """``.ci/run`` calls each executable script beside it, but for what runs before a release."""
    scripts = {p.name for p in (ROOT / ".ci").iterdir() if p.stat().st_mode & 0o100} - {"run"}
    called = re.findall(r"^\.ci/(\w+)$", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)
    release = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Release")[2]
    before_a_release = set(re.findall(r"`\.ci/(\w+)`", release)) - {"run"}
    assert {*called, *before_a_release} == scripts
