"""The task ``translation``: its blocks, and what a training learns."""

from itertools import product

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import make_config
from rnnlm_cli.data.columns import Known
from rnnlm_cli.data.pairs import read_pair_texts
from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.generate.translation import Translator
from rnnlm_cli.tasks import known_by
from rnnlm_cli.tasks.translation import pair_blocks
from rnnlm_cli.train.checks import training_notes
from rnnlm_cli.train.start import begin


@pytest.fixture
def folder(tmp_path):
    """Words of one to four letters: 300 to train on, the other 40 to validate on."""
    every = ["".join(letters) for n in range(1, 5) for letters in product("abcd", repeat=n)]
    words = np.random.default_rng(0).permutation(every).tolist()
    for name, some in (("train", words[:300]), ("valid", words[300:])):
        for task, turn in (("copy", 1), ("reverse", -1)):
            text = "".join(f"{word}\t{word[::turn]}\n" for word in some)
            (tmp_path / f"{task}.{name}.tsv").write_text(text)
    return tmp_path


def config_of(folder, name, *more):
    raw = {
        "task": {"kind": "translation"},
        "corpus": {
            "train": str(folder / f"{name}.train.tsv"),
            "valid": str(folder / f"{name}.valid.tsv"),
            "unit": "char",
        },
        "model": {"embedding_size": 8, "hidden_size": 32},
        "training": {
            "batch_size": 20,
            "clip_norm": 1.0,
            "optimizer": {"kind": "adam", "learning_rate": 0.02},
            "schedule": {"kind": "linear"},
        },
        "checkpoint": {"path": str(folder / f"{name}.pkl")},
    }
    return make_config(raw, more)


def test_a_block_has_sources_above_what_the_decoder_reads(folder):
    (folder / "few.train.tsv").write_text("ab\tba\nc\tc\n")
    (folder / "few.valid.tsv").write_text("b\tb\n")
    texts = read_pair_texts(config_of(folder, "few"))
    (block,) = pair_blocks(texts.train, 5)
    names = [*texts.vocabulary.tokens, ""]  # -1 is the last
    inputs = [
        ["".join(names[k] for k in column) for column in part.T]
        for part in (block.inputs[:2], block.inputs[2:], block.targets)
    ]
    assert inputs == [["c", "ab"], ["\nc\n", "\nba"], ["c\n", "ba\n"]]
    assert block.padding.sum() == 1
    assert texts.train.digest != texts.valid.digest


@pytest.mark.parametrize(("name", "turn"), [("copy", "true"), ("reverse", "false")])
def test_copy_and_reverse_are_learned_exactly(folder, name, turn):
    form = ["task.attention=dot", "task.peeky=true", f"task.reverse_source={turn}"]
    config = config_of(folder, name, *form, "training.epochs=12")
    for _ in begin(config).events():
        pass
    model = checkpoint.load_any(config.checkpoint.path).model
    translator = Translator(model)
    rows = read_pair_texts(config, known_by(model)).valid.rows
    found = [translator.text(one) for _, one in translator.translations(rows.left)]
    assert found == rows.right


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ab\tba\nab\n", "line 2: has no tab; each line is source<TAB>target"),
        ("ab\t\n", "line 1: has no target"),
        ("\tab\n", "line 1: has no source"),
        ("a\tb\tc\n", "line 1: has 2 tabs"),
        ("", "is empty"),
    ],
)
def test_a_bad_line_is_named(folder, text, message):
    (folder / "copy.train.tsv").write_text(text)
    with pytest.raises(CorpusError, match=message):
        read_pair_texts(config_of(folder, "copy"))


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("model.direction=bidirectional", "model.direction"),
        ("model.slowness_penalty=1", "model.slowness_penalty is for task.kind: language"),
        ("model.embedding_start=ppmi", "model.embedding_start is for task.kind: language"),
        ("task.attention=sum", "expected: dot, or null"),
    ],
)
def test_keys_of_other_tasks_are_refused(folder, option, message):
    with pytest.raises(UsageError, match=message):
        config_of(folder, "copy", option)


def test_what_is_odd_in_either_column_is_told_before_a_training(tmp_path):
    (tmp_path / "odd.train.tsv").write_text("a </s>\tb\nb a\ta </s>\na b\t</s> a\n" * 4)
    (tmp_path / "odd.valid.tsv").write_text("c c c a\ta b\n")
    config = config_of(tmp_path, "odd", "corpus.unit=word")
    source, target, unknown = training_notes(config, read_pair_texts(config))
    train = tmp_path / "odd.train.tsv"
    assert source.startswith(f"the sources of {train}: holds </s> (4 times)")
    assert target.startswith(f"{train}: holds </s> (8 times)")
    assert "42.9% of the validation text is not in the vocabulary" in unknown  # 3 of 4 + 3 tokens


def test_new_tokens_of_sources_are_told_when_a_model_is_trained_further(tmp_path):
    (tmp_path / "odd.train.tsv").write_text("a b\tb\nb a\ta\n")
    (tmp_path / "odd.valid.tsv").write_text("a b\tb\n")
    config = config_of(tmp_path, "odd", "corpus.unit=word")
    texts = read_pair_texts(config)
    known = Known(texts.codec, texts.vocabulary)
    (tmp_path / "odd.train.tsv").write_text("a c\tb\nb a\ta\n")
    config = config_of(tmp_path, "odd", "corpus.unit=word", "training.init_from=m.pkl")
    (note,) = training_notes(config, read_pair_texts(config, known))
    assert "1 of 8 tokens are not in the vocabulary of m.pkl" in note  # 4 and 4, two of them ends
    assert "corpus.extend_vocabulary: true adds them" in note
