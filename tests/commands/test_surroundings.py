"""What the machine around may do: full disks, limits, closed pipes, narrow and plain terminals."""

import errno
import os
import shlex
import shutil
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE

import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import explain, run
from rnnlm_cli.config import load_config
from rnnlm_cli.system import whole_file
from rnnlm_cli.train.start import begin

TOOL = f"{shlex.quote(sys.executable)} -m rnnlm_cli"
TRAIN = "train --config configs/hello.yaml --overwrite"


def shell(line, **environment):
    """Run a line in a shell; ``rnnlm`` in it is the tool."""
    line = line.replace("rnnlm ", f"{TOOL} ")
    return subprocess.run(
        ["sh", "-c", line],
        capture_output=True,
        env={**os.environ, **environment},
        encoding="utf-8",
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


@pytest.mark.skipif(os.name != "posix", reason="limits as POSIX has them")
def test_a_limit_on_a_files_size_leaves_the_last_good_checkpoint(hello):
    before = files("checkpoints")
    limit = 8192  # the weights alone are 9,636 bytes
    program = f"""
import resource, sys
from rnnlm_cli import __main__
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))
sys.argv = ["rnnlm", *{TRAIN.split()}]
__main__.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=False
    )
    assert_one_line(done, 1, "checkpoints/hello", "ulimit -f")
    assert files("checkpoints")["hello.pkl"] == before["hello.pkl"]
    assert not list(Path("checkpoints").glob("*.tmp"))


class FullDisk:
    """A file on a disk with room for some more bytes; what fits of a write is written."""

    def __init__(self, file, disk):
        self._file, self._disk = file, disk

    def __getattr__(self, name):
        return getattr(self._file, name)

    def write(self, data):
        fits = memoryview(data).cast("B")[: self._disk["room"]]
        self._file.write(fits)
        self._disk["room"] -= len(fits)
        if len(fits) < memoryview(data).nbytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # as files say it: no name
        return len(fits)


@pytest.mark.parametrize("share", [0, 0.05, 0.3, 0.6, 0.999])
def test_a_full_disk_leaves_the_last_good_checkpoint(hello, monkeypatch, capsys, share):
    """There is room for a share of all that a training of two epochs writes."""
    before, disk = files("checkpoints"), {"room": 10**9}
    open_whole = whole_file.whole_file

    @contextmanager
    def on_disk(path, replace=True):
        with open_whole(path, replace) as file:
            yield FullDisk(file, disk)

    monkeypatch.setattr("rnnlm_cli.checkpoint.container.whole_file", on_disk)
    two = [*TRAIN.split(), "--set", "training.epochs=2"]
    assert run([*two, "--set", "checkpoint.path=enough.pkl"]) == 0
    disk["room"] = int(share * (10**9 - disk["room"]))
    capsys.readouterr()
    assert run(two) == 1
    (error,) = [x for x in capsys.readouterr().err.splitlines() if x.startswith("Error")]
    assert error.startswith("Error: checkpoints/hello")
    assert "No space left on device; free some space" in error
    saved = checkpoint.load("checkpoints/hello.pkl").model  # the old one or a new one, whole
    assert len(saved.history) == (200 if share <= 0.05 else 1 if share < 0.5 else 2)
    if share <= 0.05:
        assert files("checkpoints") == before
    assert not list(Path("checkpoints").glob("*.tmp"))


def test_a_folder_that_vanishes_is_one_line(hello):
    run = begin(load_config("configs/hello.yaml", ["checkpoint.path=out/m.pkl"]))
    events = run.events()
    next(events)
    shutil.rmtree("out")
    with pytest.raises(OSError, match="No such file") as caught:
        list(events)
    message, code = explain(caught.value)
    assert code == 1
    assert "out/m" in message
    assert "the directory does not exist" in message


def test_a_path_that_is_a_folder_is_one_line(hello, capsys):
    Path("checkpoints/folder.pkl").mkdir()
    here = "--set checkpoint.path=checkpoints/folder.pkl"
    for command in ("train --config configs/hello.yaml", TRAIN):
        capsys.readouterr()
        assert run(f"{command} {here}".split()) == 2
        (error,) = capsys.readouterr().err.splitlines()
        assert error.startswith("Error: checkpoints/folder.pkl: exists and is not a file")


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
def test_output_to_a_full_device_is_an_error(hello, command, monkeypatch, capsys):
    capsys.readouterr()
    with (
        suppress(OSError),  # on closing: what it still holds is not written either
        open("/dev/full", "w", encoding="utf-8") as full,
        monkeypatch.context() as patch,
    ):
        patch.setattr(sys, "stdout", full)
        assert run(command.split()) == 1
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Error")]
    assert len(errors) == 1
    assert "standard output: No space left on device" in errors[0]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device here")
def test_a_process_whose_output_is_a_full_device_fails(hello):
    done = shell("rnnlm show checkpoints/hello.pkl > /dev/full")
    assert_one_line(done, 1, "standard output: No space left on device")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device here")
def test_notes_that_nobody_can_read_stop_no_work(hello):
    done = shell(f"rnnlm {TRAIN} --set training.epochs=3 2> /dev/full")
    assert done.returncode == 0
    assert len(checkpoint.load("checkpoints/hello.pkl").model.history) == 3
    assert shell("rnnlm show none.pkl 2> /dev/full").returncode == 2


def test_an_output_that_cannot_hold_a_character_is_one_line(hello):
    Path("words.txt").write_text("you say 안녕\n", encoding="utf-8")
    command = "rnnlm eval sentences --corpus words.txt"
    done = shell(command, PYTHONIOENCODING="latin-1")
    assert_one_line(done, 1, "the encoding latin-1 cannot represent", "PYTHONIOENCODING=utf-8")
    assert run(command.split()[1:]) == 0


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize(
    ("number", "code", "option"), [("TERM", 143, []), ("INT", 130, ["--no-cache"])]
)
def test_a_command_that_is_stopped_leaves_nothing_behind(hello, tmp_path, number, code, option):
    """Here while it numbers the tokens of a text that counts as large."""
    place = tmp_path / "scratch"
    place.mkdir()
    program = f"""
import signal, sys
from rnnlm_cli import __main__
from rnnlm_cli.text import cache, storage

# a shell ignores it in what it runs in the background, these tests perhaps
signal.signal(signal.SIGINT, signal.default_int_handler)

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


@pytest.mark.parametrize("size", [0, 136])
def test_kept_ids_that_are_cut_while_training_end_it_with_one_line(hello, size):
    """Were they mapped into memory, the system would end the process without a word (SIGBUS)."""
    few = "--set training.bptt=2 --set training.epochs=3"
    program = f"""
import os, pathlib, sys
from rnnlm_cli import __main__
from rnnlm_cli.data import streams
from rnnlm_cli.text import cache
from rnnlm_cli.train.loop import Trainer

step = Trainer._step

def cut_in_the_second(self, block):
    if self.progress.step == 1:
        (ids,) = pathlib.Path("corpora/.rnnlm").glob("*.npy")
        os.truncate(ids, {size})
    return step(self, block)

cache.LARGE, streams.READ_AHEAD, Trainer._step = 1, 1, cut_in_the_second
sys.argv = ["rnnlm", *{[*TRAIN.split(), *few.split()]}]
__main__.main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8")
    assert_one_line(done, 1, ".npy: was cut short by another program")
    assert run(f"{TRAIN.replace('--overwrite', '--resume')} {few}".split()) == 0


@pytest.mark.parametrize(
    "command",
    [
        "generate --start you --length 20000 --seed 1",
        "eval sentences --corpus -",
    ],
)
def test_a_reader_who_has_had_enough_ends_it_quietly(hello, command):
    Path("long.txt").write_text("you say goodbye\n" * 3000, encoding="utf-8")
    command = [sys.executable, "-m", "rnnlm_cli", *command.split()]
    with (
        Path("long.txt").open("rb") as text,
        subprocess.Popen(
            command, stdin=text, stdout=PIPE, stderr=PIPE, encoding="utf-8"
        ) as process,
    ):
        assert process.stdout.readline()
        process.stdout.close()
        notes = process.stderr.read()
    assert process.returncode == 0
    assert all(line.startswith("using ") for line in notes.splitlines())


@pytest.fixture
def korean(hello):
    """Words that not every terminal can show, in lines that end as on Windows."""
    Path("words.txt").write_text(
        "you say 안녕 goodbye\r\nyou say\r\n", encoding="utf-8", newline=""
    )


def assert_plain(out, err):
    assert [line.split("\t")[-1] for line in out.splitlines()] == [
        "line",
        "you say 안녕 goodbye",
        "you say",
    ]
    assert "\x1b" not in out + err


@pytest.mark.parametrize(("name", "value"), [("COLUMNS", "20"), ("NO_COLOR", "1")])
def test_plain_and_narrow_terminals(korean, name, value, monkeypatch, capsys):
    monkeypatch.setenv(name, value)
    capsys.readouterr()
    assert run("eval sentences --corpus words.txt".split()) == 0
    assert_plain(*capsys.readouterr())
    assert run("eval perplexity --help".split()) == 0


def test_a_plain_terminal_in_the_locale_of_c(korean):
    plain = {"LANG": "C", "LC_ALL": "C", "TERM": "dumb"}
    done = shell("rnnlm eval sentences --corpus words.txt", **plain)
    assert done.returncode == 0
    assert_plain(done.stdout, done.stderr)
    assert shell("rnnlm eval perplexity --help", **plain).returncode == 0
