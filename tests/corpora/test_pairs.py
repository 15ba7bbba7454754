"""Generated lines of two columns: sums and dates."""

import datetime

import pytest

from rnnlm_cli.corpora.addition import addition
from rnnlm_cli.corpora.dates import CASES, FORMS, dates, written
from rnnlm_cli.errors import UsageError


def pairs(parts):
    return [[line.split("\t") for line in part] for part in parts]


def test_sums_are_right_and_what_is_held_out_is_new():
    train, valid, test = pairs(addition(2_000, 3))
    every = [*train, *valid, *test]
    assert (len(train), len(valid), len(test)) == (1_800, 100, 100)
    numbers = [sorted(map(int, source.split("+"))) for source, _ in every]
    assert [sum(two) for two in numbers] == [int(target) for _, target in every]
    assert len({tuple(two) for two in numbers}) == 2_000
    digits = [len(str(number)) for two in numbers for number in two]
    assert all(digits.count(n) > 1_000 for n in (1, 2, 3))


def test_more_sums_than_there_are_is_refused():
    assert len(addition(60, 2).train) == 54
    with pytest.raises(UsageError, match="lines: 200 is more than half of the 55 sums"):
        addition(200, 1)


@pytest.mark.parametrize("make", [addition, dates])
def test_a_seed_makes_the_same_lines(make):
    assert make(100, seed=3) == make(100, seed=3) != make(100, seed=4)


def test_a_line_of_dates_is_one_of_the_forms_and_its_date_is_in_one_part():
    parts = pairs(dates(1_500))
    assert [len(part) for part in parts] == [1_350, 75, 75]
    days = [{target for _, target in part} for part in parts]
    assert len(set.union(*days)) == sum(map(len, days))
    for source, target in [*parts[0][:100], *parts[1]]:
        day = datetime.date.fromisoformat(target)
        assert source in {case(written(day, form)) for form in FORMS for case in CASES}
    assert len({source for part in parts for source, _ in part}) == 1_500


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("{weekday}, {month} {d}, {year}", "Saturday, March 1, 2008"),
        ("{d}{th} of {mon} {year}", "1st of Mar 2008"),
        ("{m}/{d}/{yy}", "3/1/08"),
        ("{year}/{mm}/{dd}", "2008/03/01"),
    ],
)
def test_forms_of_a_date(form, expected):
    assert written(datetime.date(2008, 3, 1), form) == expected


def test_ordinals():
    days = [datetime.date(2008, 3, day) for day in (2, 3, 4, 11, 12, 13, 21, 22, 23, 31)]
    expected = "2nd 3rd 4th 11th 12th 13th 21st 22nd 23rd 31st"
    assert " ".join(written(day, "{d}{th}") for day in days) == expected
