import json
import math
import os
import shlex
import signal
import subprocess
import sys
import time
import tracemalloc
from itertools import count
from pathlib import Path

import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run
from rnnlm_cli.commands.shared.stopping import signals
from rnnlm_cli.nn.outputs.softmax import SoftmaxOutput
from rnnlm_cli.train.poll import Stopped

LONG = """
corpus: {train: long.txt, valid: 0.1}
model: {embedding_size: 16, hidden_size: 16}
training: {epochs: 100000, batch_size: 4, bptt: 10, report_every: 1}
checkpoint: {path: long.pkl}
"""


def test_the_hello_model_is_learned_by_heart(hello, capsys):
    log = [
        json.loads(line)
        for line in Path("checkpoints/hello.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert log[-1]["event"] == "end"
    assert [e for e in log if e["event"] == "epoch"][-1]["train_perplexity"] < 1.05


def test_an_existing_checkpoint_is_refused_and_a_finished_one_left_alone(hello, capsys):
    before = {p.name: p.read_bytes() for p in Path("checkpoints").iterdir()}
    assert run(["train", "--config", "configs/hello.yaml"]) == 2
    assert (
        "checkpoints/hello.pkl: already exists; use --resume to continue or --overwrite"
        in capsys.readouterr().err
    )
    assert run(["train", "--config", "configs/hello.yaml", "--resume"]) == 0
    assert capsys.readouterr().err == (
        "checkpoints/hello.pkl: training is finished after 200 epochs; nothing changed; to "
        "continue, raise training.epochs above 200\n"
    )
    assert {p.name: p.read_bytes() for p in Path("checkpoints").iterdir()} == before


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ("mv corpora/hello.txt corpora/gone.txt", 2, "hello.txt: No such file"),
        (
            "echo you say no > corpora/hello.txt",
            2,
            "another corpus.train (its content has changed)",
        ),
        ("rm checkpoints/hello.pkl", 2, "hello.pkl: the best model, of epoch 200, is missing"),
        ("echo garbage > checkpoints/hello.pkl", 1, "hello.pkl: not an rnnlm checkpoint"),
    ],
)
def test_a_finished_one_that_no_longer_fits_is_refused(hello, capsys, change, code, said):
    subprocess.run(change, shell=True, check=True)
    assert run(["train", "--config", "configs/hello.yaml", "--resume"]) == code
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Error: ")
    assert said in line


def test_more_epochs_that_lift_the_rate_are_told_with_both_rates(hello, capsys):
    args = ["train", "--config", "configs/hello.yaml", "--set", "checkpoint.path=c.pkl"]
    args += ["--set", "training.schedule={kind: cosine}", "--set", "training.optimizer={kind: sgd}"]
    assert run([*args, "--set", "training.epochs=4"]) == 0
    assert run([*args, "--set", "training.epochs=16", "--resume"]) == 0
    # 20 (1 + cos(pi / 4)) / 2 after 4 of 16 steps, 20 (1 + cos(3 pi / 4)) / 2 at the last of 4
    assert (
        "training.epochs was 4 and is 16: with training.schedule cosine the next step's learning "
        "rate is 17.0711 instead of 2.92893"
    ) in capsys.readouterr().err


@pytest.mark.bitwise
def test_overwrite_begins_anew_and_gives_the_same_bytes(hello, capsys):
    args = ["train", "--config", "configs/hello.yaml", "--overwrite", "--set", "training.epochs=40"]
    assert run(args) == 0
    before = Path("checkpoints/hello.pkl").read_bytes()
    capsys.readouterr()
    assert run(args) == 0
    assert Path("checkpoints/hello.pkl").read_bytes() == before
    out, err = capsys.readouterr()
    assert out.startswith("done after 40 epochs")
    assert "2,409 parameters, 40 steps" in err
    told = [line.partition(":")[0] for line in err.splitlines() if line.startswith("epoch")]
    assert told == [f"epoch {k}" for k in range(2, 41, 2)]


def test_resume_without_a_state_begins_and_says_so(hello, capsys):
    for path in Path("checkpoints").iterdir():
        path.unlink()
    args = ["--config", "configs/hello.yaml", "--resume", "--set", "training.epochs=2"]
    assert run(["train", *args]) == 0
    assert "no saved state; training from the beginning" in capsys.readouterr().err


def test_a_dry_run_prints_sizes_and_config_and_writes_nothing(hello, capsys):
    before = {p.name: p.read_bytes() for p in Path("checkpoints").iterdir()}
    args = ["--config", "configs/hello.yaml", "--dry-run", "--set", "model.cell=gru"]
    assert run(["train", *args]) == 0
    out = capsys.readouterr().out
    assert "parameters  1,897" in out
    assert "steps       1 per epoch, 200 in total" in out
    assert "cell: gru" in out
    assert {p.name: p.read_bytes() for p in Path("checkpoints").iterdir()} == before


def test_a_dry_run_has_its_warnings_in_json(hello, capsys):
    args = ["--config", "configs/hello.yaml", "--dry-run", "--json"]
    for valid, warned in (("null", False), ("corpora/hello.txt", True)):
        capsys.readouterr()
        assert run(["train", *args, "--set", f"corpus.valid={valid}"]) == 0
        out, err = capsys.readouterr()
        found = json.loads(out)["warnings"]
        assert [line.split(" is ")[1][:16] for line in found] == ["also trained on,"] * warned
        assert err.count("warning: corpus.valid: ") == warned


def diverging(*overrides):
    """The arguments of a training of 20 steps an epoch into ``d.pkl``."""
    Path("text.txt").write_text("a b c d e f g h\n" * 50, encoding="utf-8")
    config = [
        "corpus.train=text.txt",
        "corpus.valid=0.2",
        "training.clip_norm=null",
        "checkpoint.path=d.pkl",
        "training.batch_size=2",
        *overrides,
    ]
    return ["--config", "configs/hello.yaml", *(w for o in config for w in ("--set", o))]


def test_divergence_is_one_line_and_the_last_good_model_stays(hello, capsys, monkeypatch):
    """The loss of the 22nd step is no number: that is the second of the second epoch."""
    loss, calls, good = SoftmaxOutput.loss_and_gradients, count(1), []

    def planted(self, *args, **options):
        found = loss(self, *args, **options)
        if next(calls) != 22:
            return found
        good.append(Path("d.pkl").read_bytes())
        return found._replace(nats=math.nan)

    monkeypatch.setattr(SoftmaxOutput, "loss_and_gradients", planted)
    assert run(["train", *diverging()]) == 1
    err = capsys.readouterr().err.splitlines()[-1]
    assert err.startswith("Error: epoch 2, step 22: the loss is nan")
    assert "learning_rate" in err
    assert [Path("d.pkl").read_bytes()] == good
    assert len(checkpoint.load("d.pkl").model.history) == 1


def test_a_rate_that_is_far_too_high_ends_with_code_1_whatever_the_arithmetic(hello, capsys):
    """Whether the weights overflow, or become so large that all that follows is finite."""
    sets = ["training.optimizer={kind: sgd, learning_rate: 1e30}", "training.epochs=5"]
    assert run(["train", *diverging(*sets)]) == 1
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Error")]
    assert len(errors) == 1
    assert errors[0].startswith("Error: epoch ")
    assert "learning_rate" in errors[0]


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_saves_the_state_and_leaves(tmp_path, monkeypatch, capsys, number, code):
    (tmp_path / "long.txt").write_text("a b c d e f\n" * 200, encoding="utf-8")
    (tmp_path / "c.yaml").write_text(LONG, encoding="utf-8")
    command = [sys.executable, "-m", "rnnlm_cli", "train", "--config", "c.yaml"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, encoding="utf-8")
    log = tmp_path / "long.jsonl"
    while not (log.exists() and '"step": 3,' in log.read_text(encoding="utf-8")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    err = process.communicate(timeout=60)[1]
    assert process.returncode == code
    assert "stopped and saved; to resume: rnnlm train --config c.yaml --resume" in err
    assert "Traceback" not in err
    monkeypatch.chdir(tmp_path)
    assert run([*command[3:], "--resume", "--set", "training.max_seconds=1e-9"]) == 0
    again = capsys.readouterr()
    assert "resuming at epoch" in again.err
    assert "1e-09 seconds" in again.out
    assert not list(tmp_path.glob("*.tmp"))


class Clock:
    """In place of the module ``time``."""

    now = 100.0

    def monotonic(self):
        return self.now


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_a_signal_passed_on_twice_is_one_wish_and_a_later_one_leaves_at_once(monkeypatch):
    clock = Clock()
    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr("rnnlm_cli.commands.shared.stopping.time", clock)
    with signals() as (poll, caught):
        for later in (0, 0.05, 0.09):
            clock.now = 100 + later
            signal.raise_signal(signal.SIGTERM)
        assert caught == [signal.SIGTERM]
        clock.now = 100.2
        with pytest.raises(SystemExit) as left:
            signal.raise_signal(signal.SIGINT)
        assert left.value.code == 143, "the first one counts"
        with pytest.raises(Stopped):
            poll()
        signal.raise_signal(signal.SIGINT)  # while the state is saved it is too late
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.skipif(os.name != "posix", reason="pipes as POSIX has them")
def test_training_goes_on_when_nobody_reads_its_notes(hello):
    reading, writing = os.pipe()
    os.close(reading)
    args = ["train", "--config", "configs/hello.yaml", "--overwrite", "--set", "training.epochs=5"]
    command = [sys.executable, "-m", "rnnlm_cli", *args]
    found = subprocess.run(
        command, stderr=writing, stdout=subprocess.PIPE, encoding="utf-8", check=False
    )
    os.close(writing)
    assert found.returncode == 0
    assert found.stdout.startswith("done after 5 epochs")
    assert len(checkpoint.load("checkpoints/hello.pkl").model.history) == 5


def test_the_hint_can_be_pasted_into_a_shell(hello, capsys, monkeypatch):
    monkeypatch.setattr("rnnlm_cli.commands.train.display", stop_at_once)
    Path("configs/my hello.yaml").write_bytes(Path("configs/hello.yaml").read_bytes())
    args = ["--config", "configs/my hello.yaml", "--set", "training.optimizer={kind: sgd}"]
    assert run(["train", *args, "--overwrite"]) == 130
    hint = capsys.readouterr().err.splitlines()[-1]
    words = shlex.split(hint.partition("to resume: ")[2])
    assert words == ["rnnlm", "train", *args, "--resume"]


def stop_at_once(session, poll):
    os.kill(os.getpid(), signal.SIGINT)
    poll()


def test_a_dry_run_as_json_has_the_figures_of_the_table(hello, capsys):
    Path("v.txt").write_text("you say hello .\n" * 3, encoding="utf-8")
    args = ["--config", "configs/hello.yaml", "--dry-run", "--set", "checkpoint.path=x.pkl"]
    args += ["--set", "corpus.valid=v.txt"]
    assert run(["train", *args]) == 0
    table = " ".join(capsys.readouterr().out.split())
    assert run(["train", *args, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["tokens"], found["valid_tokens"]) == (9, 15)
    assert f"parameters {found['parameters']:,} " in table
    assert f"about {found['megabytes']:,.0f} MB" in table
    assert "time about 0:0" in table
    assert 0 < found["seconds"] < 60
    assert f"{found['steps_per_epoch']:,} per epoch, {found['steps']:,} in total" in table
    assert found["config"]["checkpoint"]["path"] == "x.pkl"
    assert not Path("x.pkl").exists()


def test_a_dry_run_tells_how_fast_several_machines_would_be(hello, capsys):
    args = ["--config", "configs/hello.yaml", "--dry-run", "--set", "checkpoint.path=x.pkl"]
    args += ["--machines", "3", "--network", "100gbit,1us", "--tokens-per-second", "10"]
    assert run(["train", *args, "--set", "training.batch_size=3"]) == 0
    assert "the same training, training.batch_size: 3\nmachines  " in capsys.readouterr().out
    assert run(["train", *args, "--json", "--set", "training.batch_size=3"]) == 0
    found = json.loads(capsys.readouterr().out)["scaling"]
    assert found["bytes_per_second"] == 12.5e9
    assert [row["machines"] for row in found["same_batch"]] == [1, 2, 3]
    assert found["same_batch"][0]["tokens_per_second"] == pytest.approx(10)


def test_a_dry_run_of_a_huge_model_takes_no_memory(hello, capsys):
    """Its 40 GB of weights are only counted."""
    args = ["--config", "configs/hello.yaml", "--dry-run", "--set", "model.hidden_size=50000"]
    tracemalloc.start()
    try:
        assert run(["train", *args]) == 0
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50e6
    out = capsys.readouterr().out
    assert "time        not measured" in out
    weight_hh = 50_000 * 4 * 50_000
    parameters = int(out.split("parameters")[1].split()[0].replace(",", ""))
    assert weight_hh < parameters < 1.01 * weight_hh


@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
@pytest.mark.parametrize(
    ("path", "code", "said"),
    [
        ("file/a.pkl", 1, "file/a.pkl: Not a directory; part of the path"),
        ("file/b/a.pkl", 1, "file/b/a.pkl: Not a directory; part of the path"),
        ("folder.pkl", 2, "folder.pkl: exists and is not a file"),
        (f"{'x' * 300}.pkl", 1, "File name too long; choose a shorter name"),
        (f"{'x' * 245}.pkl", 1, "File name too long; choose a shorter name"),
    ],
)
def test_a_place_that_cannot_be_written_is_one_line(hello, capsys, dry, path, code, said):
    Path("file").write_text("", encoding="utf-8")
    Path("folder.pkl").mkdir()
    args = ["--config", "configs/hello.yaml", "--set", f"checkpoint.path={path}"]
    assert run(["train", *args, *dry]) == code
    (err,) = capsys.readouterr().err.splitlines()
    assert said in err


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_dry_run_notices_a_directory_that_cannot_be_written(hello, capsys):
    Path("closed").mkdir(mode=0o500)
    args = ["--config", "configs/hello.yaml", "--set", "checkpoint.path=closed/sub/a.pkl"]
    assert run(["train", *args, "--dry-run"]) == 1
    assert "closed: Permission denied" in capsys.readouterr().err


def test_what_is_odd_about_the_texts_is_said_at_the_start_and_before_a_dry_run(hello, capsys):
    said = "warning: 0.0% of the training text and 50.0% of the validation text is not in"
    Path("valid.txt").write_text("you zebra xyz .\n", encoding="utf-8")
    args = [
        "train",
        "--config",
        "configs/hello.yaml",
        "--set",
        "corpus.valid=valid.txt",
        "--set",
        "training.epochs=1",
    ]
    for option, others in (("--dry-run", 0), ("--overwrite", 2)):
        capsys.readouterr()
        assert run([*args, option]) == 0
        out, err = capsys.readouterr()
        assert said not in out
        assert err.count(said) == 1
        assert err.startswith(said)
        assert len(err.splitlines()) == 1 + others
    assert run([*args[:-1], "training.epochs=2", "--resume"]) == 0
    assert said not in capsys.readouterr().err
