"""Where in a picture a value is drawn."""

import doctest
import re

import pytest

from rnnlm_cli.report.charts import Bars, Chart, Curve, Dots
from rnnlm_cli.report.html import axes
from rnnlm_cli.report.html.axes import Axis, axis_over
from rnnlm_cli.report.html.frames import MOST_POINTS, thinned
from rnnlm_cli.report.html.svg import figures
from rnnlm_cli.report.panels import Line, Panel


def test_ticks_are_round_and_within_the_axis():
    assert doctest.testmod(axes).failed == 0
    assert Axis(0.13, 0.27).ticks() == pytest.approx([0.15, 0.2, 0.25])
    assert Axis(1e-7, 1, True).ticks() == pytest.approx([1e-7, 1e-5, 1e-3, 0.1])
    assert Axis(100, 150, True).ticks() == pytest.approx([100, 110, 120, 130, 140, 150], abs=11)
    assert Axis(10, 1000, True).share(100) == pytest.approx(0.5)
    for values in ([], [5.0], [0.0, 0.0], [float("nan"), 3.0], [-1.0, 1e300]):
        axis = axis_over(values)
        assert axis.low < axis.high
        assert all(axis.low <= tick <= axis.high for tick in axis.ticks())
    assert axis_over([0.0, -2.0, 7.0], logarithmic=True).low > 0


def test_the_extremes_of_a_long_curve_are_kept():
    points = [(float(k), 0.0) for k in range(10_000)]
    points[1234], points[4321] = (1234.0, 9.0), (4321.0, -9.0)
    few = thinned(points)
    assert {(1234.0, 9.0), (4321.0, -9.0)} < set(few)
    assert few == sorted(few)
    assert len(few) <= MOST_POINTS
    assert thinned(points[:3]) == points[:3]


def test_a_chart():
    chart = Chart(
        "a < b",
        "x",
        "y",
        [
            Curve("line", [0, 0.5, 1], [0, 0.25, 7], 0, [0.1, 0.1, 0.1], "o--"),
            Bars("bar", [0.5], [0.5], 0.2, 1),
            Dots("dot", [1], [1], 2),
        ],
        limits=(0, 1, 0, 1),
    )
    shown = figures([chart])
    assert "<figcaption>a &lt; b</figcaption>" in shown
    # the axes are from 58 to 390, and from 210 up to 8; 7 is far above
    assert 'd="M58.0 210.0L224.0 159.5L390.0 -500.0"' in shown
    assert 'stroke-dasharray="5 3"' in shown
    assert 'd="M224.0 179.7V139.3"' in shown  # 0.15 to 0.35
    assert 'x="191.3" y="109.0" width="65.4" height="101.0" class="bar c1"' in shown
    assert re.findall(r'<circle cx="(\S+)" cy="(\S+)" r="2.4" class="dot (c\d)"', shown) == [
        ("58.0", "210.0", "c0"),
        ("224.0", "159.5", "c0"),  # and not the one that is above
        ("390.0", "8.0", "c2"),
    ]
    assert [said.split(">")[-1] for said in re.findall(r"<li>(.*?)</li>", shown)] == [
        "line",
        "dot",
        "bar",
    ]


def test_the_axis_shows_errors_and_a_curve_without_a_style_is_these_alone():
    shown = figures([Chart("", "x", "y", [Curve("interval", [1, 2], [0, 0], 3, [4, 1], "")])])
    (low, high), other = re.findall(r'd="M\S+ (\S+)V(\S+)" class="line c3"', shown)
    assert (float(low) + float(high)) / 2 == pytest.approx((210 + 8) / 2, abs=0.1)
    assert float(low) - float(high) == pytest.approx(202 / 1.08, abs=0.1)
    assert float(other[0]) - float(other[1]) == pytest.approx(202 / 1.08 / 4, abs=0.1)
    assert "<circle" not in shown
    assert shown.count('d="M0 5H24"') == 1  # in the legend


def test_panels_with_one_legend():
    lines = [
        Line("run", [1, 10], [1.0, 100.0], (0, (5, 1.5)), 1, star=1),
        Line("", [1, 2], [float("nan"), 0.0], "-", 2),  # neither is on a logarithmic axis
    ]
    panels = [Panel("p", "steps", "loss", lines, True, 1.0)] * 2
    shown = figures(panels, one_legend=True)
    assert shown.count("</li>") == 1
    assert shown.count('class="reference"') == 2
    assert shown.count('class="line c1"') == 3  # with the legend's
    assert 'class="line c2"' not in shown
    assert shown.count("translate(") == 4  # a star and a turned label each
    assert 'stroke-dasharray="15 4.5"' in shown
