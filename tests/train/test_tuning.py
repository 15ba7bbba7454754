"""Fine-tuning: what is taken from the model, new words, frozen parts."""

from pathlib import Path

import numpy as np
import pytest

import rnnlm_cli
from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run
from rnnlm_cli.config import load_config
from rnnlm_cli.errors import ConfigError, UsageError
from rnnlm_cli.report.run import run_table, run_values
from rnnlm_cli.train.checks import training_notes
from rnnlm_cli.train.memory import estimate
from rnnlm_cli.train.start import Start, begin
from rnnlm_cli.train.tuning import model_to_continue

LINES = 20
CONFIG = """
corpus: {train: train.txt, lowercase: true, end_of_line: "</s>"}
model: {cell: gru, embedding_size: 6, hidden_size: 8, tie_weights: true, dropout: {output: 0.2}}
training: {epochs: 1, batch_size: 2, bptt: 10, precision: float64}
checkpoint: {path: m.pkl}
"""

TUNE = """
corpus: {train: new.txt}
training: {epochs: 2, batch_size: 2, bptt: 5, precision: float64, init_from: m.pkl}
checkpoint: {path: t.pkl}
"""
EXTEND = "corpus.extend_vocabulary=true"
NEW = "a b xerxes c\nxerxes yes a d e f\nxerxes zeno a b c d e f a b\n"


def prepared(*overrides, path="tune.yaml", start=Start.NEW):
    model_of = model_to_continue(start is Start.RESUME)
    return begin(load_config(path, overrides, model_of=model_of), start)


@pytest.fixture
def source(folder):
    """A trained model; to be tuned on a text with five new words of three types."""
    list(prepared(path="c.yaml").events())
    Path("tune.yaml").write_text(TUNE, encoding="utf-8")
    Path("new.txt").write_text(NEW, encoding="utf-8")
    return checkpoint.load("m.pkl").model


def with_unknown(ids, size, unknown):
    return np.where(ids < size, ids, unknown)


def test_what_is_not_written_is_as_in_the_model(source):
    config = prepared().config
    assert config.model == source.config.model
    assert (config.corpus.lowercase, config.corpus.end_of_line) == (True, "</s>")
    assert config.training.bptt == 5
    assert load_config("tune.yaml").model.cell == "lstm"  # for a reader of the file alone
    written = prepared("model.dropout.output=0.5", "model.initialization={kind: uniform}").config
    assert written.model.dropout.output == 0.5
    assert written.model.initialization.scale == 0.05
    assert written.model.cell == "gru"


def test_what_is_written_and_differs_is_refused_with_every_difference(source):
    with pytest.raises(UsageError) as refused:
        prepared("model.hidden_size=9", "model.layers=2", "corpus.unit=char")
    for said in ("hidden_size was 8 and is 9", "layers was 1 and is 2", "unit was word and is"):
        assert said in str(refused.value)
    with pytest.raises(ConfigError, match="model: 3 is not allowed"):
        prepared("model=3")
    with pytest.raises(UsageError, match=r"gone\.pkl"):
        prepared("training.init_from=gone.pkl")


def test_the_output_layer_of_another_kind_keeps_its_own_defaults(source):
    """The source's has a key that this kind lacks."""
    list(
        prepared(
            "model.output_layer={kind: sampled, samples: 7}", path="c.yaml", start=Start.OVERWRITE
        ).events()
    )
    assert prepared().config.model.output_layer.samples == 7
    full = prepared("model.output_layer.kind=full").config
    assert full.model.output_layer.__struct_config__.tag == "full"


def test_frozen_parts_and_vectors_belong_to_one_training(source):
    list(prepared("model.freeze=[layer1]", path="c.yaml", start=Start.OVERWRITE).events())
    assert checkpoint.load("m.pkl").model.config.model.freeze == ("layer1",)
    assert prepared().config.model.freeze == ()


def test_new_words_are_told_with_their_types(source):
    session = prepared()
    assert session.texts.train.oov_types == 3
    (note,) = training_notes(session.config, session.texts)
    assert note == (
        "warning: 5 of 22 tokens (3 types) are not in the vocabulary of m.pkl and are read as "
        "<unk>; corpus.extend_vocabulary: true adds them"
    )
    session = prepared(EXTEND, "corpus.min_count=2")
    (note,) = training_notes(session.config, session.texts)
    assert note.startswith("2 of 22 tokens (2 types) are not in")
    assert note.endswith("lower corpus.min_count or raise corpus.max_vocabulary to add them")
    assert session.notes[0] == (
        "1 new type (3 of 23 tokens of the training text) added to the vocabulary of m.pkl, now 9"
    )


def test_commands_print_the_notes_and_know_what_was_not_written(source, capsys):
    extend = ["--set", EXTEND, "--set", "model.freeze=[layer1]"]
    assert run(["train", "--config", "tune.yaml", *extend]) == 0
    said = capsys.readouterr().err
    assert "3 new types (5 of 23 tokens of the training text) added to the vocab" in said
    assert "parameters (368 of them frozen), " in said  # 6 x 24 + 8 x 24 + 24 + 8 of a GRU
    assert run(["eval", "perplexity", "--config", "tune.yaml"]) == 0
    assert "another model" not in capsys.readouterr().err
    assert run(["train", "--config", "tune.yaml", *extend, "--resume"]) == 0
    assert "training is finished after 2 epochs; nothing changed" in capsys.readouterr().err


def test_python_takes_the_rest_from_the_model_too(source):
    keys = {
        "corpus": {"train": "new.txt", "extend_vocabulary": True},
        "training": {"init_from": "m.pkl", "epochs": 1, "batch_size": 2, "precision": "float64"},
        "checkpoint": {"path": "t.pkl"},
    }
    rnnlm_cli.train(keys)
    assert checkpoint.load("t.pkl").model.config.model == source.config.model


@pytest.mark.parametrize(
    ("limits", "added"),
    [
        ([], ["xerxes", "yes", "zeno"]),
        (["corpus.min_count=2"], ["xerxes"]),
        (["corpus.max_vocabulary=10"], ["xerxes", "yes"]),
        (["corpus.max_vocabulary=8"], []),
    ],
)
def test_new_types_get_the_last_ids_within_the_limits(source, limits, added):
    session = prepared(EXTEND, *limits)
    known = len(source.vocabulary)
    assert known == 8
    assert session.texts.vocabulary.tokens == [*source.vocabulary.tokens, *added]
    assert session.texts.vocabulary.counts[known:].tolist() == [3, 1, 1][: len(added)]
    assert len(session.model.embedding.weight.value) == known + len(added)


@pytest.mark.parametrize("tied", [True, False])
def test_before_training_new_words_take_their_share_from_the_unknown_token_alone(source, tied):
    """After every context, of new words too: they are read as the unknown token was."""
    if not tied:
        list(prepared("model.tie_weights=false", path="c.yaml", start=Start.OVERWRITE).events())
        source = checkpoint.load("m.pkl").model
    session = prepared(EXTEND)
    old, unknown = len(source.vocabulary), source.vocabulary.unknown_id
    ids = np.random.default_rng(0).integers(0, old + 3, (30, 4))
    h, _ = session.model.read(ids, session.model.initial_state(4))
    as_before = with_unknown(ids, old, unknown)
    h_before, _ = source.network.read(as_before, source.network.initial_state(4))
    after, before = session.model.output.log_probs(h), source.network.output.log_probs(h_before)
    others = np.delete(np.arange(old), unknown)
    np.testing.assert_allclose(after[..., others], before[..., others], rtol=1e-12)
    parts = np.exp(after[..., [unknown, old, old + 1, old + 2]] - before[..., [unknown]])
    shares = np.array([1, 3, 1, 1]) / 6  # by count; the unknown token counts as once more
    np.testing.assert_allclose(parts, np.broadcast_to(shares, parts.shape), rtol=1e-10)


def test_an_unknown_token_never_seen_in_training_is_told(source):
    assert "<unk> never occurred in the training of m.pkl" in prepared(EXTEND).notes[1]
    Path("train.txt").write_text("a b c d e f <unk>\n" * 9, encoding="utf-8")
    list(prepared(path="c.yaml", start=Start.OVERWRITE).events())
    assert len(prepared(EXTEND).notes) == 1


def test_a_text_without_new_words_adds_nothing(source):
    Path("new.txt").write_text("a b c d e f\n" * 4, encoding="utf-8")
    session = prepared(EXTEND)
    assert session.notes == ["the training text adds no type to the vocabulary of m.pkl"]
    assert session.texts.vocabulary.tokens == source.vocabulary.tokens


def test_an_adaptive_layer_with_a_frequent_unknown_token_is_refused(source):
    Path("train.txt").write_text("a b c d e f <unk> <unk>\n" * 9, encoding="utf-8")
    adaptive = ["model.tie_weights=false", "model.output_layer={kind: adaptive, cutoffs: [4]}"]
    list(prepared(*adaptive, path="c.yaml", start=Start.OVERWRITE).events())
    with pytest.raises(UsageError, match=r"m\.pkl: corpus\.extend_vocabulary: new tokens belong"):
        prepared(EXTEND)


@pytest.mark.bitwise
@pytest.mark.parametrize("more", [[], ["model.freeze=[output]", "training.optimizer={kind: adam}"]])
def test_resumed_without_the_first_model_it_ends_bit_identical(source, more, stop_after):
    list(prepared(EXTEND, *more).events())
    whole = Path("t.pkl").read_bytes()
    session = prepared(EXTEND, *more, start=Start.OVERWRITE)
    stop_after(session, 3)
    Path("m.pkl").unlink()
    session = prepared(EXTEND, *more, start=Start.RESUME)
    assert session.is_resumed
    assert not session.finished
    list(session.events())
    assert Path("t.pkl").read_bytes() == whole
    assert checkpoint.load("t.pkl").model.vocabulary.tokens[-3:] == ["xerxes", "yes", "zeno"]


OPTIMIZERS = [
    "{kind: sgd, learning_rate: 1, weight_decay: 0.01}",
    "{kind: momentum, weight_decay: 0.01}",
    "{kind: adamw}",
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(
    ("parts", "tied", "kept"),
    [
        ("embedding", False, {"embedding.weight"}),
        ("layer1", False, {f"layer0.{n}" for n in ("weight_ih", "weight_hh", "bias", "bias_hn")}),
        ("output", False, {"output.weight", "output.bias"}),
        (
            "embedding",  # one part with the output layer and the projection before it
            True,
            {"embedding.weight", "output.bias", "projection.weight", "projection.bias"},
        ),
    ],
)
def test_a_frozen_part_stays_as_it_is(folder, parts, tied, kept, optimizer):
    overrides = [f"model.tie_weights={str(tied).lower()}", f"training.optimizer={optimizer}"]
    session = prepared(f"model.freeze=[{parts}]", *overrides, path="c.yaml")
    assert session.model.params.keys() - session.model.trained.keys() == kept
    frozen = sum(session.model.params[name].value.size for name in kept)
    assert run_values(session, None)["frozen_parameters"] == frozen
    assert f", {frozen:,} of them frozen" in run_table(session, None)
    before = {name: param.value.copy() for name, param in session.model.params.items()}
    list(session.events())
    changed = {name for name, p in session.model.params.items() if (p.value != before[name]).any()}
    assert changed == session.model.params.keys() - kept
    stored = checkpoint.load("m.last.pkl").training_state.trainer["optimizer"]
    for memory in stored.values():
        if isinstance(memory, dict):
            assert memory.keys() == changed


def test_a_frozen_part_has_no_share_in_the_norm_and_no_memory(folder):
    """The norm of the first step is that of the other parts' gradients."""
    norms, sizes = {}, {}
    for freeze in ("[]", "[layer1]", "[output]"):
        session = prepared(
            f"model.freeze={freeze}",
            "training.report_every=1",
            "model.dropout.output=0",
            path="c.yaml",
            start=Start.OVERWRITE,
        )
        norms[freeze] = next(session.events()).report.gradient_norm
        sizes[freeze] = estimate(session).parameters
    assert norms["[]"] ** 2 == pytest.approx(norms["[layer1]"] ** 2 + norms["[output]"] ** 2)
    assert sizes["[layer1]"] < sizes["[]"]
