"""Ranges and other checks, and how errors quote values."""

import doctest
import math

import numpy as np
import pytest

from rnnlm_cli import checks, errors
from rnnlm_cli.checks import Range, check_flag, check_text
from rnnlm_cli.errors import MOST_LINE, MOST_QUOTED, UsageError, one_line, quoted


@pytest.mark.parametrize("module", [checks, errors])
def test_the_examples(module):
    result = doctest.testmod(module)
    assert result.attempted >= 1
    assert result.failed == 0


@pytest.mark.parametrize(
    ("limits", "inside", "outside"),
    [
        (Range(0, whole=True), [0, 10**40, np.int64(3)], [-1, 1.0, True, "1", None, math.nan]),
        (Range(1, 3, whole=True), [1, 3, np.uint8(2)], [0, 4, np.int8(-1), 2.0]),
        (Range(0, 1), [0, 1, 0.5, np.float32(0.5)], [-1e-9, 1.1, math.nan, math.inf, "0.5", False]),
        (Range(0, 1, low_open=True), [1e-300, 1], [0, -0.0, 2]),
        (Range(0, 1, high_open=True), [0, 0.99], [1, -1]),
        (Range(0), [0, 1e300], [math.inf, -1, math.nan]),
    ],
)
def test_ranges(limits, inside, outside):
    for value in inside:
        limits.check("n", value)
    for value in outside:
        with pytest.raises(UsageError, match=r"^n: .* is not a (whole )?number"):
            limits.check("n", value)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Range(0, 10**12, whole=True), "a whole number from 0 to 1,000,000,000,000"),
        (Range(1, whole=True), "a whole number of at least 1"),
        (Range(1e-6, 1e6), "a number from 1e-06 to 1,000,000"),
        (Range(0, low_open=True), "a number above 0"),
        (Range(0, 1, low_open=True, high_open=True), "a number above 0 and below 1"),
        (Range(0, 1, high_open=True), "a number of at least 0 and below 1"),
    ],
)
def test_ranges_in_words(limits, words):
    assert str(limits) == words


def test_text_and_flags():
    check_text("start", "")
    check_flag("bos", False)
    for value in (None, b"a", 3, ["a"]):
        with pytest.raises(UsageError, match=r"^start: .* is not text; give a string$"):
            check_text("start", value)
    with pytest.raises(UsageError, match="start: must not be empty"):
        check_text("start", "", empty=False)
    for value in (1, 0, None, "yes"):
        with pytest.raises(UsageError, match=r"^bos: .* is not True or False$"):
            check_flag("bos", value)


@pytest.mark.parametrize(
    "value",
    ["a" * 10**6, "a b " * 10**5, b"x" * 10**5, 10**5000, list(range(10**5)), "\u0301e"],
    ids=lambda value: type(value).__name__,
)
def test_little_of_a_value_is_quoted(value):
    assert len(quoted(value)) <= MOST_QUOTED
    assert quoted(value).isascii()


def test_an_error_is_one_short_line_whatever_it_quotes():
    digest = "0123456789abcdef" * 4
    path = "/".join(["folder"] * 30)
    short = f"{path}/a.txt: SHA-256 is {digest}; fetch it again"
    assert one_line(short) == short
    for text in ("w" * 10**6, "w " * 10**6, "/w" * 10**6, "\x1b" * 10**5, "w\n" * 10**5):
        line = str(UsageError(f"a.txt: '{text}' is not known; do that"))
        assert line.startswith("a.txt: ")
        assert line.endswith(" is not known; do that")
        assert "\n" not in line
        assert len(line) <= MOST_LINE
    word = str(UsageError(f"a.txt: '{'w' * 10**6}' is not known"))
    assert len(word) < 100
