import errno

import pytest

from rnnlm_cli.checkpoint import container
from rnnlm_cli.errors import CheckpointError, UsageError


def read(path):
    with container.reading(path) as content:
        return content.file.read()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.pkl"
    container.write(str(path), lambda file: file.write(b"some content"))
    return path


def test_content_comes_back(path):
    assert read(str(path)) == b"some content"
    assert [p.name for p in path.parent.iterdir()] == ["a.pkl"]


def test_every_flipped_bit_is_found(path):
    good = path.read_bytes()
    for place in range(len(good)):
        for bit in range(8):
            path.write_bytes(good[:place] + bytes([good[place] ^ (1 << bit)]) + good[place + 1 :])
            with pytest.raises(CheckpointError, match=r"a\.pkl: "):
                read(str(path))


def test_every_truncation_and_an_addition_are_found(path):
    good = path.read_bytes()
    for data in [*(good[:n] for n in range(len(good))), good + b"\0"]:
        path.write_bytes(data)
        with pytest.raises(CheckpointError):
            read(str(path))


def test_a_later_version_says_what_to_do(path):
    good = path.read_bytes()
    path.write_bytes(good[:8] + b"\x09\0\0\0" + good[12:])
    with pytest.raises(CheckpointError, match="version is 9, this program reads 1 to 2; use"):
        read(str(path))


@pytest.mark.parametrize("where", ["none.pkl", "", "nul\0.pkl", "a.pkl/b.pkl"])
def test_a_file_that_cannot_be_opened_is_a_usage_error(path, where):
    with pytest.raises(UsageError, match="name a checkpoint"):
        read(f"{path.parent}/{where}")


def test_a_failed_write_leaves_the_old_file_and_no_other(path):
    def fail(file):
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        container.write(str(path), fail)
    assert read(str(path)) == b"some content"
    assert [p.name for p in path.parent.iterdir()] == ["a.pkl"]
