"""Files of word vectors: four forms, what is kept of them, and damaged ones."""

import gzip
import tracemalloc

import numpy as np
import pytest

from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.text.vector_file import FASTTEXT_MODEL
from rnnlm_cli.text.vectors import read_vectors

WORDS = {"the": [0.5, -1.25, 3], "a": [0.1, 2e-5, -0.0625], "나는": [1, 2, 3], "IT": [7, 8, 9]}
TOKENS = ["나는", "<unk>", "The", "a", "it"]


def lines(end="\n"):
    return "".join(f"{w} {' '.join(map(str, v))}{end}" for w, v in WORDS.items())


def binary(after=b"\n"):
    entries = [w.encode() + b" " + np.array(v, "<f4").tobytes() for w, v in WORDS.items()]
    return b"4 3\n" + b"".join(entry + after for entry in entries)


FORMS = {
    "GloVe": lines().encode(),
    "GloVe without the last line's end": lines().encode()[:-1],
    "word2vec, text": b"4 3\n" + lines(" \n").encode(),
    "fastText": b"4 3\n" + lines().encode(),
    "lines with carriage returns": b"4 3\r\n" + lines("\r\n").encode(),
    "word2vec, binary": binary(),
    "binary without line ends": binary(b""),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_vectors_of_the_vocabulary(tmp_path, form, packed):
    path = tmp_path / ("v.gz" if packed else "v")
    path.write_bytes(gzip.compress(FORMS[form]) if packed else FORMS[form])
    found = read_vectors(str(path), TOKENS, 3)
    assert found.exact.tolist() == [True, False, False, True, False]
    assert found.lowered.tolist() == [False, False, True, False, False]  # "IT" is not "it"
    expected = [WORDS["나는"], [0, 0, 0], WORDS["the"], WORDS["a"], [0, 0, 0]]
    np.testing.assert_array_equal(found.values, np.array(expected, np.float32))


@pytest.mark.parametrize("order", ["The the", "the The"])
def test_the_word_itself_is_better_than_that_in_lower_case(tmp_path, order):
    path = tmp_path / "v"
    first, second = order.split()
    path.write_text(f"{first} 1 2\n{second} 3 4\nThe 5 6\nthe 7 8\n", encoding="utf-8")
    found = read_vectors(str(path), ["The", "the", "THE"], 2)
    by_word = {first: [1, 2], second: [3, 4]}  # of equal words the first counts
    expected = [by_word["The"], by_word["the"], by_word["the"]]
    np.testing.assert_array_equal(found.values, expected)
    assert found.lowered.tolist() == [False, False, True]


def test_a_word_may_have_spaces_and_need_not_be_unicode(tmp_path):
    """As in GloVe's and word2vec's largest files."""
    path = tmp_path / "v"
    path.write_bytes(b"a 1 2\n. . . 3 4\n\xff\xfe 5 6\n\nb 7 8\n")
    found = read_vectors(str(path), ["a", "b", ". . ."], 2)
    np.testing.assert_array_equal(found.values, [[1, 2], [7, 8], [3, 4]])


def test_a_binary_file_whose_numbers_have_bytes_of_lines_and_spaces(tmp_path):
    """A float may hold the bytes of a newline and of digits."""
    path = tmp_path / "v"
    numbers = np.frombuffer(b"\n1 2\n\n  5.5\n", "<f4")
    path.write_bytes(b"2 3\nx " + numbers.tobytes() + b"\ny " + numbers.tobytes() + b"\n")
    found = read_vectors(str(path), ["y"], 3)
    np.testing.assert_array_equal(found.values, [numbers])


@pytest.mark.parametrize("form", ["text", "binary"])
def test_of_a_long_file_only_the_wanted_vectors_are_in_memory(tmp_path, form):
    rng, path = np.random.default_rng(0), tmp_path / "v"
    numbers = rng.standard_normal((10, 100)).astype(np.float32)
    rows = [
        row.tobytes() if form == "binary" else " ".join(map(str, row)).encode() for row in numbers
    ]
    entries = [b"w%d " % k + rows[k % 10] for k in range(4000)]
    path.write_bytes(b"\n".join([b"4000 100", *entries, b""]))
    assert path.stat().st_size > 1_600_000
    tracemalloc.start()
    found = read_vectors(str(path), ["w3999", "w0", "w1501"], 100)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(found.values, numbers[[9, 0, 1]])
    assert peak < 1_200_000


DAMAGED = {
    "empty": (b"", r"v: line 1: is not a word and its numbers"),
    "prose": (b"You say hello and I say\n", r"line 1: is not a word and its numbers"),
    "a zip archive": (b"PK\3\4\0\0\0", r"line 1: is not a word and its numbers"),
    "fastText's model": (FASTTEXT_MODEL + b"\0\1 2", r"is a fastText model; name its"),
    "a short line": (b"the 1 2 3\na 1 2\n", r"line 2: has 2 numbers instead of 3; download"),
    "a short line of a counted file": (b"2 3\nx 1 2 3\na 1 2", r"line 3: has 2 numbers instead"),
    "no number": (b"the 1 2 3\na 1 x 3\n", r"line 2: the vector of 'a' is not 3 numbers"),
    "not a number": (b"a 1 nan 3\n", r"line 1: the vector of 'a' has nan"),
    "infinity": (b"a 1 -1e999 3\n", r"line 1: the vector of 'a' has -inf"),
    "a huge number": (
        binary().replace(np.float32(0.1).tobytes(), b"\xff\xff\x7f\x7f"),
        r"byte 22: the vector of 'a' has 3.40282e\+38",
    ),
    "too few lines": (b"3 3\na 1 2 3\nb 1 2 3\n", r"line 3: the file has 2 vectors; .* says 3"),
    "too many lines": (b"1 3\na 1 2 3\nb 1 2 3\n", r"line 3: .* more than 1 vectors"),
    "a count without vectors": (b"5 3\n", r"the file has 0 vectors; its first line says 5"),
    "a cut binary": (binary()[:-3], r"byte 57: the file ends within a vector"),
    "a binary of too few": (binary().replace(b"4 3", b"9 3"), r"has 4 vectors; .* says 9"),
    "a word without an end": (b"1 3\n" + b"\1" * 20_000, r"byte 5: a word of more than 10,000"),
    "a line without an end": (b"the 1 2 3\n" + b"x" * 20_000, r"line 2: is longer than 10,120 b"),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_file_is_refused_with_its_place(tmp_path, kind):
    content, said = DAMAGED[kind]
    path = tmp_path / "v"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=said):
        read_vectors(str(path), TOKENS, 3)


@pytest.mark.parametrize("content", [b"the 1 2\n", b"9 2\nx 1 2\n", b"9 99999999999999\nx"])
def test_another_size_is_refused_with_both(tmp_path, content):
    path = tmp_path / "v"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"v: has vectors of [\d,]+ numbers, but .* is 3; set mod"):
        read_vectors(str(path), TOKENS, 3)


def test_what_cannot_be_opened_or_decompressed_is_one_line(tmp_path):
    with pytest.raises(UsageError, match=r"gone: No such file or directory; name a file of word"):
        read_vectors(str(tmp_path / "gone"), TOKENS, 3)
    path = tmp_path / "v.gz"
    for content, said in (
        (b"the 1 2 3\n", "is not compressed with gzip"),
        (gzip.compress(FORMS["GloVe"])[:-9], "not a valid gzip file"),
    ):
        path.write_bytes(content)
        with pytest.raises(CorpusError, match=said):
            read_vectors(str(path), TOKENS, 3)
