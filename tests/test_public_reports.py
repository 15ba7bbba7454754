"""Faults reported for other tools, tried here; docs/reports-tried.md names the reports."""

import dataclasses
import gc
import json
import math
import os
import random
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

import rnnlm_cli
from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run
from rnnlm_cli.config.model import DropoutConfig, ModelConfig
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.data.streams import Blocks
from rnnlm_cli.data.texts import read_text
from rnnlm_cli.evaluate.perplexity import evaluate
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.nn.engines.choose import ENGINES, FASTEST
from rnnlm_cli.nn.layers.dropout import Dropout
from rnnlm_cli.nn.layers.recurrent import Recurrent
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.train.events import EpochDone
from rnnlm_cli.train.loop import Trainer

CONFIG = """
corpus: {train: train.txt, valid: valid.txt}
model: {embedding_size: 16, hidden_size: 16}
training: {epochs: 2, batch_size: 7, bptt: 11, optimizer: {kind: adam, learning_rate: 0.01}}
checkpoint: {path: m.pkl}
"""


def text(lines, seed):
    """Lines of 1 to 15 words, in which each word tells much about the next."""
    rng = random.Random(seed)
    found = []
    for _ in range(lines):
        k, words = rng.randrange(40), []
        for _ in range(rng.randint(1, 15)):
            words.append(f"w{k}")
            k = (k * 3 + rng.choice([1, 1, 1, 7])) % 40
        found.append(" ".join(words) + "\n")
    return "".join(found)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A directory with texts, a config and the model of that config."""
    directory = tmp_path_factory.mktemp("reports")
    (directory / "train.txt").write_text(text(200, 1), encoding="utf-8")
    (directory / "valid.txt").write_text(text(51, 2), encoding="utf-8")
    (directory / "c.yaml").write_text(CONFIG, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(directory)
        train()
    return directory


@pytest.fixture
def folder(trained, tmp_path, monkeypatch):
    """A copy of it as the working directory."""
    for path in trained.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def train(*overrides, to="m.pkl", how=()):
    sets = [
        part for override in (f"checkpoint.path={to}", *overrides) for part in ("--set", override)
    ]
    assert run(["train", "--config", "c.yaml", *sets, *how]) == 0


def epochs_of(log):
    lines = [json.loads(line) for line in Path(log).read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line["event"] == "epoch"]


def weights(path):
    return {name: p.value for name, p in checkpoint.load(path).model.network.params.items()}


def assert_same_weights(one, other):
    first, second = weights(one), weights(other)
    assert first.keys() == second.keys()
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name], err_msg=name)


def measured(capsys, path, *args):
    capsys.readouterr()
    assert run(["eval", "perplexity", "--checkpoint", path, "--json", *args]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_training_figure_is_a_mean_over_tokens_not_over_blocks(folder, capsys):
    """The last block is shorter, and the streams differ by one: each token still counts once."""
    still = ("training.optimizer.learning_rate=1e-30", "training.init_from=m.pkl")
    train(*still, "training.epochs=1", to="still.pkl")
    found = epochs_of("still.jsonl")[0]["train_perplexity"]
    exact = measured(capsys, "m.pkl", "--split", "train", "--streams", "7")
    assert found == pytest.approx(exact["perplexity"], rel=1e-5)

    saved = checkpoint.load("m.pkl").model
    corpus = read_text(saved.config, "train.txt", saved.codec, saved.vocabulary)
    state, means = saved.network.initial_state(7), []
    for block in Blocks(corpus, 7, 11):
        h, state = saved.network.read(block.inputs, state)
        loss = saved.network.output.loss_and_gradients(h, block.targets)
        means.append(loss.nats / loss.counted)
    assert math.exp(np.mean(means)) != pytest.approx(found, rel=1e-4)


@pytest.mark.parametrize("valid", ["null", "train.txt"])
def test_validation_leaves_training_as_it_was(folder, valid):
    """Neither the hidden state nor the random generator is touched by it."""
    dropout = "model.dropout.output=0.3"
    train(dropout, to="with.pkl")
    train(dropout, f"corpus.valid={valid}", to="without.pkl")
    assert len(epochs_of("with.jsonl")) == 2
    assert_same_weights("with.last.pkl", "without.last.pkl")


def test_saving_leaves_training_as_it_was(folder):
    train("checkpoint.every_seconds=1e-6", to="often.pkl")
    assert_same_weights("m.pkl", "often.pkl")


def test_rate_best_figure_and_patience_survive_a_resume(folder):
    """Validation worsens from the first epoch on; stopped and resumed in between, all is alike."""
    worse = (
        "training.schedule={kind: plateau, divide_by: 1.1}",
        "corpus.valid=other.txt",
        "training.optimizer.learning_rate=0.05",
        "training.patience=3",
    )
    Path("other.txt").write_text(" ".join(reversed(text(30, 3).split())) + "\n", encoding="utf-8")
    train(*worse, "training.epochs=9", to="whole.pkl")
    for epochs, how in ((2, []), (3, ["--resume"]), (9, ["--resume"])):
        train(*worse, f"training.epochs={epochs}", to="parts.pkl", how=how)
    whole, parts = epochs_of("whole.jsonl"), epochs_of("parts.jsonl")
    assert len(whole) == 4  # one that was the best, three of patience
    for key in ("epoch", "learning_rate", "valid_perplexity", "train_perplexity", "best"):
        assert [line[key] for line in parts] == [line[key] for line in whole]
    assert whole[-1]["learning_rate"] < whole[0]["learning_rate"]
    assert [line["best"] for line in whole] == [True, False, False, False]
    assert_same_weights("whole.pkl", "parts.pkl")
    assert_same_weights("whole.last.pkl", "parts.last.pkl")


def test_a_vocabulary_does_not_depend_on_the_order_of_a_set(folder):
    """Python orders a set of strings differently in each process."""
    found = []
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "rnnlm_cli", "train", "--config", "c.yaml", "--overwrite"]
        surroundings = os.environ | {"PYTHONHASHSEED": seed}
        subprocess.run(command, env=surroundings, capture_output=True, check=True)
        found.append(Path("m.pkl").read_bytes())
    assert found[0] == found[1]


def test_nothing_is_dropped_when_a_text_is_scored(folder, capsys):
    rates = "{embedding: 0.3, input: 0.3, hidden: 0.3, output: 0.3, weight: 0.5, variational: true}"
    train(f"model.dropout={rates}", "model.layers=2", to="d.pkl")
    saved = checkpoint.load("d.pkl").model
    plain = structs.replace(saved.config.model, dropout=DropoutConfig())
    network = Rnnlm.random(plain, len(saved.vocabulary), np.random.default_rng(9))
    for name, param in network.params.items():
        param.value[...] = saved.network.params[name].value
    corpus = read_text(saved.config, "valid.txt", saved.codec, saved.vocabulary)
    expected = evaluate(dataclasses.replace(saved, network=network), corpus).perplexity
    for _ in range(2):
        found = measured(capsys, "d.pkl", "--split", "valid")["perplexity"]
        assert found == pytest.approx(expected, rel=1e-6)  # one of them reads by token


def test_a_variational_mask_is_one_for_all_steps_and_another_for_each_stream():
    ones = np.ones((6, 4, 50), np.float32)
    rng = np.random.default_rng(1)
    kept, _ = Dropout(0.5, variational=True).begin(6, 4, rng).forward(ones, ())
    assert (kept == kept[0]).all()
    assert len({kept[0, stream].tobytes() for stream in range(4)}) == 4
    kept, _ = Dropout(0.5).begin(6, 4, rng).forward(ones, ())
    assert len({kept[t, b].tobytes() for t in range(6) for b in range(4)}) == 24


@pytest.mark.parametrize(("rates", "different"), [((0.5, 0.0), 4), ((0.0, 0.5), 1)])
def test_a_recurrent_mask_is_the_streams_own_and_a_weights_mask_is_shared(rates, different):
    def init(shape, _):
        return np.random.default_rng(0).standard_normal(shape)

    lstm = Recurrent(CELLS["lstm"], ENGINES[FASTEST], 3, 20, init, *rates)
    x = np.ones((5, 4, 3))
    y, _ = lstm.begin(5, 4, np.random.default_rng(1)).forward(x, lstm.initial_state(4))
    assert len({np.round(y[-1, stream], 12).tobytes() for stream in range(4)}) == different


OUTPUTS = [
    "output_layer={kind: adaptive, cutoffs: [10, 20]}",
    "output_layer={kind: sampled, samples: 5}",
    "output_layer={kind: sampled, samples: 2000}",
    "direct={order: 3, size: 500}",
]


@pytest.mark.parametrize("output", OUTPUTS)
def test_every_output_layer_scores_and_writes_with_true_probabilities(folder, capsys, output):
    train(f"model.{output}", to="o.pkl")
    lm = rnnlm_cli.load("o.pkl")
    assert sum(p for _, p in lm.next("w1 w4", top=len(lm.tokens))) == pytest.approx(1, rel=1e-5)
    one, state = lm.state().read("w1")
    other, state = state.read("w4")
    assert lm.score("w1 w4", eos=False) == pytest.approx(one + other, abs=1e-5)
    valid = Path("valid.txt").read_text(encoding="utf-8")
    exact = measured(capsys, "o.pkl", "--split", "valid")["perplexity"]
    assert lm.perplexity(valid, independent=False) == pytest.approx(exact, rel=1e-7)
    end = json.loads(Path("o.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert end["valid_perplexity"] == pytest.approx(exact, rel=1e-6)
    for how in (["--beam", "3"], ["--seed", "1"]):
        assert (
            run(["generate", "--checkpoint", "o.pkl", "--start", "w1", "--length", "4", *how]) == 0
        )
    assert run(["eval", "rescore", "valid.txt", "--checkpoint", "o.pkl", "--scores-only"]) == 0


def test_a_beams_probabilities_are_those_of_reading_its_text(folder, capsys):
    capsys.readouterr()
    args = ["--start", "w1 w4", "--length", "5", "--beam", "4", "--json"]
    assert run(["generate", "--checkpoint", "m.pkl", *args]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["tokens"][:2] == ["w1", "w4"]
    assert len(found["logprobs"]) == len(found["tokens"]) - 2
    (folder / "text.txt").write_text(" ".join(found["tokens"]), encoding="utf-8")
    words = ["eval", "words", "--checkpoint", "m.pkl", "--corpus", "text.txt", "--format", "json"]
    assert run(words) == 0
    scores = json.loads(capsys.readouterr().out)["logprobs"]
    assert found["logprobs"] == pytest.approx(scores[2 : len(found["tokens"])], abs=1e-5)


def test_a_low_temperature_is_greedy_and_a_high_one_is_not(folder):
    lm = rnnlm_cli.load("m.pkl")
    greedy = lm.generate("w1", length=12, temperature=0)
    for temperature in (1e-6, 1e-3):
        assert lm.generate("w1", length=12, seed=5, temperature=temperature) == greedy
    texts = {lm.generate("w1", length=12, seed=seed, temperature=5) for seed in range(5)}
    assert len(texts) == 5


def test_line_ends_and_a_missing_last_one_change_no_figure(folder, capsys):
    content = Path("valid.txt").read_bytes()
    expected = measured(capsys, "m.pkl", "--corpus", "valid.txt")
    for name, same in [("bare", content[:-1]), ("crlf", content.replace(b"\n", b"\r\n"))]:
        Path(f"{name}.txt").write_bytes(same)
        found = measured(capsys, "m.pkl", "--corpus", f"{name}.txt")
        for key in ("perplexity", "tokens", "oov", "bits_per_character"):
            assert found[key] == expected[key], (name, key)


def test_a_text_of_one_line_is_a_text(folder, capsys):
    content = Path("train.txt").read_text(encoding="utf-8")
    Path("one.txt").write_text(content.replace("\n", " "), encoding="utf-8")
    train("corpus.train=one.txt", to="one.pkl")
    assert measured(capsys, "one.pkl", "--split", "train")["tokens"] == len(content.split())
    assert math.isfinite(rnnlm_cli.load("one.pkl").score("w1 w4"))


def test_a_character_is_one_token_whatever_its_code_point(folder, capsys):
    line = "Test 😀! 👨\u200d👩\u200d👧 e\u0301 안녕\n"
    Path("emoji.txt").write_text(line * 30, encoding="utf-8")
    train(
        "corpus={train: emoji.txt, unit: char, normalize: null}",
        "training.epochs=1",
        to="emoji.pkl",
    )
    lm = rnnlm_cli.load("emoji.pkl")
    assert set(lm.tokens) == {*line, "<unk>"}
    assert lm.generate("t 😀", length=3).startswith("t 😀")
    assert measured(capsys, "emoji.pkl", "--corpus", "emoji.txt")["tokens"] == 30 * len(line) - 1


def test_a_model_without_a_space_writes(folder):
    Path("names.txt").write_text("AAB\nABB\n" * 30, encoding="utf-8")
    train("corpus={train: names.txt, unit: char}", "training.epochs=1", to="names.pkl")
    lm = rnnlm_cli.load("names.pkl")
    assert " " not in lm.tokens
    assert set(lm.generate("A", length=20).replace("<unk>", "")) <= {"A", "B", "\n"}


def test_memory_does_not_grow_with_epochs():
    model = Rnnlm.random(ModelConfig(embedding_size=8, hidden_size=8), 9, np.random.default_rng(1))
    ids = (np.arange(400) % 9).astype(np.uint8)
    config = TrainingConfig(epochs=9, batch_size=4, bptt=10)
    events = Trainer(model, Blocks(Corpus("text", ids, 0, 0), 4, 10), config).run()
    tracemalloc.start()
    try:
        taken = []
        for event in events:
            if isinstance(event, EpochDone):
                gc.collect()
                taken.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert len(taken) == 9
    # a record per epoch is 4 kB, and what else the process keeps; a block per epoch would be 80 kB
    assert taken[-1] - taken[4] < 40 * 1000
