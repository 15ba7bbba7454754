"""Pictures on a dark page."""

import re

from rnnlm_cli.report.dark import DARK, on_dark_pages
from rnnlm_cli.report.figure import draw
from rnnlm_cli.report.panels import COLORS, Line, Panel


def test_each_color_of_a_chart_has_one_for_dark_pages(tmp_path):
    path = str(tmp_path / "a.svg")
    lines = [Line(f"curve {k}", [1, 2], [k, 3], color=k) for k in range(len(COLORS))]
    panel = Panel(title="", x_label="steps", y_label="loss", lines=lines, reference=1.0)
    draw(path, [panel], legend=True, caption="a caption")
    svg = (tmp_path / "a.svg").read_text("utf-8")
    rules, shapes = re.split("</style>", svg, maxsplit=1)
    assert "@media (prefers-color-scheme:dark){text{fill:" in rules
    used = set(re.findall(r"(?:fill|stroke): (#\w+)", shapes))
    assert {color.lower() for color in COLORS} <= used
    assert used <= DARK.keys()
    for color in used:
        assert f'[style*="stroke: {color}"]{{stroke:{DARK[color]}!important}}' in rules


def test_only_the_first_style_sheet_is_changed():
    changed = on_dark_pages(b"<style>a{}</style><style>b{}</style>")
    assert changed.startswith(b"<style>a{}@media ")
    assert changed.endswith(b"}</style><style>b{}</style>")
