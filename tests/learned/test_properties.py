"""Properties of a text, character by character."""

import numpy as np
import pytest

from rnnlm_cli.errors import UsageError
from rnnlm_cli.learned.properties import PROPERTIES, property_named


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("quote", 'a "b" c', "0011000"),
        ("quote", "“a” «b»", "1100110"),
        ("quote", '"a\n\nb"c', "1110011"),
        ("bracket", "a(b[c])d)", "011111000"),
        ("bracket", "(a\n\nb", "11100"),
        ("capitals", "AB c\nDe", "0110000"),
        ("capitals", "A B:\nC", "001100"),
        ("number", "a12 3", "01101"),
        ("line-length", "ab\ncd", "12012"),
        ("word-length", "ab c", "1201"),
        ("sentence-length", "a. b!", "10120"),
        ("indentation", "  a b\n c", "12222011"),
    ],
)
def test_after_each_character(name, text, values):
    assert PROPERTIES[name].values(list(text)).tolist() == [float(value) for value in values]


def test_what_comes_next_is_not_known_of_the_last_token():
    found = PROPERTIES["word-end"].values(list("ab c"))
    np.testing.assert_array_equal(found, [0, 1, 0, np.nan])
    found = PROPERTIES["line-end"].values(["a", " b", "\n", "c"])
    np.testing.assert_array_equal(found, [0, 1, 0, np.nan])


def test_words_count_with_their_characters():
    assert PROPERTIES["line-length"].values(["one", " two", "\n"]).tolist() == [3, 7, 0]


def test_treebanks_have_their_own_quotation_marks_and_brackets():
    pieces = ["``", " so", " ''", " -lrb-", " he", " -RRB-"]
    assert PROPERTIES["quote"].values(pieces).tolist() == [1, 1, 0, 0, 0, 0]
    assert PROPERTIES["bracket"].values(pieces).tolist() == [0, 0, 0, 1, 1, 0]


def test_an_unknown_property_is_refused():
    with pytest.raises(UsageError, match="'verb' is none of quote, bracket"):
        property_named("verb")
