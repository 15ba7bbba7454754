"""The task ``translation``: its blocks, what a training learns, and how it resumes."""

from itertools import product

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import make_config
from rnnlm_cli.data.pairs import read_pair_texts
from rnnlm_cli.data.shares import ShareOfBlocks
from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.generate.translation import Translator
from rnnlm_cli.model.networks import random_network
from rnnlm_cli.tasks import known_by
from rnnlm_cli.tasks.translation import pair_blocks
from rnnlm_cli.train.events import StepDone
from rnnlm_cli.train.poll import Stopped
from rnnlm_cli.train.start import Start, begin


@pytest.fixture
def folder(tmp_path):
    """Words of one to five letters: 300 to train on, 40 others to validate on."""
    every = ["".join(letters) for n in range(1, 6) for letters in product("abc", repeat=n)]
    words = np.random.default_rng(0).permutation(every)[:340].tolist()
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
            "batch_size": 15,
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


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("copy", ["task.attention=dot", "training.epochs=25"]),
        ("reverse", ["task.peeky=true", "training.epochs=15"]),
    ],
)
def test_copy_and_reverse_are_learned_exactly(folder, name, options):
    config = config_of(folder, name, *options)
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


def stopped_after(steps, session):
    """Run a training for some steps, then stop it; return whether it was stopped."""
    done = []

    def poll():
        if len(done) == steps:
            raise Stopped

    try:
        for event in session.events(poll):
            done += [event] * isinstance(event, StepDone)
    except Stopped:
        return True
    return False


def test_a_training_that_is_stopped_goes_on_bit_for_bit(folder):
    more = ["task.attention=dot", "task.peeky=true", "model.dropout.output=0.3"]
    whole = config_of(folder, "copy", *more, "training.epochs=2")
    for _ in begin(whole).events():
        pass
    path = str(folder / "parts.pkl")
    parts = config_of(folder, "copy", *more, "training.epochs=2", f"checkpoint.path={path}")

    for steps in (7, 20):
        assert stopped_after(steps, begin(parts, Start.RESUME))
    for _ in begin(parts, Start.RESUME).events():
        pass
    found, expected = (
        checkpoint.load_any(one.checkpoint.path).model.network.params for one in (parts, whole)
    )
    for name, param in expected.items():
        np.testing.assert_array_equal(found[name].value, param.value, err_msg=name)


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


def test_two_processes_that_divide_a_block_have_its_gradient_together(folder):
    config = config_of(folder, "copy", "task.attention=dot", "training.precision=float64")
    texts = read_pair_texts(config)
    rng = np.random.default_rng(0)
    network = random_network(config, len(texts.vocabulary), 0, rng, np.float64)
    blocks = pair_blocks(texts.valid, 7)

    def gradients(block, mean_over):
        network.zero_grad()
        tape = network.begin(block.steps, block.streams)
        h, _ = tape.forward(block.inputs, network.initial_state(block.streams))
        loss = network.output.loss_and_gradients(h, block.targets, None, mean_over)
        tape.backward(loss.dh, network.initial_state(block.streams))
        tape.finish()
        return {name: param.grad.copy() for name, param in network.params.items()}

    whole = gradients(blocks[3], None)
    shares = [ShareOfBlocks(blocks, rank, 2)[3] for rank in (0, 1)]
    found = [gradients(share, share.whole.counted) for share in shares]
    for name, expected in whole.items():
        np.testing.assert_allclose(found[0][name] + found[1][name], expected, 1e-9, 1e-12)
