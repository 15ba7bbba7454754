"""Opened files are regular, or are read up to their limits."""

import gzip
import os
import threading

import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.exchange.arpa import read_arpa
from rnnlm_cli.exchange.array_pickle import read_arrays
from rnnlm_cli.exchange.nbest import joined_lines
from rnnlm_cli.report.curves import read_curves
from rnnlm_cli.text.opened import decompressed_size, open_bytes
from rnnlm_cli.text.reader import Limits, read_pieces
from rnnlm_cli.text.sources import compression

posix = pytest.mark.skipif(os.name != "posix", reason="devices and pipes as POSIX has them")


@pytest.fixture
def bomb(tmp_path, monkeypatch):
    """Yield a file of a few hundred bytes that expands to a hundred thousand lines."""
    monkeypatch.setattr(compression, "ALWAYS_ALLOWED", 1000)

    def make(name, lines):
        path = tmp_path / f"{name}.gz"
        path.write_bytes(gzip.compress(lines * 100_000))
        return str(path)

    return make


def test_a_text_expands_no_further_than_its_limit(bomb):
    path = bomb("a.txt", b"you say\n")
    with pytest.raises(CorpusError, match=r"a\.txt\.gz: byte [0-9,]+: expands to more than 50 tim"):
        list(read_pieces(path, Limits(expansion=50)))
    assert len(list(read_pieces(path, Limits(expansion=2000)))) == 100_000


def test_a_small_file_may_expand_as_it_likes(tmp_path):
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(b"you say\n" * 100_000))
    assert len(list(read_pieces(str(path), Limits(expansion=1)))) == 100_000


@pytest.mark.parametrize(
    ("read", "line"),
    [
        (lambda path: list(joined_lines(read_pieces(path), path)), b"1 you say\n"),
        (read_arpa, b"\n"),
        (read_curves, b'{"event": "step", "step": 1, "nats_per_token": 1}\n'),
    ],
    ids=["n-best list", "ARPA", "log"],
)
def test_lists_models_and_logs_expand_no_further_either(bomb, read, line):
    with pytest.raises(CorpusError, match=r"a\.gz: byte [0-9,]+: expands to more than \d+ times"):
        read(bomb("a", line))


@pytest.mark.parametrize(
    ("read", "content"),
    [(lambda path: list(joined_lines(read_pieces(path), path)), b"1 "), (read_curves, b"{")],
    ids=["n-best list", "log"],
)
def test_a_line_is_read_no_further_than_its_limit(tmp_path, read, content):
    path = tmp_path / "a"
    path.write_bytes(content + b"x" * 1_100_000)
    with pytest.raises(Exception, match=r"1: .*is longer than 1,048,576"):
        read(str(path))


@posix
@pytest.mark.parametrize("read", [checkpoint.load, read_arrays])
def test_a_file_that_is_read_whole_must_be_regular(tmp_path, read):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # without a writer: opening it would wait forever
    for path in (str(pipe), "/dev/zero"):
        with pytest.raises(UsageError, match=f"{path}: is not a regular file"):
            read(path)
    with pytest.raises(UsageError, match="directory"):
        read(str(tmp_path))


@posix
@pytest.mark.parametrize("name", ["pipe", "pipe.gz"])
def test_a_pipe_is_read_as_a_text(tmp_path, name, monkeypatch):
    """``<(...)`` of a shell is one too; its compressed size is unknown."""
    monkeypatch.setattr(compression, "ALWAYS_ALLOWED", 1000)
    pipe, text = tmp_path / name, b"you say\n" * 1000
    os.mkfifo(pipe)
    content = gzip.compress(text) if name.endswith("gz") else text
    writer = threading.Thread(target=pipe.write_bytes, args=(content,), daemon=True)
    writer.start()
    assert len(list(read_pieces(str(pipe)))) == 1000
    writer.join(10)


@posix
def test_an_endless_device_is_refused():
    with pytest.raises(CorpusError, match=r"/dev/zero: line 1, byte 1 .*a NUL byte"):
        list(read_pieces("/dev/zero"))


def test_a_compressed_size_is_counted_no_further_than_it_matters(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"you say\n" * 1_000_000))
    assert decompressed_size(str(path), 10**9) == 8_000_000
    assert 100 <= decompressed_size(str(path), 100) < 8_000_000
    path.write_bytes(path.read_bytes()[:5000])
    assert 0 < decompressed_size(str(path), 10**9) < 8_000_000
    assert decompressed_size(str(tmp_path), 100) == 0


def test_lines_of_a_compressed_file_can_be_read_by_size(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"you say\n"))
    with open_bytes(str(path)) as file:
        assert (file.readline(3), file.readline(None), file.read()) == (b"you", b" say\n", b"")
