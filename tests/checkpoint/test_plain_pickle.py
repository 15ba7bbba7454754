import contextlib
import io
import os
import pickle
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlm_cli.checkpoint import plain_pickle
from rnnlm_cli.errors import CheckpointError


def dumped(value):
    file = io.BytesIO()
    plain_pickle.dump(value, file)
    return file.getvalue()


def load(data):
    return plain_pickle.load(io.BytesIO(data))


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(max_size=300),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=30)
@given(PLAIN)
def test_plain_values_come_back(value):
    assert load(dumped(value)) == value


@pytest.mark.parametrize("dtype", ["f4", "f8", "u1", "u2", "i8", ">f4"])
@pytest.mark.parametrize("shape", [(2, 3), (6, 1)])
def test_arrays_come_back(dtype, shape):
    array = np.arange(6).reshape(shape).astype(dtype)
    back = load(dumped({"a": [array]}))["a"][0]
    np.testing.assert_array_equal(back, array)
    assert back.dtype == np.dtype(dtype).newbyteorder("<")


def test_the_bytes_depend_only_on_the_values():
    word = "".join(["he", "llo"])
    assert dumped([word, word]) == dumped(["hello", "".join(["hel", "lo"])])
    same = [1, 2]
    assert dumped([same, same]) == dumped([[1, 2], [1, 2]])
    transposed = np.arange(6, dtype="f4").reshape(3, 2).T
    assert dumped(transposed) == dumped(np.ascontiguousarray(transposed))


def test_tuples_become_lists():
    assert load(dumped((1, ("a",)))) == [1, ["a"]]


@pytest.mark.parametrize("value", [np.float64(1), {1, 2}, object(), os.system, np.str_("a")])
def test_a_value_that_is_not_plain_is_refused(value):
    with pytest.raises(TypeError, match="not a plain value"):
        dumped([value])


class Hostile:
    def __reduce__(self):
        return (os.system, ("touch /tmp/rnnlm-was-here",))


HOSTILE = {
    f"protocol {n}": pickle.dumps({"config": [Hostile()]}, protocol=n)
    for n in range(pickle.HIGHEST_PROTOCOL + 1)
} | {
    "global": b"cos\nsystem\n.",
    "stack global": b"\x8c\x02os\x8c\x06system\x93.",
    "inst": b"(S'true'\nios\nsystem\n.",
    "obj": b"(cos\nsystem\nS'true'\no.",
    "extension": b"\x82\x01.",
    "persistent": b"Pid\n.",
    "memo": b"]\x94h\x00.",
    "next buffer": b"\x97.",
    "tuple": b"K\x01\x85.",
    "cut": b"\x80\x04",
    "empty": b"",
    "no stop": b"N",
    "past the stop": b"N.N.",
    "bytes longer than the file": b"\x8e" + struct.pack("<Q", 1 << 60) + b"abc.",
    "no mark": b"e.",
    "nothing on the stack": b".",
    "unhashable key": b"}]Ns.",
    "not utf-8": b"\x8c\x01\xff.",
    "future protocol": b"\x80\xffN.",
    "a key that is a number": b"}K\x01Ns.",
    "a key that is None": b"}(NNu.",
    "a key without a value": b"}(\x8c\x01au.",
    "an item of a list": b"]\x8c\x01aNs.",
    "appended to a number": b"K\x01Na.",
    "a mark left over": b"(N.",
    "a mark below what is taken": b"](NNa.",
    "two values": b"NN.",
    "a heap of numbers": b"](" + b"N" * 100_000 + b"e.",
    "a deep list": b"]" * 500 + b"a" * 499 + b".",
    "a heap of empty lists": b"](" + b"]" * 5000 + b"e.",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_and_damaged_pickles_are_refused_unexecuted(name, monkeypatch):
    monkeypatch.setattr(os, "system", lambda command: pytest.fail("code ran"))
    with pytest.raises(CheckpointError):
        load(HOSTILE[name])


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(CheckpointError):
        load(data)


@pytest.mark.parametrize(
    "forged",
    [
        {"dtype": "<f4", "shape": [1 << 40], "data": b"1234"},
        {"dtype": "<f4", "shape": [-1], "data": b"1234"},
        {"dtype": "<f4", "shape": [1 << 40, 0], "data": b""},
        {"dtype": "<f4", "shape": [1, True], "data": b"1234"},
        {"dtype": "|O", "shape": [1], "data": b"12345678"},
        {"dtype": "<f4", "shape": 1, "data": b"1234"},
        {"dtype": "<f4", "shape": [1], "data": "1234"},
        {"dtype": ["<f4"], "shape": [1], "data": b"1234"},
    ],
)
def test_forged_arrays_are_refused(forged):
    with pytest.raises(CheckpointError, match="do not match"):
        load(dumped(forged))


def colliding_keys(count):
    """Integers with the same hash: a dict of them takes quadratic time."""
    keys = b"".join(
        pickle.LONG1 + b"\x14" + (k * (2**61 - 1)).to_bytes(20, "little") + b"Ns"
        for k in range(1, count)
    )
    return b"}" + keys + b"."


def test_keys_cannot_be_made_to_collide():
    with pytest.raises(CheckpointError, match="key that is not text"):
        load(colliding_keys(1000))


@pytest.mark.parametrize(
    "item",
    [
        b"N",
        b"K\x01",
        b"]",
        b"}",
        b"\x8c\x00",
        b"\x8c\x03abc",
        b"\x8c\x02\xc3\xa9",
        b"C\x01a",
        b"\x8a\x00",
    ],
)
@pytest.mark.parametrize("batch", [1, 1_000, 8_000])
def test_memory_is_in_proportion_to_the_file(item, batch):
    data = b"]" + (b"(" + item * batch + b"e") * (8_000 // batch) + b"."
    tracemalloc.start()
    with contextlib.suppress(CheckpointError):
        load(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * len(data) + 200_000


def test_valid_files_with_many_small_values_are_read():
    history = [{"epoch": k, "valid_perplexity": None, "best": True} for k in range(10_000)]
    assert load(dumped(history)) == history
    numbers = list(range(100_000))
    assert load(dumped(numbers)) == numbers
