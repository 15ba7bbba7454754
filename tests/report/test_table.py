"""Formatting of numbers and tokens."""

import pytest

from rnnlm_cli.report.table import aligned, columns, duration, figure, padded, visible, with_values


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (119.141, ",.2f", "119.14"),
        (23540.63, ",.2f", "23,540.63"),
        (999_999.99, ",.2f", "999,999.99"),
        (999_999.999, ",.2f", "1.0e6"),  # rounded it has seven digits
        (1e6, ".2f", "1.0e6"),
        (9.05126169e149, ",.2f", "9.1e149"),
        (-9.05126169e149, "+.4f", "-9.1e149"),
        (9.05126169e149, "+.4f", "+9.1e149"),
        (0.25, "+.4f", "+0.2500"),
        (float("inf"), ",.2f", "inf"),
        (float("nan"), ",.2f", "nan"),
    ],
)
def test_a_large_figure_is_short(value, form, shown):
    assert figure(value, form) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.4, "0:00"),
        (59.6, "1:00"),
        (3409, "56:49"),
        (3599.7, "1:00:00"),
        (3723, "1:02:03"),
        (359_999, "99:59:59"),
        (1e6, "11.6 days"),
        (6.1e9 * 86400, "6.1e9 days"),
        (float("inf"), "inf days"),
    ],
)
def test_a_time_is_in_hours_and_minutes(seconds, shown):
    assert duration(seconds) == shown


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


def test_columns_without_a_value_are_left_out():
    rows = [["a", "b", "c", "d"], ["1", "-", "", "-"], ["2", "-", "-", "4"]]
    assert with_values(rows) == [["a", "d"], ["1", "-"], ["2", "4"]]


def test_wide_characters_do_not_shift_a_table():
    assert padded("책을", 6) == "책을  "
    assert padded("책을", 6, right=True) == "  책을"
    assert padded("책을", 3) == "책을"
    assert columns({"책": "1", "book": "2"}, 6) == ["책    1", "book  2"]
    rows = [aligned(row, (2, -6)) for row in ("1\t책을\tx\ty", "10\tbooks\tz")]
    assert rows == ["1     책을  x\ty", "10   books  z"]
