"""Numbers in a file: what does not match its header is refused."""

import numpy as np
import pytest

from rnnlm_cli.text.file_array import FileArray


def test_a_file_of_numpy_s_is_read(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(5, dtype=np.uint16))
    found = FileArray.load(tmp_path / "a.npy")
    assert (len(found), found.dtype, np.asarray(found[1:3]).tolist()) == (5, np.uint16, [1, 2])


@pytest.mark.parametrize("change", [b"\0", None], ids=["longer", "shorter"])
def test_another_size_than_the_header_says_is_refused(tmp_path, change):
    path = tmp_path / "a.npy"
    np.save(path, np.arange(5))
    data = path.read_bytes()
    path.write_bytes(data + change if change else data[:-1])
    with pytest.raises(ValueError, match="size does not match"):
        FileArray.load(path)


def test_objects_are_refused_though_the_size_is_right(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.arange(5))
    data = path.read_bytes()
    path.write_bytes(data.replace(b"'<i8'", b"'|O' "))
    assert len(path.read_bytes()) == len(data)
    with pytest.raises(ValueError, match="size does not match"):
        FileArray.load(path)
