"""What the machine around may do: full disks, limits, closed pipes, narrow and plain terminals."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlm_cli.commands.main import explain
from rnnlm_cli.config import load_config
from rnnlm_cli.train.prepare import prepare

TOOL = f"{shlex.quote(sys.executable)} -m rnnlm_cli"
TRAIN = "train --config configs/hello.yaml --overwrite"


def shell(line, **environment):
    """Run a line in bash; ``rnnlm`` in it is the tool."""
    line = line.replace("rnnlm ", f"{TOOL} ")
    return subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **environment},
    )


def assert_one_line(done, code, *parts):
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error")]
    assert done.returncode == code, done.stderr
    assert len(errors) == 1
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in errors[0]


def files(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def test_a_limit_on_a_files_size_leaves_the_last_good_checkpoint(hello):
    before = files("checkpoints")
    done = shell(f"ulimit -f 8; rnnlm {TRAIN}")
    assert_one_line(done, 1, "checkpoints/hello", "ulimit -f")
    assert files("checkpoints")["hello.pkl"] == before["hello.pkl"]
    assert not list(Path("checkpoints").glob("*.tmp"))


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 60 kilobytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=60k", "tmpfs", folder], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("this user may not mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_leaves_the_last_good_checkpoint(hello, small_disk):
    path = small_disk / "m.pkl"
    shutil.copy("checkpoints/hello.pkl", path)
    done = shell(f"rnnlm {TRAIN} --set checkpoint.path={path}")
    assert_one_line(done, 1, "No space left on device", "make room")
    assert str(small_disk) in done.stderr
    assert shell(f"rnnlm show {path}").returncode == 0  # the old one or a new one, whole
    assert not list(small_disk.glob("*.tmp"))


def test_a_folder_that_vanishes_is_one_line(hello):
    run = prepare(load_config("configs/hello.yaml", ["checkpoint.path=out/m.pkl"]))
    events = run.events()
    next(events)
    shutil.rmtree("out")
    with pytest.raises(OSError, match="No such file") as caught:
        list(events)
    message, code = explain(caught.value)
    assert code == 1
    assert "out/m" in message
    assert "the folder is not there" in message


def test_a_path_that_is_a_folder_is_one_line(hello):
    Path("checkpoints/folder.pkl").mkdir()
    here = "--set checkpoint.path=checkpoints/folder.pkl"
    for command in ("train --config configs/hello.yaml", TRAIN):
        done = shell(f"rnnlm {command} {here}")
        assert_one_line(done, 2, "checkpoints/folder.pkl: is there and is no file")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device here")
@pytest.mark.parametrize(
    "command",
    [
        "generate --start you --length 5",
        "eval words --corpus corpora/hello.txt",
        "eval perplexity --corpus corpora/hello.txt",
        "show checkpoints/hello.pkl",
    ],
)
def test_output_to_a_full_device_is_an_error(hello, command):
    done = shell(f"rnnlm {command} > /dev/full")
    assert_one_line(done, 1, "standard output: No space left on device")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device here")
def test_notes_that_nobody_can_read_stop_no_work(hello):
    done = shell(f"rnnlm {TRAIN} 2> /dev/full && rnnlm show checkpoints/hello.pkl")
    assert done.returncode == 0
    assert shell("rnnlm show none.pkl 2> /dev/full").returncode == 2


def test_an_output_that_cannot_hold_a_character_is_one_line(hello):
    Path("words.txt").write_text("you say 안녕\n", encoding="utf-8")
    command = "rnnlm eval sentences --corpus words.txt"
    done = shell(command, PYTHONIOENCODING="latin-1")
    assert_one_line(done, 1, "the encoding latin-1 has no", "PYTHONIOENCODING=utf-8")
    assert shell(command, PYTHONIOENCODING="utf-8").returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize(("number", "code"), [("TERM", 143), ("INT", 130)])
@pytest.mark.parametrize("option", [[], ["--no-cache"]])
def test_a_command_that_is_stopped_leaves_nothing_behind(hello, tmp_path, number, code, option):
    """Here while it numbers the tokens of a text that counts as large."""
    place = tmp_path / "scratch"
    place.mkdir()
    program = f"""
import signal, sys
from rnnlm_cli import __main__
from rnnlm_cli.text import cache, storage

def stopped(self, parts):
    assert self._numbers_path.parent.is_dir()
    signal.raise_signal(signal.SIG{number})

cache.LARGE, storage.OnDisk.collect = 1, stopped
sys.argv = ["rnnlm", *{TRAIN.split() + option}]
__main__.main()
"""
    environment = {**os.environ, "TMPDIR": str(place)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert not list(place.iterdir())
    assert not list(Path("corpora").glob(".rnnlm/*"))


@pytest.mark.parametrize(
    "command",
    [
        "generate --start you --length 20000 --seed 1",
        "eval words --corpus long.txt",
        "eval sentences --corpus - < long.txt",
    ],
)
def test_a_reader_who_has_had_enough_ends_it_quietly(hello, command):
    Path("long.txt").write_text("you say goodbye\n" * 3000, encoding="utf-8")
    done = shell(f"set -o pipefail; rnnlm {command} | head -n 1")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1
    assert all(line.startswith("using ") for line in done.stderr.splitlines())


@pytest.mark.parametrize(
    "environment",
    [{"COLUMNS": "20"}, {"NO_COLOR": "1"}, {"LANG": "C", "LC_ALL": "C"}, {"TERM": "dumb"}],
    ids=str,
)
def test_plain_and_narrow_terminals(hello, environment):
    Path("words.txt").write_text(
        "you say 안녕 goodbye\r\nyou say\r\n", encoding="utf-8", newline=""
    )
    done = shell("rnnlm eval sentences --corpus words.txt", **environment)
    assert done.returncode == 0
    assert [line.split("\t")[3] for line in done.stdout.splitlines()] == [
        "you say 안녕 goodbye",
        "you say",
    ]
    assert "\x1b" not in done.stdout + done.stderr
    assert shell("rnnlm eval perplexity --help", **environment).returncode == 0
