"""Whole trainings on disk: what is written, resumed, refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.errors import CheckpointError, CorpusError, UsageError
from rnnlm_cli.evaluate.perplexity import evaluate
from rnnlm_cli.train.events import Ended, EpochDone, StepDone
from rnnlm_cli.train.run import Stopped, prepare

CONFIG = """
corpus: {train: train.txt, valid: 0.1}
model: {embedding_size: 8, hidden_size: 8, dropout: {output: 0.2}}
training:
  epochs: 3
  batch_size: 4
  bptt: 10
  optimizer: {kind: adam}
  report_every: 5
checkpoint: {path: out/m.pkl}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    lines = [" ".join(rng.choice(list("abcdef"), 7)) for _ in range(60)]
    Path("train.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    Path("c.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def prepared(*overrides, **how):
    return prepare(load_config("c.yaml", overrides), **how)


def train(*overrides, **how):
    return list(prepared(*overrides, **how).events())


def log_lines():
    return [json.loads(line) for line in Path("out/m.jsonl").read_text().splitlines()]


def without_clock(lines):
    return [
        {k: v for k, v in line.items() if k not in ("seconds", "tokens_per_second")}
        for line in lines
    ]


def test_it_writes_the_best_model_the_last_state_and_the_log(folder):
    events = train()
    assert sorted(p.name for p in Path("out").iterdir()) == ["m.jsonl", "m.last.pkl", "m.pkl"]
    lines = log_lines()
    assert [line["epoch"] for line in lines if line["event"] == "epoch"] == [1, 2, 3]
    assert lines[-1]["event"] == "end"
    step = next(line for line in lines if line["event"] == "step")
    assert {"step", "epoch", "nats_per_token", "gradient_norm", "learning_rate"} <= step.keys()
    assert isinstance(events[-1], Ended)
    saved = checkpoint.load("out/m.pkl")
    assert saved.training_state is None
    assert len(saved.history) == events[-1].best_epoch
    assert checkpoint.load("out/m.last.pkl").training_state["trainer"]["progress"]["epoch"] == 3


def test_the_final_figure_is_the_exact_one_of_the_best_model(folder):
    run = prepared()
    *_, ended = run.events()
    saved = checkpoint.load("out/m.pkl")
    exact = evaluate(saved.model, run.texts.valid, saved.vocabulary, saved.tokenizer)
    assert ended.valid_perplexity == pytest.approx(exact.perplexity, rel=1e-9)


def test_the_same_command_gives_the_same_bytes(folder):
    train()
    first = Path("out/m.pkl").read_bytes()
    train(overwrite=True)
    assert Path("out/m.pkl").read_bytes() == first
    train("training.seed=2", overwrite=True)
    assert Path("out/m.pkl").read_bytes() != first


@pytest.mark.parametrize("stops", [[1], [7, 3, 11], [9, 1, 1, 1, 4]])
def test_stopped_and_resumed_it_ends_bit_identical_with_a_whole_log(folder, stops):
    train()
    whole, whole_log = Path("out/m.pkl").read_bytes(), without_clock(log_lines())
    run = prepared(overwrite=True)
    for steps in stops:
        polls = iter([False] * steps)

        def poll(polls=polls):
            if next(polls, True):
                raise Stopped

        run.poll = poll
        with pytest.raises(Stopped):
            list(run.events())
        run = prepared(resume=True)
        assert run.resumed
    list(run.events())
    assert Path("out/m.pkl").read_bytes() == whole
    assert without_clock(log_lines()) == whole_log


def test_killed_without_a_word_it_goes_on_from_the_last_saved_state(folder):
    train()
    whole, whole_log = Path("out/m.pkl").read_bytes(), without_clock(log_lines())
    run = prepared("checkpoint.every_seconds=1e-9", overwrite=True)
    for event in run.events():
        if isinstance(event, StepDone) and event.epoch == 2 and event.report:
            break
    with Path("out/m.jsonl").open("a") as log:
        log.write('{"event": "step", "half a li')
    train("checkpoint.every_seconds=1e-9", resume=True)
    assert without_clock(log_lines()) == whole_log
    first, second = checkpoint.load("out/m.pkl"), whole
    Path("out/whole.pkl").write_bytes(second)
    for name, param in checkpoint.load("out/whole.pkl").model.params.items():
        np.testing.assert_array_equal(first.model.params[name].value, param.value)


def test_a_finished_run_is_finished_until_it_gets_more_epochs(folder):
    train()
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    assert prepared(resume=True).finished
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == before
    more = prepared("training.epochs=4", resume=True)
    assert not more.finished
    assert [e.epoch for e in more.events() if isinstance(e, EpochDone)] == [4]


def test_an_existing_checkpoint_is_not_touched_unasked(folder):
    train()
    before = Path("out/m.pkl").read_bytes()
    with pytest.raises(UsageError, match=r"m\.pkl: is there already; add --resume"):
        prepared()
    Path("out/m.pkl").rename("out/kept.pkl")
    with pytest.raises(UsageError, match=r"m\.last\.pkl: is there already"):
        prepared()
    assert Path("out/kept.pkl").read_bytes() == before


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("training.bptt=5", "training.bptt was 10 and is 5"),
        ("model.hidden_size=9", "model.hidden_size was 8 and is 9"),
        ("training.optimizer={kind: sgd}", "training.optimizer.kind was adam and is sgd"),
        ("corpus.lowercase=true", "corpus.lowercase was False and is True"),
    ],
)
def test_resuming_with_another_config_is_refused_with_the_difference(folder, override, named):
    train()
    with pytest.raises(UsageError) as caught:
        prepared(override, resume=True)
    assert named in str(caught.value)
    assert caught.value.exit_code == 2


def test_resuming_with_another_text_is_refused(folder):
    train()
    with Path("train.txt").open("a") as text:
        text.write("a b c\n")
    with pytest.raises(UsageError, match=r"another corpus\.train"):
        prepared(resume=True)


def test_a_model_without_a_state_cannot_be_resumed(folder):
    train()
    Path("out/m.last.pkl").write_bytes(Path("out/m.pkl").read_bytes())
    with pytest.raises(CheckpointError, match="no state to go on from"):
        prepared(resume=True)


def test_what_was_on_disk_is_still_there_when_the_input_is_bad(folder):
    train()
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    Path("train.txt").write_text("a b", encoding="utf-8")
    with pytest.raises(CorpusError, match="cannot fill 4 streams"):
        prepared(overwrite=True)
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == before


def test_fine_tuning_starts_from_weights_and_vocabulary_of_another_model(folder):
    train()
    Path("other.txt").write_text("a b new c\n" * 30, encoding="utf-8")
    overrides = ["corpus.train=other.txt", "training.init_from=out/m.pkl", "checkpoint.path=f.pkl"]
    run = prepared(*overrides)
    source = checkpoint.load("out/m.pkl")
    assert run.texts.vocabulary.tokens == source.vocabulary.tokens
    for name, param in source.model.params.items():
        np.testing.assert_array_equal(run.model.params[name].value, param.value)
    with pytest.raises(UsageError, match=r"another shape: model\.hidden_size was 8 and is 16"):
        prepared(*overrides, "model.hidden_size=16")


def test_a_validation_text_shorter_than_the_streams_is_read_in_fewer(folder):
    Path("valid.txt").write_text("a b c\n", encoding="utf-8")
    events = train("corpus.valid=valid.txt")
    assert events[-1].valid_perplexity > 1
    Path("valid.txt").write_text("a", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"valid\.txt: 1 token cannot"):
        prepared("corpus.valid=valid.txt", "corpus.end_of_line=null", overwrite=True)
