import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlm_cli.commands.main import run

LONG = """
corpus: {train: long.txt, valid: 0.1}
model: {embedding_size: 16, hidden_size: 16}
training: {epochs: 100000, batch_size: 4, bptt: 10, report_every: 1}
checkpoint: {path: long.pkl}
"""


def test_the_hello_model_is_learned_by_heart(hello, capsys):
    log = [json.loads(line) for line in Path("checkpoints/hello.jsonl").read_text().splitlines()]
    assert log[-1]["event"] == "end"
    assert [e for e in log if e["event"] == "epoch"][-1]["train_perplexity"] < 1.05


def test_an_existing_checkpoint_is_refused_and_a_finished_one_left_alone(hello, capsys):
    before = {p.name: p.read_bytes() for p in Path("checkpoints").iterdir()}
    assert run(["train", "--config", "configs/hello.yaml"]) == 2
    assert "checkpoints/hello.pkl: is there already" in capsys.readouterr().err
    assert run(["train", "--config", "configs/hello.yaml", "--resume"]) == 0
    assert "training is finished" in capsys.readouterr().err
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
        ("echo garbage > checkpoints/hello.pkl", 1, "hello.pkl: not a checkpoint of rnnlm"),
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


def test_overwrite_begins_anew_and_gives_the_same_bytes(hello, capsys):
    before = Path("checkpoints/hello.pkl").read_bytes()
    assert run(["train", "--config", "configs/hello.yaml", "--overwrite"]) == 0
    assert Path("checkpoints/hello.pkl").read_bytes() == before
    out, err = capsys.readouterr()
    assert out.startswith("done after 200 epochs")
    assert "2,409 parameters, 200 steps" in err
    assert "epoch 200/200 | step 1/1" in err


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
    assert "steps       1 an epoch, 200 in all" in out
    assert "cell: gru" in out
    assert {p.name: p.read_bytes() for p in Path("checkpoints").iterdir()} == before


def test_divergence_is_one_line_and_the_last_good_model_stays(hello, capsys):
    Path("text.txt").write_text("a b c d e f g h\n" * 50, encoding="utf-8")
    overrides = [
        "corpus.train=text.txt",
        "corpus.valid=0.2",
        "training.optimizer={kind: sgd, learning_rate: 1e30}",
        "training.clip_norm=null",
        "checkpoint.path=d.pkl",
        "training.batch_size=2",
    ]
    args = [word for override in overrides for word in ("--set", override)]
    assert run(["train", "--config", "configs/hello.yaml", *args]) == 1
    err = capsys.readouterr().err.splitlines()[-1]
    assert err.startswith("Error: epoch 1, step 2: the loss is")
    assert "learning_rate" in err


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_saves_the_state_and_leaves(tmp_path, number, code):
    (tmp_path / "long.txt").write_text("a b c d e f\n" * 200, encoding="utf-8")
    (tmp_path / "c.yaml").write_text(LONG, encoding="utf-8")
    command = [sys.executable, "-m", "rnnlm_cli", "train", "--config", "c.yaml"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "step 3/" in line:
            break
    process.send_signal(number)
    err = process.communicate(timeout=60)[1]
    assert process.returncode == code
    assert "stopped and saved; rnnlm train --config c.yaml --resume goes on" in err
    assert "Traceback" not in err
    again = subprocess.run(
        [*command, "--resume", "--set", "training.epochs=1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 0
    assert "going on at epoch" in again.stderr or "finished" in again.stderr
    assert not list(tmp_path.glob("*.tmp"))


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_a_signal_passed_on_twice_is_one_wish(tmp_path):
    (tmp_path / "long.txt").write_text("a b c d e f\n" * 200, encoding="utf-8")
    (tmp_path / "c.yaml").write_text(LONG, encoding="utf-8")
    command = [sys.executable, "-m", "rnnlm_cli", "train", "--config", "c.yaml"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "step 3/" in line:
            break
    for _ in range(3):
        process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "stopped and saved" in err


@pytest.mark.skipif(os.name != "posix", reason="pipes as POSIX has them")
def test_training_goes_on_when_nobody_reads_its_notes(hello):
    reading, writing = os.pipe()
    os.close(reading)
    args = ["train", "--config", "configs/hello.yaml", "--overwrite"]
    command = [sys.executable, "-m", "rnnlm_cli", *args]
    before = Path("checkpoints/hello.pkl").read_bytes()
    Path("checkpoints/hello.pkl").write_bytes(b"")
    found = subprocess.run(command, stderr=writing, stdout=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert found.returncode == 0
    assert found.stdout.startswith("done after 200 epochs")
    assert Path("checkpoints/hello.pkl").read_bytes() == before


def test_the_hint_can_be_pasted_into_a_shell(hello, capsys, monkeypatch):
    monkeypatch.setattr("rnnlm_cli.commands.train.display", stop_at_once)
    Path("configs/my hello.yaml").write_bytes(Path("configs/hello.yaml").read_bytes())
    args = ["--config", "configs/my hello.yaml", "--set", "training.optimizer={kind: sgd}"]
    with pytest.raises(SystemExit):
        run(["train", *args, "--overwrite"])
    hint = capsys.readouterr().err.splitlines()[-1]
    words = shlex.split(hint.partition("; ")[2])
    assert words == ["rnnlm", "train", *args, "--resume", "goes", "on"]


def stop_at_once(training):
    os.kill(os.getpid(), signal.SIGINT)
    training.poll()


def test_a_dry_run_of_a_huge_model_takes_no_memory(hello, capsys):
    """Its 40 GB of weights are only counted."""
    args = ["--config", "configs/hello.yaml", "--dry-run", "--set", "model.hidden_size=50000"]
    assert run(["train", *args]) == 0
    out = capsys.readouterr().out
    weight_hh = 50_000 * 4 * 50_000
    parameters = int(out.split("parameters")[1].split()[0].replace(",", ""))
    assert weight_hh < parameters < 1.01 * weight_hh


@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
@pytest.mark.parametrize(
    ("path", "code", "said"),
    [
        ("file/a.pkl", 1, "file/a.pkl: Not a directory; a part of the path"),
        ("file/b/a.pkl", 1, "file/b/a.pkl: Not a directory; a part of the path"),
        ("folder.pkl", 2, "folder.pkl: is there and is no file"),
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
