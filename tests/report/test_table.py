"""Formatting of numbers and tokens."""

import pytest

from rnnlm_cli.report.table import columns, figure, visible


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (119.141, ",.2f", "119.14"),
        (23540.63, ",.2f", "23,540.63"),
        (999_999.99, ",.2f", "999,999.99"),
        (999_999.999, ",.2f", "1.00e+06"),  # rounded it has seven digits
        (1e6, ".2f", "1.00e+06"),
        (9.05126169e149, ",.2f", "9.05e+149"),
        (-9.05126169e149, "+.4f", "-9.05e+149"),
        (9.05126169e149, "+.4f", "+9.05e+149"),
        (0.25, "+.4f", "+0.2500"),
        (float("inf"), ",.2f", "inf"),
        (float("nan"), ",.2f", "nan"),
    ],
)
def test_a_large_figure_is_short(value, form, shown):
    assert figure(value, form) == shown


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        ("you", "you"),
        ("a\nb", r"'a\nb'"),
        (" ", "' '"),
        ("\x1b[1m", r"'\x1b[1m'"),
        ("한", "한"),
        ("\u1112", "ㅎ"),
        ("\u11ab", "-ㄴ"),
    ],
)
def test_a_token_in_a_table(token, shown):
    assert visible(token) == shown


def test_names_and_values_are_in_columns():
    assert columns({"tokens": "3", "corpus": "a.txt"}, 8) == ["tokens  3", "corpus  a.txt"]
