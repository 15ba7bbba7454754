"""Each key of the schema, and the effects of its marks."""

from functools import reduce

import msgspec
import pytest

from rnnlm_cli.config import (
    MAY_CHANGE,
    Mark,
    config_from_plain,
    config_to_plain,
    describe,
    differences,
    keys_marked,
    move_paths,
)
from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.keys import fields_marked
from rnnlm_cli.config.schema import Config, value_at
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.errors import UsageError
from rnnlm_cli.train.compatibility import check_resumable
from rnnlm_cli.train.notes import told_changes

BASE = Config(corpus=CorpusConfig(train="a.txt"), checkpoint=CheckpointConfig(path="a.pkl"))
KEYS = [pytest.param(key, id=f"{key.name} {key.kind or ''}".strip()) for key in describe()]
SAMPLES = (
    True,
    False,
    2,
    3,
    400,
    500,
    0.5,
    0.25,
    [3, 5],
    [4],
    None,
    "b.pkl",
    ["output"],
    ["layer1"],
)
"""For any key except a choice, at least one of these differs from the default."""


def with_value(key, value, base=BASE):
    """The plain values of a configuration with one key set, in a section of the key's kind."""
    plain = config_to_plain(base)
    *sections, last = key.name.split(".")
    if key.kind is not None:
        outer = reduce(dict.__getitem__, sections[:-1], plain)
        outer[sections[-1]] = {"kind": key.kind}
    reduce(dict.__getitem__, sections, plain)[last] = value
    if last == "kind":
        reduce(dict.__getitem__, sections[:-1], plain)[sections[-1]] = {"kind": value}
    return plain


def accepted(key, value):
    """The configuration with one key set, or ``None`` if its type does not allow the value."""
    try:
        return config_from_plain(with_value(key, value))
    except msgspec.ValidationError:
        return None


def two_values(key):
    """Two configurations that differ in one key only."""
    found = [accepted(key, value) for value in (*key.allowed.split(", "), *SAMPLES)]
    found = [config for config in found if config is not None]
    for other in found[1:]:
        if differences(found[0], other).keys() & {key.name}:
            return found[0], other
    pytest.fail(f"SAMPLES has no two values for {key.name}")


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_described(key):
    assert key.meaning, "give the key a meaning: key('...')"
    assert key.allowed
    assert not key.meaning.endswith(".")


@pytest.mark.parametrize("key", KEYS)
def test_another_value_on_resume_is_refused_unless_the_key_is_marked(key):
    assert len(key.marks & set(MAY_CHANGE)) <= 1, "one decision per key"
    stored, config = two_values(key)
    if key.marks & set(MAY_CHANGE):
        check_resumable("m.last.pkl", stored, config)
    else:
        with pytest.raises(UsageError, match=rf"{key.name} was .* and is "):
            check_resumable("m.last.pkl", stored, config)
    told = any(note.startswith(f"{key.name} was") for note in told_changes(stored, config))
    assert told == (Mark.TOLD_ON_RESUME in key.marks)


def test_the_keys_that_may_change_on_resume():
    """A new key is fixed, unless it is added here."""
    assert keys_marked(Mark.FREE_ON_RESUME) == (
        "corpus.test",
        "corpus.max_token_bytes",
        "corpus.max_expansion",
        "model.embeddings",
        "training.epochs",
        "training.max_steps",
        "training.max_seconds",
        "training.patience",
        "training.validate_every",
        "training.on_nan",
        "training.init_from",
        "training.reduction",
        "training.report_every",
        "training.sample.length",
        "training.sample.start",
        "training.sample.temperature",
        "training.sample.every",
        "training.tensorboard",
        "checkpoint.path",
        "checkpoint.every_seconds",
    )
    assert keys_marked(Mark.TOLD_ON_RESUME) == (
        "training.engine",
        "training.device",
        "training.threads",
    )
    assert keys_marked(Mark.SAME_CONTENT_ON_RESUME) == (
        "corpus.train",
        "corpus.valid",
        "corpus.field",
        "corpus.subword.path",
        "corpus.encoding",
    )
    assert keys_marked(Mark.OF_THE_MODEL) == ("corpus.normalize", "model.output_bias")


ANY_TEXT = ("corpus.field",)
"""What other people's files may call as they like."""


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_takes_any_text_is_a_token_or_a_path_that_is_moved(key):
    if accepted(key, "some.pkl") is None:
        assert not key.marks & {Mark.PATH, Mark.TOKEN, Mark.WORDS}
        return
    marked = len(key.marks & {Mark.PATH, Mark.TOKEN, Mark.WORDS})
    assert marked == (key.name not in ANY_TEXT)
    plain = with_value(key, "some.pkl")
    moved = value_at(config_from_plain(move_paths(plain, lambda path: f"there/{path}")), key.name)
    assert moved == ("there/some.pkl" if Mark.PATH in key.marks else "some.pkl")


@pytest.mark.parametrize("key", KEYS)
def test_every_path_of_a_list_is_moved(key):
    plain = with_value(key, ["a.txt", "b.txt"])
    try:
        config_from_plain(plain)
    except msgspec.ValidationError:
        return
    move_paths(plain, lambda path: f"there/{path}")
    assert value_at(config_from_plain(plain), key.name) == ["there/a.txt", "there/b.txt"]


def test_moving_the_paths_of_other_values_does_nothing():
    for data in (None, 3, [], {"corpus": "a.txt"}, {"corpus": {"train": 3}}, {"training": None}):
        assert move_paths(data, lambda path: f"there/{path}") == data


@pytest.mark.parametrize("key", KEYS)
def test_no_path_has_nul_and_no_token_white_space(key):
    if Mark.PATH in key.marks:
        assert accepted(key, "a\0.pkl") is None
    if Mark.TOKEN in key.marks:
        assert accepted(key, "a b") is None


def test_an_input_is_a_path_and_an_output_is_not_an_input():
    inputs = keys_marked(Mark.INPUT)
    texts = ("corpus.train", "corpus.valid", "corpus.test")
    assert inputs == (
        *texts,
        "corpus.subword.path",
        "model.embeddings",
        "training.init_from",
    )
    assert set(keys_marked(Mark.PATH)) - set(inputs) == {"checkpoint.path", "training.tensorboard"}


def test_marks_by_section_and_by_whole_name_are_the_same():
    for mark in Mark:
        names = fields_marked(CorpusConfig, mark)
        whole = [key for key in keys_marked(mark) if key.startswith("corpus.")]
        assert [f"corpus.{name}" for name in names] == [
            key.removesuffix(".kind") for key in whole if key.count(".") == 1 or ".kind" in key
        ]


def test_a_value_that_another_kind_has_is_none():
    assert value_at(BASE, "training.optimizer.learning_rate") == 20.0
    assert value_at(BASE, "training.optimizer.beta1") is None


def test_a_field_without_marks_has_none():
    assert "seed" not in fields_marked(TrainingConfig, *Mark)
