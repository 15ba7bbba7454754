"""The JSON Schema and the loader agree, by a validator of JSON Schema."""

import copy
import json
from pathlib import Path

import msgspec
import pytest
import yaml

from rnnlm_cli.config import config_from_plain, describe, load_config
from rnnlm_cli.config.document import parse_yaml
from rnnlm_cli.config.json_schema import MODELINE, SCHEMA_NAME, companion, json_schema, schema_text
from rnnlm_cli.config.raw import fill_defaults

jsonschema = pytest.importorskip("jsonschema", reason="the validator of JSON Schema (extra dev)")

ROOT = Path(__file__).parents[2]
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))
MINIMAL = {"corpus": {"train": "a.txt", "valid": "v.txt"}, "checkpoint": {"path": "a.pkl"}}

VALUES = [
    *(None, True, -1, 0, 1, 2, 300, 0.5, 2.0, 2.5, 1e31, 10**13),
    *("", "x", "a b", "a\x1cb", "\ufeff"),
    *("null", "x.pkl", "a/x.pkl", "x.last.pkl", ".pkl", "a.pkl/", [], ["x"], ["layer1"], [1]),
    *([1, 2], [[]], ["layer0"], {}, {"x": 1}),
]

BEYOND = {
    "corpus.encoding": "the schema does not know Python's encodings",
    "model.output_layer.cutoffs": "nor whether a list is ascending",
}
"""Keys of which the loader refuses more."""


@pytest.fixture(scope="module")
def validator():
    schema = json_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def with_value(key, kind, value):
    """The smallest config with a value, in a section of a kind."""
    config = copy.deepcopy(MINIMAL)
    *sections, last = key.split(".")
    section = config
    for name in sections:
        section = section.setdefault(name, {})
    if kind is not None:
        section["kind"] = kind
        if (sections, kind) == (["corpus", "subword"], "file"):
            section["path"] = "t.json"
    section[last] = value
    return config


def loads(config):
    """Whether the loader takes each key of a config; rules between keys may be broken."""
    values = copy.deepcopy(config)
    fill_defaults(values)
    try:
        config_from_plain(values)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.slow
def test_every_key_allows_in_the_schema_what_the_loader_allows(validator):
    for key in describe():
        words = [word for word in key.allowed.split(", ") if " " not in word]
        for value in [*VALUES, *words]:
            config = with_value(key.name, key.kind, value)
            valid, loaded = validator.is_valid(config), loads(config)
            whole = "whole" in key.allowed and isinstance(value, float)  # 2.0 is one in JSON
            same = valid == loaded or (valid and (whole or key.name in BEYOND))
            assert same, f"{key.name}: {value!r}: schema {valid}, loader {loaded}"


GOOD = [
    {},
    {"training": {"optimizer": {"learning_rate": 1}}},
    {"training": {"optimizer": {"kind": "adamw", "weight_decay": 0}}},
    {"corpus": {"train": ["a.txt", "b.txt"], "valid": 0.1}},
    {"corpus": {"train": "a", "unit": "subword", "subword": {"kind": "file", "path": "t.json"}}},
    {"model": {"output_layer": {"kind": "adaptive", "cutoffs": [3, 9]}, "freeze": ["layer12"]}},
]
BAD = [
    {"trainig": {}},
    {"corpus": None},
    {"corpus": {"valid": 0.1}},
    {"corpus": {"train": []}},
    {"checkpoint": {}},
    {"model": {"cel": "lstm"}},
    {"model": {"cell": "LSTM"}},
    {"model": {"dropout": 0.5}},
    {"training": {"epochs": "4"}},
    {"training": {"optimizer": {"momentum": 0.5}}},
    {"training": {"optimizer": {"kind": "sgdd"}}},
    {"training": {"optimizer": {"kind": "adam", "momentum": 0.5}}},
    {"training": {"optimizer": "adam"}},
    {"corpus": {"train": "a", "subword": {"kind": "file"}}},
]


@pytest.mark.parametrize(
    ("changes", "good"), [(c, True) for c in GOOD] + [(c, False) for c in BAD], ids=str
)
def test_good_and_bad_configs(validator, changes, good):
    config = {**MINIMAL, **changes}
    assert (validator.is_valid(config), loads(config)) == (good, good)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_a_shipped_config_is_valid_and_leads_to_the_schema_beside_it(validator, path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith(MODELINE)
    assert [error.message for error in validator.iter_errors(parse_yaml(text, "c")[0])] == []
    assert load_config(str(path))


def test_the_schema_beside_the_shipped_configs_is_that_of_the_classes():
    modeline, path, content = companion(ROOT / "configs" / "hello.yaml")
    assert path.read_bytes() == content == schema_text().encode(), "run make docs"
    assert modeline == f"# yaml-language-server: $schema={SCHEMA_NAME}\n"
    assert yaml.safe_load(modeline) is None


def test_every_key_has_its_meaning_and_its_default():
    schema = json.loads(schema_text())
    properties = schema["properties"]["training"]["properties"]
    assert properties["on_nan"]["description"].startswith("if training diverges")
    assert properties["on_nan"]["default"] == "stop"
    assert properties["clip_norm"]["type"] == ["number", "null"]
    adam = properties["optimizer"]["anyOf"][2]
    assert adam["properties"]["kind"] == {
        "const": "adam",
        "description": "Adam (Kingma and Ba, 2015).",
    }
    assert adam["required"] == ["kind"]
    assert "required" not in properties["optimizer"]["anyOf"][0]  # its default kind
    end = schema["properties"]["corpus"]["properties"]["end_of_line"]
    assert end["description"].endswith("null by default with corpus.unit: char or jamo")
