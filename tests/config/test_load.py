import re
from pathlib import Path

import pytest
from msgspec import structs

from rnnlm_cli.config import config_from_plain, config_to_plain, describe, load_config, make_config
from rnnlm_cli.config.model import InitializationConfig, OutputConfig
from rnnlm_cli.config.training import Adam, OptimizerConfig, Plateau, ScheduleConfig
from rnnlm_cli.errors import ConfigError

MINIMAL = "corpus: {train: a.txt}\ncheckpoint: {path: out/a.pkl}\n"


def load(tmp_path, text, *overrides):
    path = tmp_path / "c.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(str(path), overrides)


def refusal(tmp_path, text, *overrides):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, *overrides)
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(str(tmp_path / "c.yaml"), "c.yaml")


def test_optional_parts_may_be_left_out(tmp_path):
    config = load(tmp_path, MINIMAL)
    assert config.corpus.end_of_line == "<eos>"
    assert (config.model.cell, config.model.hidden_size) == ("lstm", 100)
    assert (config.training.batch_size, config.training.bptt) == (20, 35)
    assert config.training.optimizer.learning_rate == 20.0
    assert config.training.clip_norm == 0.25


def test_paths_are_relative_to_the_file_or_with_set_to_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = load(tmp_path, MINIMAL, "corpus.test=t.txt")
    assert config.corpus.train == str(tmp_path / "a.txt")
    assert config.checkpoint.path == str(tmp_path / "out/a.pkl")
    assert config.corpus.test == "t.txt"


def test_standard_input_and_absolute_paths_stay(tmp_path):
    text = "corpus: {train: ['-', /x/a.txt, b.txt]}\ncheckpoint: {path: /x/a.pkl}\n"
    assert load(tmp_path, text).corpus.train == ["-", "/x/a.txt", str(tmp_path / "b.txt")]


def test_a_lone_dash_is_standard_input(tmp_path):
    assert load(tmp_path, MINIMAL, "corpus.train=-").corpus.train == "-"


def test_values_of_set_are_yaml_and_keys_dotted(tmp_path):
    config = load(
        tmp_path,
        MINIMAL + "training: {clip_norm: 5}\n",
        "training.optimizer={kind: adam, learning_rate: 1e-3}",
        "training.clip_norm=null",
        "model.dropout.input=0.5",
    )
    assert config.training.optimizer == Adam(learning_rate=0.001)
    assert config.training.clip_norm is None
    assert config.model.dropout.input == 0.5


def test_an_optimizer_or_schedule_without_a_kind_is_the_default_one(tmp_path):
    assert load(tmp_path, MINIMAL, "training.optimizer.learning_rate=3").training.optimizer == (
        load(
            tmp_path, MINIMAL, "training.optimizer={kind: sgd, learning_rate: 3}"
        ).training.optimizer
    )


def test_characters_have_no_end_of_line_unless_asked_for(tmp_path):
    assert load(tmp_path, MINIMAL, "corpus.unit=char").corpus.end_of_line is None
    with_one = load(tmp_path, MINIMAL, "corpus.unit=char", "corpus.end_of_line=<eos>")
    assert with_one.corpus.end_of_line == "<eos>"


def test_plain_values_come_back_as_the_same_config(tmp_path):
    config = load(tmp_path, MINIMAL, "corpus.valid=0.1", "training.schedule.kind=plateau")
    assert isinstance(config.training.schedule, Plateau)
    assert config_from_plain(config_to_plain(config)) == config


@pytest.mark.parametrize(
    ("extra", "parts"),
    [
        ("modell: {cell: lstm}", ["c.yaml:3: modell: unknown key", "did you mean model?"]),
        ("model: {cel: lstm}", ["c.yaml:3: model.cel: unknown key", "did you mean model.cell?"]),
        ("model:\n  bptt: 3", ["c.yaml:4: model.bptt: unknown key", "training.bptt?"]),
        (
            "model: {cell: lst}",
            ["c.yaml:3: model.cell", '"lst"', "expected: gru, ln_lstm, lstm, "],
        ),
        ("model: {layers: -1}", ["model.layers: -1 is not allowed", "≥ 1"]),
        ("model: {hidden_size: 1.5}", ["model.hidden_size: 1.5", "whole number"]),
        ("model: {hidden_size: true}", ["model.hidden_size: true", "whole number"]),
        ("model: {hidden_size: '8'}", ["model.hidden_size", '"8"']),
        ("model: 3", ["c.yaml:3: model: 3 is not allowed", "mapping"]),
        ("model: {dropout: {input: 1.0}}", ["model.dropout.input: 1.0", "< 1"]),
        ("training: {optimizer: {kind: sgdd}}", ["training.optimizer", "sgd, momentum, adam"]),
        (
            "training: {optimizer: {betta1: 0.9}}",
            ["did you mean training.optimizer.beta1 (kind: adam"],
        ),
        ("training: {<<: {epochs: 2}}", ["line 3: a merge (<<) is not allowed", "write its keys"]),
        (f"{'k' * 1000}: 1", ["...", "unknown key"]),
        ("training: {optimizer: {learning_rate: .nan}}", ["learning_rate"]),
        ("training: {optimizer: {learning_rate: .inf}}", ["learning_rate"]),
        ("training: {clip_norm: 0}", ["training.clip_norm: 0", "> 0"]),
        ("training: {patience: 2}", ["training.patience needs", "corpus.valid"]),
        ("training: {schedule: {kind: plateau}}", ["training.schedule needs", "corpus.valid"]),
        ("training: {epochs: 1, epochs: 2}", ["line 3", "given twice"]),
        ("checkpoint: {path: b.pkl}", ["line 3", "'checkpoint' is given twice"]),
        ("a: &a [1]\nb: *a", ["line 4", "alias"]),
        ("a: *.txt", ["line 3", "put a value that begins with * in quotes"]),
        ("training: {epochs: [", ["line", "correct the YAML"]),
        ("1: 2", ["line 3: a key must be text, not '1'"]),
        ("? [1]\n: 2", ["line 3: a key must be text, not a collection"]),
        ("? !!str [a]\n: 2", ["line 3: a key must be text, not a collection"]),
        ("a\tb", ["line", "correct the YAML"]),
        ("a: \x07", [r"the character '\x07' is not allowed"]),
        ("a: !!bool x", ["line 3: 'x' is not a valid bool; correct the YAML"]),
        ("a: !!timestamp x", ["line 3: 'x' is not a valid timestamp; correct the YAML"]),
        ("a:\n  b: !!int x", ["line 4: 'x' is not a valid int"]),
        ("a: !!map [b]", ["line 3: this is not a mapping"]),
        ("a: !!seq {b: 1}", ["line 3: ", "sequence"]),
        ("training: {seed: -1}", ["training.seed: -1", "≥ 0 and ≤ 4,294,967,295"]),
        ("training: {seed: 1e12}", ["training.seed: 1000000000000.0", "≤ 4,294,967,295"]),
    ],
)
def test_a_wrong_value_is_named_with_place_value_and_remedy(tmp_path, extra, parts):
    message = refusal(tmp_path, MINIMAL + extra + "\n")
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    ("override", "parts"),
    [
        ("training.epochs", ["override training.epochs: expected KEY=VALUE"]),
        ("=3", ["expected KEY=VALUE"]),
        ("training.epoch=3", ["override training.epoch=3: training.epoch: unknown", "epochs?"]),
        ("training.epochs=0", ["override training.epochs=0", "≥ 1"]),
        ("training.epochs.x=0", ["override training.epochs.x=0"]),
        ("checkpoint.path=a.bin", ["checkpoint.path", ".pkl"]),
        ("corpus.train=[]", ["corpus.train"]),
        ("corpus.unknown=a b", ["corpus.unknown", "expected: word"]),
        ('corpus.unknown="a\\n"', ["corpus.unknown", "expected: word"]),
        ("corpus.unknown=<eos>", ["override corpus.unknown=<eos>", "choose two different tokens"]),
        (
            "corpus={train: a.txt, lowercase: true, unknown: UNK}",
            ["UNK cannot occur", "lower case"],
        ),
        ('corpus.train="a\\0b"', ["corpus.train: 'a\\x00b' is not valid text", "without NUL"]),
        ('corpus.train=["a", "a\\0b"]', ["corpus.train[1]: 'a\\x00b' is not valid text"]),
        ('checkpoint.path="a.pkl\\n"', ["checkpoint.path", "NAME.pkl"]),
        ("checkpoint.path=.pkl", ["checkpoint.path", "with no NAME that"]),
        ("checkpoint.path=a/.pkl", ["checkpoint.path", "with no NAME that"]),
        ("checkpoint.path=a/m.last.pkl", ["m.last.pkl", "ends in .last or .rollback"]),
        ("checkpoint.path=m.rollback.pkl", ["m.rollback.pkl", "ends in .last"]),
        ('checkpoint.path="\\0.pkl"', ["checkpoint.path: '\\x00.pkl' is not valid text"]),
        ('corpus.end_of_line="<\\0>"', ["corpus.end_of_line", "is not valid text"]),
        ('corpus.unknown="\\ud800"', ["corpus.unknown: '\\ud800' is not valid text"]),
        ('model={"\\ud800": 1}', ["'\\ud800' is not valid text"]),
        (".".join("a" * 3000) + "=1", ["override a.a.a", "the key is too long"]),
        ("\udcff=1", ["'\\udcff' is not valid text"]),
        ("model.cell=\udcff", ["\\udcff"]),
        (f"model.layers=0x{'f' * 4000}", ["model.layers: a number of thousands of digits is not"]),
        ("model.dropout=[", ["correct the YAML"]),
    ],
)
def test_a_wrong_set_is_named(tmp_path, override, parts):
    message = refusal(tmp_path, MINIMAL, override)
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    "text", ["", "- 1\n", "hello", "[" * 5000, "a: !!python/object:os.x {}", "!!map [a]"]
)
def test_other_files_are_refused(tmp_path, text):
    assert refusal(tmp_path, text).startswith("c.yaml:")


LONG = "corpus: {{train: {0}}}\ncheckpoint: {{path: a.pkl}}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'"{"[" * 100_000}\\0": 1', "line 1: 100,001 characters in one key"),
        (f"training: {{epochs: 1{':1' * 100_000}}}", "line 1: 200,001 characters in one"),
        (LONG.format("a/" * 100_000), "line 1: 200,000 characters in one key or value, and at m"),
        (LONG.format("a" * 4097), "line 1: 4,097 characters in one key or value, and at most 4,0"),
        (LONG.format(f"[{'a,' * 10_000}]"), "line 1: more than 10,000 keys and values"),
        ("\n" + "[" * 100_000, "line 2: nested too deeply; a config has three levels"),
        ("- " * 100_000, "line 1: nested too deeply"),
        ("".join(f"{{{'a' * 900}:" for _ in range(500)), "line 1: nested too deeply"),
        (f"corpus: {{unknown: {'a' * 1001}}}", "corpus.unknown: is longer than 1,000 characters"),
        (f"{MINIMAL}training.optimizer.beta1: 2", "line 3: the key 'training.optimizer.beta1' has"),
    ],
    ids=lambda text: text[:10],
)
def test_a_file_too_long_for_a_config_is_refused_at_once(tmp_path, text, said):
    """These took from a minute to hours, or gigabytes; unclosed brackets, for example."""
    assert said in refusal(tmp_path, text)


def test_a_path_of_the_longest_kind_is_read(tmp_path):
    path = "/" + "a/" * 2047 + "b"
    assert load(tmp_path, LONG.format(path)).corpus.train == path


MISLEADING = "x - at `$"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (f"{MINIMAL}'{MISLEADING}': 1", f"c.yaml:3: {MISLEADING}: unknown key"),
        (f"{MINIMAL}'{MISLEADING}`': 1", f"c.yaml:3: {MISLEADING}`: unknown key"),
        (f"{MINIMAL}model: {{'{MISLEADING}': 1}}", f"c.yaml:3: model.{MISLEADING}: unknown key"),
        (f"{MINIMAL}model: {{cell: '{MISLEADING}`'}}", "c.yaml:3: model.cell: "),
        (f"{MINIMAL}training: {{optimizer: {{kind: '{MISLEADING}`'}}}}", "training.optimizer.kind"),
    ],
)
def test_a_key_or_value_that_looks_like_a_place_misleads_no_message(tmp_path, text, key):
    assert key in refusal(tmp_path, text)


def test_a_large_file_named_by_mistake_is_not_read_whole(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_bytes(b"a" * 1_000_001)
    with pytest.raises(ConfigError, match=r"c\.yaml: longer than 1,000,000 bytes"):
        load_config(str(path))


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="name a config file"):
        load_config(str(tmp_path / "none.yaml"))
    with pytest.raises(ConfigError, match="name a config file"):
        load_config(str(tmp_path))
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"corpus: caf\xe9")
    with pytest.raises(ConfigError, match="byte 12 is not UTF-8"):
        load_config(str(path))


@pytest.mark.parametrize("text", ["corpus: {}\ncheckpoint: {path: a.pkl}", "corpus: {train: a}"])
def test_a_missing_key_is_named(tmp_path, text):
    assert "is missing; expected:" in refusal(tmp_path, text)


def test_every_key_is_described():
    keys = describe()
    assert all(key.meaning and key.allowed for key in keys)
    names = [key.name for key in keys]
    for name in ("corpus.train", "model.dropout.variational", "training.optimizer.beta1"):
        assert name in names


@pytest.mark.parametrize(
    ("extra", "overrides", "parts"),
    [
        (
            "model: {direction: bidirectional}",
            ["corpus.end_of_line=null"],
            ["c.yaml:3: model.direction", "set corpus.end_of_line to a token"],
        ),
        (
            "model: {tie_weights: true, output_layer: {kind: adaptive}}",
            [],
            ["c.yaml:3: model.tie_weights", "kind: sampled"],
        ),
        (
            "model: {output_layer: {kind: adaptive, cutoffs: [5, 5]}}",
            [],
            ["c.yaml:3: model.output_layer.cutoffs: [5, 5] is not allowed; expected: ascending"],
        ),
        (
            "model: {cell: gru, forget_bias: 1}",
            [],
            ["c.yaml:3: model.forget_bias", "model.cell gru has no"],
        ),
        (
            "training: {optimizer: {kind: ntasgd}}",
            [],
            ["c.yaml:3: training.optimizer", "corpus.valid"],
        ),
    ],
)
def test_keys_that_contradict_each_other_are_refused(tmp_path, extra, overrides, parts):
    message = refusal(tmp_path, MINIMAL + extra + "\n", *overrides)
    for part in parts:
        assert part in message


KINDS = [
    (f"{section}.{field.name}", kind.__struct_config__.tag)
    for section, union in (
        ("training.optimizer", OptimizerConfig),
        ("training.schedule", ScheduleConfig),
        ("model.initialization", InitializationConfig),
        ("model.output_layer", OutputConfig),
    )
    for kind in union.__args__
    for field in structs.fields(kind)
]
"""Every key that some kinds have, with each kind that has it."""


@pytest.mark.parametrize("key", sorted({key for key, _ in KINDS}))
def test_a_key_of_another_kind_is_reported_with_all_kinds_that_have_it(tmp_path, key):
    section, _, name = key.rpartition(".")
    having = [kind for found, kind in KINDS if found == key]
    others = {kind.allowed for kind in describe() if kind.name == f"{section}.kind"}
    for other in set(others.pop().split(", ")) - set(having):
        told = f"{key}: only for kind: {' or '.join(having)}, but here it is {other}; set {section}"
        setting = f"{section}={{kind: {other}, {name}: 1}}"
        assert refusal(tmp_path, MINIMAL, setting).startswith(f"override {setting}: {told}")
        top, last = section.split(".")
        text = f"{MINIMAL}{top}:\n  {last}:\n    kind: {other}\n    {name}: 1\n"
        assert refusal(tmp_path, text).startswith(f"c.yaml:6: {told}")


def test_without_a_kind_it_is_the_default_one(tmp_path):
    said = "training.schedule.divide_by: only for kind: plateau, but here it is constant"
    assert said in refusal(tmp_path, MINIMAL, "training.schedule.divide_by=2")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("corpus.train", "''"),
        ("corpus.train", "[a.txt, '']"),
        ("corpus.valid", "''"),
        ("corpus.test", "['']"),
        ("training.init_from", "''"),
        ("checkpoint.path", "''"),
    ],
)
def test_an_empty_path_is_refused(tmp_path, key, value):
    section, last = key.split(".")
    sections = {"corpus": "train: a.txt", "checkpoint": "path: a.pkl", "training": "epochs: 1"}
    keys = {**{s: dict([k.split(": ")]) for s, k in sections.items()}}
    keys[section][last] = value
    text = "".join(
        f"{s}: {{{', '.join(f'{k}: {v}' for k, v in inner.items())}}}\n"
        for s, inner in keys.items()
    )
    for message in (refusal(tmp_path, text), refusal(tmp_path, MINIMAL, f"{key}={value}")):
        expected = "NAME.pkl" if last == "path" else "path"
        assert f'{key}: "" is not allowed; expected: {expected}' in re.sub(r"\[\d\]", "", message)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("model.cell={}", "model.cell: "),
        ("{}", "expected KEY=VALUE"),
        ("training.epochs=[{}", "correct the YAML"),
        ('corpus.train="\\0{}"', "is not valid text"),
        ("corpus.train.x={}", "corpus.train.x"),
        ("training.optimizer={{kind: {}}}", "training.optimizer"),
    ],
)
def test_little_of_a_long_value_is_quoted(tmp_path, override, said):
    for word in ("w" * 4_000, "word " * 800):  # the longest that YAML may hold
        message = refusal(tmp_path, MINIMAL, override.format(word))
        assert said in message
        assert message.startswith("override ")
        assert len(message) < 300


def test_a_config_in_memory_is_checked_as_one_in_a_file_and_left_as_it_is(tmp_path):
    values = {"corpus": {"train": "a.txt", "unit": "char"}, "checkpoint": {"path": Path("a.pkl")}}
    config = make_config(values, ["training.epochs=3", "model={cell: gru}"])
    assert config.corpus.train == "a.txt"  # relative to the working directory
    assert config.corpus.end_of_line is None
    assert (config.training.epochs, config.model.cell) == (3, "gru")
    assert values == {
        "corpus": {"train": "a.txt", "unit": "char"},
        "checkpoint": {"path": Path("a.pkl")},
    }
    assert make_config(config_to_plain(config)) == config


@pytest.mark.parametrize("unit", ["char", "jamo", "prose"])
def test_only_units_of_characters_have_no_end_of_line_by_default(unit):
    config = make_config(
        {"corpus": {"train": "a.txt", "unit": unit}, "checkpoint": {"path": "a.pkl"}}
    )
    assert config.corpus.end_of_line == ("<eos>" if unit == "prose" else None)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "config: corpus is missing"),
        (
            {"corpus": {"train": "a.txt"}, "checkpoint": {"path": "a.pkl"}, "more": 1},
            "config: .*more",
        ),
        ({"corpus": object()}, "config: .*; use plain values, as a YAML file has them"),
    ],
)
def test_what_is_wrong_with_a_config_in_memory_is_named(values, said):
    with pytest.raises(ConfigError, match=said):
        make_config(values)
