"""Trainings on single lines: gradients, dropout and penalties, resume, and their figures."""

from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.data.separate_lines import SeparateLines
from rnnlm_cli.data.texts import read_text
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.lines import score_lines
from rnnlm_cli.evaluate.perplexity import evaluate
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.nn.engines.choose import ENGINES, is_installed
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.reader import read_pieces
from rnnlm_cli.train.events import EpochDone
from rnnlm_cli.train.start import Start, begin

CONFIG = """
corpus: {train: train.txt, valid: 0.1}
model:
  embedding_size: 6
  hidden_size: 6
  layers: 2
  activation_penalty: 0.5
  slowness_penalty: 0.5
  dropout: {output: 0.2, hidden: 0.2, weight: 0.1, embedding: 0.1, variational: true}
training:
  lines: independent
  epochs: 2
  batch_size: 4
  bptt: 5
  report_every: 3
  optimizer: {kind: ntasgd, learning_rate: 1.0, epochs_without_gain: 1}
checkpoint: {path: out/m.pkl}
"""
END, V = 0, 7
IDS = np.array([1, 2, 3, 4, 5, END, 6, END, END, 2, 4, 1, END], np.uint8)
"""Lines of 6, 2, 1 and 4 targets."""

ON_THE_CPU = [name for name in ENGINES if name != "cuda"]


def gradients(model, block):
    """The gradients of a block's mean loss, from the zero state, and its number of targets."""
    model.zero_grad()
    zeros = model.initial_state(block.streams)
    with model.running():
        tape = model.begin(block.steps, block.streams)
        if block.padding is not None:
            tape.leave_out(block.padding)
        h, _ = tape.forward(block.inputs, zeros)
        loss = model.output.loss_and_gradients(h, block.targets)
        tape.backward(loss.dh, zeros)
        tape.finish()
    return {name: param.grad.copy() for name, param in model.params.items()}, loss.counted


@pytest.mark.parametrize(
    "engine", [name for name in ENGINES if name != "cuda" and is_installed(name)]
)
@pytest.mark.parametrize("cell", CELLS)
def test_a_padded_block_has_the_gradient_of_its_lines_one_by_one(cell, engine):
    config = ModelConfig(cell=cell, embedding_size=4, hidden_size=5, layers=2)
    rng = np.random.default_rng(1)
    model = Rnnlm.random(config, V, rng, np.float64, engine)
    text = Corpus("text", IDS, 0, 0, given=0)
    (together,) = SeparateLines(text, END, 4, 9)
    assert together.padding is not None
    found, counted = gradients(model, together)
    assert counted == len(IDS)
    expected = {name: np.zeros_like(value) for name, value in found.items()}
    for alone in SeparateLines(text, END, 1, 9):
        assert alone.padding is None
        own, targets = gradients(model, alone)
        for name, value in own.items():
            expected[name] += value * targets / counted
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-9, atol=1e-13)


@pytest.fixture
def uneven(folder):
    """Lines of 0 to 12 words."""
    rng = np.random.default_rng(0)
    lines = [" ".join(rng.choice(list("abcdef"), n)) for n in rng.integers(0, 13, 60)]
    Path("train.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def prepared(*overrides, **how):
    return begin(load_config("c.yaml", overrides), **how)


@pytest.mark.bitwise
def test_stopped_in_an_epoch_and_resumed_it_ends_bit_identical(uneven, stop_after):
    run = prepared()
    events = list(run.events())
    assert sum(isinstance(event, EpochDone) for event in events) == 2
    assert not all(block.begins for block in run.blocks.in_epoch(1)), "a stop can be in a line"
    whole = Path("out/m.pkl").read_bytes()
    run = prepared(start=Start.OVERWRITE)
    for steps in (1, 4, 9, 1):
        stop_after(run, steps)
        run = prepared(start=Start.RESUME)
    list(run.events())
    assert Path("out/m.pkl").read_bytes() == whole


def test_its_figures_are_those_of_the_lines_by_themselves(uneven):
    """Validation, the end's figure, ``eval perplexity`` and ``eval sentences`` agree."""
    events = list(prepared("training.epochs=1", "corpus.valid=train.txt").events())
    (epoch,) = (event.record for event in events if isinstance(event, EpochDone))
    saved = checkpoint.load("out/m.pkl").model
    lines = list(score_lines(saved, read_pieces("train.txt"), independent=True))
    tokens = sum(len(line.ids) for line in lines)
    nats = -sum(line.log_probs.sum() for line in lines)
    assert epoch.valid == pytest.approx(np.exp(nats / tokens), rel=1e-5)
    assert events[-1].valid == pytest.approx(epoch.valid, rel=1e-5)
    text = read_text(saved.config, "train.txt", saved.codec, saved.vocabulary)
    found = evaluate(saved, text)
    assert found.tokens == tokens == len(text)
    assert found.characters == Path("train.txt").stat().st_size
    assert found.nats == pytest.approx(nats, rel=1e-5)


def test_fine_tuning_on_lines_needs_an_end_of_line_in_the_vocabulary(folder):
    Path("one.txt").write_text("a b c a b c a b c a b c\n", encoding="utf-8")
    once = ["corpus.train=one.txt", "corpus.valid=null", "corpus.min_count=2"]
    sgd = ["training.optimizer={kind: sgd}", "training.batch_size=1"]
    assert "<eos>" in prepared(*once, *sgd).texts.vocabulary, "always, for a training on lines"
    list(prepared(*once, *sgd, "training.lines=stream").events())
    with pytest.raises(UsageError, match="the vocabulary has none"):
        prepared("training.init_from=out/m.pkl", "checkpoint.path=tuned.pkl")
