"""Dates as people write them, and as ISO 8601 does: ``Friday, May 12, 2006<TAB>2006-05-12``."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import islice

import numpy as np

from rnnlm_cli.checks import Range
from rnnlm_cli.corpora.split import HELD_OUT, Split
from rnnlm_cli.system.arrays import Ids

LINES = Range(60, 300_000, whole=True)

FIRST, LAST = datetime.date(1970, 1, 1), datetime.date(2068, 12, 31)
"""A year of two digits means one of these years, as in POSIX."""

MONTHS = (
    "January February March April May June July August September October November December".split()
)
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

FORMS = (
    "{month} {d}, {year}",
    "{mon} {d}, {year}",
    "{weekday}, {month} {d}, {year}",
    "{d} {month} {year}",
    "{d} {mon} {year}",
    "{weekday}, {d} {month} {year}",
    "{d}{th} of {month} {year}",
    "{m}/{d}/{yy}",
    "{m}/{d}/{year}",
    "{d}.{m}.{year}",
    "{year}/{mm}/{dd}",
    "{dd}-{mon}-{year}",
)
"""How people write dates; with slashes the month comes first, with dots the day."""

CASES = (str, str.lower, str.upper)


def dates(lines: int = 50_000, seed: int = 1) -> Split:
    r"""Return dates in many forms with their ISO form ("Deep Learning from Scratch 2", chapter 8).

    Months and weekdays are English, in normal, small or capital letters. No line occurs twice, and
    no date of one part occurs in another part in any form.

    Args:
        lines: How many, in all three parts together.
        seed: Of the draws.

    >>> dates(60, seed=1).valid[:2]
    ['21st of December 2051\t2051-12-21', 'Dec 3, 2030\t2030-12-03']
    """
    rng = np.random.default_rng(seed)
    days = rng.permutation((LAST - FIRST).days + 1)
    held_out, few = lines // HELD_OUT, len(days) // HELD_OUT
    valid, test, train = np.split(days, [few, 2 * few])
    parts = (train, lines - 2 * held_out), (valid, held_out), (test, held_out)
    return Split(*(list(islice(_lines(rng, days, count), count)) for days, count in parts))


def _lines(rng: np.random.Generator, days: Ids, count: int) -> Iterator[str]:
    """Yield different lines about some days after the first one, in no order."""
    seen = set[str]()
    while True:
        drawn = rng.integers([len(days), len(FORMS), len(CASES)], size=(count, 3)).tolist()
        for place, form, case in drawn:
            day = FIRST + datetime.timedelta(int(days[place]))
            text = CASES[case](written(day, FORMS[form]))
            if text not in seen:
                seen.add(text)
                yield f"{text}\t{day.isoformat()}"


def written(day: datetime.date, form: str) -> str:
    """Return a date in one of ``FORMS``.

    >>> written(datetime.date(2006, 5, 1), "{weekday}, {d}{th} of {month} {yy}")
    'Monday, 1st of May 06'
    """
    month = MONTHS[day.month - 1]
    teen = 11 <= day.day <= 13
    return form.format(
        year=day.year,
        yy=f"{day.year % 100:02}",
        month=month,
        mon=month[:3],
        m=day.month,
        mm=f"{day.month:02}",
        d=day.day,
        dd=f"{day.day:02}",
        th="th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th"),
        weekday=WEEKDAYS[day.weekday()],
    )
