"""Trainings on a CUDA device, or on what stands in for one, against those on the CPU."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import rnnlm_cli
from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run
from rnnlm_cli.config import load_config
from rnnlm_cli.errors import DeviceMemoryError, UsageError
from rnnlm_cli.learned.embedding import neighbors
from rnnlm_cli.nn import device as device_module
from rnnlm_cli.nn.cuda import graph, products
from rnnlm_cli.nn.engines.choose import FASTEST, choose_engine
from rnnlm_cli.train.events import Ended, StepDone
from rnnlm_cli.train.loop import Trainer
from rnnlm_cli.train.start import Start, begin

CONFIG = """
corpus: {train: train.txt, valid: 0.2}
model: {embedding_size: 6, hidden_size: 6, layers: 2}
training:
  {epochs: 1, batch_size: 4, bptt: 10, report_every: 5, threads: 1, precision: float64,
   optimizer: {kind: sgd, learning_rate: 1.0}}
checkpoint: {path: out/m.pkl}
"""
CASES = {
    "all dropouts of an LSTM": """
        model.dropout={input: 0.2, hidden: 0.3, output: 0.2, embedding: 0.1, weight: 0.2}
        model.activation_penalty=2
        model.slowness_penalty=1
        training.sample.length=5""",
    "a tied GRU with one mask per block": """
        model.cell=gru
        model.tie_weights=true
        model.hidden_size=8
        model.dropout={input: 0.2, hidden: 0.3, variational: true}
        model.output_layer={kind: full, label_smoothing: 0.1}
        training.optimizer={kind: adam}
        training.averaging={kind: ema}
        training.bptt_variable=true""",
    "a residual RNN in both directions": """
        model.cell=rnn
        model.residual=true
        model.direction=bidirectional
        model.dropout.hidden=0.3
        model.activation_penalty=2
        model.slowness_penalty=1
        training.optimizer={kind: momentum, learning_rate: 0.1, weight_decay: 0.01}""",
    "an adaptive softmax": """
        model.output_layer={kind: adaptive, cutoffs: [10, 25]}
        training.on_nan=rollback
        training.optimizer={kind: adamw}
        training.averaging={kind: tail}""",
    "a sampled softmax, line by line": """
        model.output_layer={kind: sampled, samples: 20}
        training.lines=independent
        training.epochs=2
        training.optimizer={kind: ntasgd, learning_rate: 1, epochs_without_gain: 1}""",
    "past decode": """
        model.tie_weights=true
        model.freeze=[layer1]
        training.past_decode=0.01
        training.validate_every=3""",
}
ON_DEVICE, AUTO = "training.device=cuda", "training.device=auto"


@pytest.fixture(autouse=True)
def text(tmp_path, monkeypatch):
    """A directory with a training text of 40 words and the config."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    drawn = [rng.geometric(0.1, n).clip(max=40) for n in rng.integers(3, 12, 30)]
    lines = [" ".join(f"w{k}" for k in line) for line in drawn]
    Path("train.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    Path("c.yaml").write_text(CONFIG, encoding="utf-8")


def prepared(*overrides, start=Start.OVERWRITE):
    return begin(load_config("c.yaml", overrides), start)


def trained(*overrides, start=Start.OVERWRITE):
    """The last event of a training, and its weights by name."""
    *_, ended = prepared(*overrides, start=start).events()
    assert isinstance(ended, Ended)
    return ended, checkpoint.load("out/m.last.pkl").model.network.weights()


def stopped_after(steps, *overrides):
    """Train some steps, save the state, and leave."""
    session = prepared(*overrides, "checkpoint.every_seconds=1e-9")
    for event in session.events():
        if isinstance(event, StepDone) and event.step == steps:
            break


def assert_same(found, expected, **tolerance):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert type(found[name]) is np.ndarray
        np.testing.assert_allclose(found[name], value, **tolerance, err_msg=name)


@pytest.mark.parametrize("case", CASES)
def test_a_training_on_a_device_is_that_on_the_cpu(device, case):
    overrides = [line.strip() for line in CASES[case].strip().splitlines()]
    expected, weights = trained(*overrides, "training.engine=plain")
    ended, found = trained(*overrides, ON_DEVICE)
    assert ended.valid == pytest.approx(expected.valid, rel=1e-9)
    assert_same(found, weights, rtol=1e-7, atol=1e-9)
    state = checkpoint.load("out/m.last.pkl").training_state
    assert (state.engine, state.level) == ("cuda", device_module.card().name)


@pytest.mark.parametrize("kind", ["adam", "momentum"])
def test_a_resumed_training_has_the_same_bits(device, kind):
    how = [ON_DEVICE, "training.precision=float32", "model.dropout={hidden: 0.3, weight: 0.2}"]
    how.append(f"training.optimizer={{kind: {kind}, learning_rate: 0.01}}")
    _, expected = trained(*how)
    stopped_after(2, *how)
    _, found = trained(*how, start=Start.RESUME)
    assert_same(found, expected, rtol=0, atol=0)


def test_a_training_goes_on_elsewhere_and_says_so(device):
    how = ["model.dropout.hidden=0.3", "training.optimizer={kind: adam}"]
    _, expected = trained(*how, "training.engine=plain")
    stopped_after(2, *how, ON_DEVICE)
    resumed = prepared(*how, "training.engine=plain", start=Start.RESUME)
    assert [note for note in resumed.notes if "training.engine was cuda and is plain" in note]
    _, found = trained(*how, "training.engine=plain", start=Start.RESUME)
    assert_same(found, expected, rtol=1e-7, atol=1e-9)
    stopped_after(2, *how, "training.engine=plain")
    _, found = trained(*how, ON_DEVICE, start=Start.RESUME)
    assert_same(found, expected, rtol=1e-7, atol=1e-9)


def test_a_graph_that_cannot_be_captured_is_told_once(device, monkeypatch, capsys):
    class NoCapture(device.cuda.Stream):
        def end_capture(self):
            super().end_capture()
            raise RuntimeError("not here\nnor there")

    how = [ON_DEVICE, "training.max_steps=5"]
    _, expected = trained(*how)
    monkeypatch.setattr(device.cuda, "Stream", NoCapture)
    _, found = trained(*how)
    assert_same(found, expected, rtol=0, atol=0)
    said = "a CUDA graph could not be captured (RuntimeError: not here nor there); the steps of"
    lines = Path("out/m.jsonl").read_text(encoding="utf-8").splitlines()
    (line,) = [one for one in map(json.loads, lines) if one["event"] == "warning"]
    assert line["message"].startswith(said)
    assert run(["train", "--config", "c.yaml", "--overwrite", "--set", ON_DEVICE]) == 0
    assert capsys.readouterr().err.count(f"warning: {said}") == 1
    monkeypatch.setattr(graph.Graphs, "failure", "")


def test_a_step_waits_once(device, standin):
    if not hasattr(device, "chosen"):
        pytest.skip("a real device does not count who waits for it")
    session = prepared(ON_DEVICE, "model.dropout.hidden=0.3")
    trainer = session.trainer
    for number in range(3):
        before = standin.Array.waits
        trainer._step(trainer.blocks[number])
        assert standin.Array.waits == before + 1


def test_a_dry_run_takes_no_memory_of_a_device(device):
    session = begin(load_config("c.yaml", [ON_DEVICE]), Start.OVERWRITE, dry=True)
    weight = session.model.params["layer0.weight_hh"].value
    assert not any(weight.strides)


@pytest.mark.parametrize(
    ("precision", "computed"), [("tf32", {68, 77}), ("bfloat16", {68, 75}), ("float32", {68})]
)
def test_factors_are_rounded_while_it_is_trained(device, precision, computed):
    if not hasattr(device, "chosen"):
        pytest.skip("a real device does not show how it multiplies")
    session = prepared(ON_DEVICE, f"training.precision={precision}", "training.max_steps=3")
    *_, ended = session.events()
    assert isinstance(ended, Ended)
    assert session.model.dtype == np.float32
    assert products.products()._library.computed == computed  # what was saved is scored exactly
    assert device_module.factors() == "float32"
    assert list(device.chosen.values()) == [1]


def test_models_are_scored_and_write_as_on_the_cpu(device, capsys):
    trained("training.max_steps=3")
    asked = [
        "eval perplexity --json --split valid",
        "eval perplexity --json --split valid --cache 20,0.3,0.1",
        "eval perplexity --json --split valid --dynamic 0.1,0.01",
        "eval perplexity --json --split valid --dynamic 0.01,0.01 --rms",
        "eval perplexity --json --split valid --dynamic 0.01,0.01 --rms --rms-file WHERE.rms",
        "eval perplexity --json --split valid --dynamic 0.01,0.01 --rms --rms-file cpu.rms",
        "eval sentences --corpus train.txt --json",
        "eval words --corpus train.txt --json --mix out/m.pkl",
        "generate --start w1 --length 10 --seed 1 --samples 3 --json",
        "generate --start w1 --length 5 --beam 3 --json",
    ]
    for command in asked:
        said = []
        for where in ("cpu", "cuda"):
            options = ["--checkpoint", "out/m.pkl", "--device", where]
            assert run([*command.replace("WHERE", where).split(), *options]) == 0
            said.append(figures(capsys.readouterr().out))
        assert said[0] == pytest.approx(said[1], rel=1e-6), command
    assert choose_engine() == FASTEST  # the next command asks for itself


def test_a_model_on_a_device_shows_what_one_on_the_cpu_shows(device):
    trained("training.max_steps=3")
    here, there = (rnnlm_cli.load("out/m.pkl", device=where) for where in ("cpu", "cuda"))
    flows = [model.gradient_flow("w1 w2 w3 w4 w5", steps=3) for model in (here, there)]
    for own, same in zip(flows[1].layers, flows[0].layers, strict=True):
        assert own.norms == pytest.approx(same.norms, rel=1e-5)
    near = [neighbors(model.model, "w1", 3) for model in (here, there)]
    assert [one.token for one in near[0]] == [one.token for one in near[1]]


def test_other_tasks_run_on_the_cpu_only(device, monkeypatch, capsys):
    Path("train.txt").write_text("a\tw1 w2\nb\tw3 w4\n" * 9, encoding="utf-8")
    how = ["train", "--config", "c.yaml", "--set", "task={kind: description}"]
    assert run([*how, "--set", ON_DEVICE]) == 2
    said = "training.device is cuda, but a model with task.kind: description runs on the CPU only"
    assert said in capsys.readouterr().err
    assert run(how) == 0
    capsys.readouterr()
    given = ["generate", "--checkpoint", "out/m.pkl", "--given", "a", "--length", "3"]
    assert run([*given, "--device", "cuda"]) == 2
    line = capsys.readouterr().err.strip()
    assert line.endswith(
        "a model with task.kind: description runs on the CPU only; choose the device auto or cpu"
    )
    assert run([*given, "--device", "auto"]) == 0
    capsys.readouterr()
    monkeypatch.setenv("RNNLM_ENGINE", "cuda")
    assert run([*how, "--overwrite"]) == 2
    assert capsys.readouterr().err.strip().endswith("on the CPU only; unset RNNLM_ENGINE")


def figures(text):
    """All numbers in a text but the one after "seconds"."""
    text = re.sub(r'"seconds": [^,}]*', "", text)
    return [float(one) for one in re.findall(r"-?\b\d+(?:\.\d+)?", text)]


NONE = "no CUDA device; CuPy is not installed: pip install 'rnnlm-cli[cuda12]' or"


@pytest.mark.usefixtures("no_device")
class TestWithoutDevice:
    """One line where it is asked for, and nothing changes elsewhere."""

    def test_a_training_is_refused(self, capsys):
        assert run(["train", "--config", "c.yaml", "--set", ON_DEVICE]) == 2
        line = capsys.readouterr().err.strip()
        assert line.startswith(f"Error: training.device: {NONE}")
        assert line.endswith("choose the device cpu or auto")
        assert "\n" not in line

    @pytest.mark.parametrize("command", ["eval perplexity", "generate", "serve"])
    def test_a_command_is_refused_before_it_reads_a_model(self, capsys, command):
        assert run([*command.split(), "--device", "cuda"]) == 2
        line = capsys.readouterr().err.strip()
        assert line.startswith(f"Error: --device: {NONE}")
        assert line.endswith("; choose cpu or auto")

    def test_python_is_told_alike(self):
        with pytest.raises(UsageError, match=r"device: no CUDA device; CuPy is not installed"):
            rnnlm_cli.load("c.yaml", device="cuda")
        with pytest.raises(UsageError, match="device: is 'gpu'; choose cpu, cuda, auto"):
            rnnlm_cli.load("c.yaml", device="gpu")

    def test_auto_is_the_cpu(self):
        session = prepared(AUTO)
        assert session.model.engine.name == FASTEST
        (note,) = session.notes
        said = "training.device auto: the CPU, because there is no CUDA device (CuPy is not "
        assert note.startswith(said)
        assert choose_engine(device="auto") == FASTEST

    def test_the_environment_cannot_ask_for_it_either(self, monkeypatch):
        monkeypatch.setenv("RNNLM_ENGINE", "cuda")
        with pytest.raises(ValueError, match="RNNLM_ENGINE: no CUDA device; CuPy"):
            choose_engine()


def test_a_device_takes_its_engine(device):
    assert prepared(ON_DEVICE).model.engine.name == "cuda"
    assert prepared(ON_DEVICE, "training.engine=cuda").model.engine.name == "cuda"
    session = prepared(AUTO)
    assert session.model.engine.name == "cuda"
    card = device_module.card().name
    assert session.notes == [f"training.device auto: the CUDA device {card}"]
    session = prepared(AUTO, "training.engine=blocked")
    assert session.model.engine.name == "blocked"
    assert session.notes == ["training.device auto: the CPU, because the engine is blocked"]


@pytest.mark.parametrize(
    ("override", "name"),
    [
        ("model.direct={order: 3, size: 999}", "model.direct.order"),
        ("task={kind: description}", "task.kind: description"),
    ],
)
def test_auto_is_the_cpu_for_a_model_that_no_device_runs(device, override, name):
    Path("train.txt").write_text("a\tw1 w2\nb\tw3 w4\n" * 9, encoding="utf-8")
    said = f"training.device auto: the CPU, because a model with {name} runs there only"
    session = prepared(AUTO, override, "training.max_steps=2")
    assert session.model.engine.name == FASTEST
    assert session.notes == [said]
    list(session.events())
    resumed = prepared(AUTO, override, "training.max_steps=3", start=Start.RESUME)
    assert (resumed.model.engine.name, resumed.notes) == (FASTEST, [said])
    own = "training.init_from=out/m.pkl", "checkpoint.path=out/tuned.pkl"
    tuned = prepared(AUTO, override, *own)
    assert (tuned.model.engine.name, tuned.notes) == (FASTEST, [said])


def test_the_device_of_a_training_is_decided_once(device, monkeypatch):
    monkeypatch.setenv("RNNLM_ENGINE", "auto")
    assert prepared(ON_DEVICE, "training.engine=cuda").model.engine.name == "cuda"


def test_a_training_leaves_the_device_if_it_is_asked_to(device):
    stopped_after(2, ON_DEVICE)
    assert prepared(AUTO, start=Start.RESUME).model.engine.name == "cuda"
    assert prepared("training.device=cpu", start=Start.RESUME).model.engine.name == FASTEST
    stopped_after(2)
    stays = prepared(AUTO, start=Start.RESUME)
    assert stays.model.engine.name == FASTEST
    assert any("it was trained there before; training.device: cuda" in note for note in stays.notes)


def test_a_full_device_is_one_line_with_its_sizes(device):
    with pytest.raises(DeviceMemoryError) as error, device_module.explained():
        raise device.cuda.memory.OutOfMemoryError(10**12, 0)
    line = str(error.value)
    assert line.startswith(f"out of memory on the device ({device_module.card().name}): this")
    assert line.endswith("lower training.batch_size, training.bptt or model.hidden_size")


def test_a_full_host_is_not_a_full_device(device, monkeypatch, capsys):
    def fill_the_host(*arguments):
        np.empty(2**50)

    with pytest.raises(MemoryError) as error, device_module.explained():
        fill_the_host()
    assert not isinstance(error.value, DeviceMemoryError)
    monkeypatch.setattr(Trainer, "_rate", fill_the_host)
    assert run(["train", "--config", "c.yaml", "--set", ON_DEVICE]) == 1
    line = capsys.readouterr().err.splitlines()[-1]
    assert line == "Error: out of memory; choose a smaller model, batch or text"
