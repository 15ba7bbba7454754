"""Untrusted pickles: only arrays come out."""

import contextlib
import io
import pickle
import struct

import numpy as np
import pytest

from rnnlm_cli.errors import CheckpointError, UsageError
from rnnlm_cli.exchange.array_pickle import read_arrays

RNG = np.random.default_rng(0)
ARRAYS = [
    RNG.standard_normal((3, 4)).astype(np.float16),
    RNG.standard_normal((4, 3)).astype(np.float32).T,  # by columns
    RNG.standard_normal(5),
    RNG.standard_normal(5).astype(">f4"),
    np.zeros((0, 3), np.float16),
]


def file_of(tmp_path, content):
    path = tmp_path / "weights.pkl"
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_arrays_come_back_from_every_protocol(tmp_path, protocol):
    found = read_arrays(file_of(tmp_path, pickle.dumps(ARRAYS, protocol)))
    assert len(found) == len(ARRAYS)
    for array, expected in zip(found, ARRAYS, strict=True):
        np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize("protocol", [0, 2, 3])
def test_numpy_1_and_numpy_2_name_their_functions_differently(tmp_path, protocol):
    now = pickle.dumps(ARRAYS, protocol)
    other = (
        now.replace(b"numpy._core", b"numpy.core")
        if b"numpy._core" in now
        else now.replace(b"numpy.core", b"numpy._core")
    )
    assert other != now
    for array, expected in zip(read_arrays(file_of(tmp_path, other)), ARRAYS, strict=True):
        np.testing.assert_array_equal(array, expected)


def test_a_pickle_of_python_2(tmp_path):
    """Python 2 stores an array's content as a string."""
    raw = np.arange(3, dtype="<f4").tobytes()
    old = (
        b"\x80\x02]cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01K\x03\x85cnumpy\ndtype\nU\x02f4K\x00K\x01\x87R(K\x03U\x01<NNN"
        b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U" + bytes([len(raw)]) + raw + b"tba."
    )
    (array,) = read_arrays(file_of(tmp_path, old))
    assert array.tolist() == [0, 1, 2]


class Evil:
    def __init__(self, call, *args):
        self.what = (call, args)

    def __reduce__(self):
        return self.what


def hostile():
    """Pickles that would call, import or build other objects, or take much memory."""
    import os

    yield "a call", pickle.dumps([Evil(os.system, "touch hacked")])
    yield "eval", pickle.dumps(Evil(eval, "1+1"), 0)
    yield "another function of numpy", b"cnumpy\nzeros\n(K\x05tR."
    yield "codecs that read files", b"c_codecs\ndecode\n(X\x01\0\0\0aX\x04\0\0\0rot1tR."
    yield "an instance", b"(inumpy\nndarray\n."
    yield "an object", b"cnumpy\nndarray\n)\x81."
    yield "a persistent id", b"Phello\n."
    yield "an extension", b"\x82\x01."
    yield "attributes of a stand-in", b"cnumpy\ndtype\n}X\x01\0\0\0aK\x01sb."
    yield "state of a stand-in", b"cnumpy\ndtype\n(K\x01tb."
    yield "a class that is called", b"cnumpy\nndarray\n)R."
    yield "a far place of the memo", b"Nr\xff\xff\xff\x7f."
    yield "a far place, written out", b"Np2147483647\n."
    yield "a size beyond the file", b"\x8e" + struct.pack("<Q", 1 << 40) + b"x."
    yield "a buffer beyond the file", b"\x96" + struct.pack("<Q", 1 << 40) + b"x."
    yield "objects", pickle.dumps([np.array([{}])])
    yield "whole numbers", pickle.dumps([np.arange(3)])
    yield "complex numbers", pickle.dumps([np.array([1j])])
    yield "three dimensions", pickle.dumps([np.zeros((2, 2, 2))])
    yield "a dict", pickle.dumps({"a": 1})
    yield "an empty list", pickle.dumps([])
    yield "no arrays", pickle.dumps([1, 2, 3])
    yield "an array and more", pickle.dumps([np.zeros(2), "x"])
    yield "text", b"hello"
    yield "nothing", b""
    yield "many instructions", b"(" * 200_000 + b"."
    # lists of lists that share: what they hold, written out, would be 2^100 words
    nested = b"]q\0" + b"".join(
        b"](h" + bytes([k]) + b"h" + bytes([k]) + b"eq" + bytes([k + 1]) for k in range(100)
    )
    array_of = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\x01b\x87R"
    dtype = (
        b"cnumpy\ndtype\nU\x02f4K\0K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
    )
    yield "a huge shape", nested + b"0" + array_of + b"(K\x01hd" + dtype + b"\x89U\0tb."
    yield (
        "a huge name",
        nested + b"0" + array_of + b"(K\x01K\0\x85cnumpy\ndtype\nhdK\0K\x01\x87R\x89U\0tb.",
    )
    yield "a deep tuple", array_of + b"(K\x01" + b")" + b"\x85" * 50_000 + dtype + b"\x89U\0tb."
    shape_forged = pickle.dumps([np.zeros(3, np.float32)], 2)
    yield "a forged shape", shape_forged.replace(b"K\x03\x85", b"J\xff\xff\xff\x7f\x85")


@pytest.mark.parametrize(
    ("name", "content"), list(hostile()), ids=lambda v: v if type(v) is str else ""
)
def test_a_pickle_that_is_not_a_list_of_arrays_is_refused(tmp_path, monkeypatch, name, content):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckpointError, match=r"weights\.pkl: not a pickled list of NumPy arrays"):
        read_arrays(file_of(tmp_path, content))
    assert [path.name for path in tmp_path.iterdir()] == ["weights.pkl"]


def test_repeated_encoding_of_bytes_is_bounded(tmp_path):
    text = b"X" + struct.pack("<I", 10_000) + b"a" * 10_000
    call = b"c_codecs\nencode\n(h\0X\x06\0\0\0latin1tR"
    content = text + b"q\0" + b"".join(b"0" + call for _ in range(1000)) + b"."
    with pytest.raises(CheckpointError, match="encodes"):
        read_arrays(file_of(tmp_path, content))


def test_a_string_that_is_many_arrays_is_bounded(tmp_path):
    """In Python 2's form, each array's content would be encoded again."""
    size = 100_000
    one = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\x01b\x87R(K\x01J"
        + struct.pack("<I", size // 4)
        + b"\x85cnumpy\ndtype\nU\x02f4K\0K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ"
        b"\xff\xff\xff\xffK\0tb\x89h\0tb"
    )
    content = b"T" + struct.pack("<I", size) + b"a" * size + b"q\x000](" + one * 100 + b"e."
    with pytest.raises(CheckpointError, match="encodes more than it holds"):
        read_arrays(file_of(tmp_path, content))


def test_damage_never_ends_in_a_traceback(tmp_path):
    good = pickle.dumps(ARRAYS, 2)
    rng = np.random.default_rng(1)
    for _ in range(2000):
        data = bytearray(good)
        for _ in range(rng.integers(1, 4)):
            data[rng.integers(len(data))] = rng.integers(256)
        if rng.random() < 0.3:
            del data[rng.integers(len(data)) :]
        with contextlib.suppress(CheckpointError):  # any other error fails the test
            read_arrays(file_of(tmp_path, bytes(data)))


def test_a_missing_file(tmp_path):
    with pytest.raises(UsageError, match="name a file of weights"):
        read_arrays(str(tmp_path / "none.pkl"))


def test_the_arrays_are_views_of_the_file(tmp_path):
    big = np.zeros(1_000_000, np.float32)
    file = io.BytesIO()
    pickle.dump([big], file, 4)
    (array,) = read_arrays(file_of(tmp_path, file.getvalue()))
    assert not array.flags.owndata
