"""The line of a bar, by values; a terminal only adds the width."""

import pytest

from rnnlm_cli.commands.shared.bars import PLAIN, bar_line, drawn, megabytes, tokens
from rnnlm_cli.system.width import display_width

FIGURES = ["12:39 left in all", "perplexity 123.45", "loss 4.816", "4,925 tokens/s"]


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (99, "epoch 2/3 [15] 45% | 12:39 left in all | perplexity 123.45 | loss 4.816 | 4,925 t/s"),
        (79, "epoch 2/3 [12] 45% | 12:39 left in all | perplexity 123.45 | loss 4.816"),
        (76, "epoch 2/3 [22] 45% | 12:39 left in all | perplexity 123.45"),
        (49, "epoch 2/3 [15] 45% | 12:39 left in all"),
        (29, "epoch 2/3 [15] 45%"),
        (24, "epoch 2/3 [10] 45%"),
        (23, "epoch 2/3 45%"),
        (12, "45%"),
        (2, ""),
    ],
)
def test_figures_go_before_the_bar_and_nothing_is_cut(columns, line):
    shown = bar_line("epoch 2/3", 0.4599, FIGURES, columns, PLAIN)
    assert display_width(shown) <= columns
    before, bracket, rest = line.replace("4,925 t/s", "4,925 tokens/s").partition("[")
    if bracket:
        width, _, after = rest.partition("]")
        line = before + drawn(0.4599, int(width), PLAIN) + after
        assert len(shown) == columns
    assert shown == line


def test_every_width_has_only_whole_parts():
    whole = {"epoch", "2/3", "100%", "|", *" ".join(FIGURES).split()}
    for columns in range(201):
        words = bar_line("epoch 2/3", 1.0, FIGURES, columns, PLAIN).replace("#", "").split()
        assert set(words) <= whole


def test_wide_letters_take_two_columns():
    line = bar_line("한국어.txt", 0.5, ["1.2 MB/s"], 40)
    assert display_width(line) == 40
    assert len(line) == 37


def test_without_a_total_there_is_no_bar():
    assert bar_line("ptb.txt", None, ["3.1 MB", "1.2 MB/s"], 30) == "ptb.txt 3.1 MB | 1.2 MB/s"
    assert bar_line("ptb.txt", None, ["3.1 MB", "1.2 MB/s"], 20) == "ptb.txt 3.1 MB"
    assert bar_line("ptb.txt", None, [], 5) == ""


@pytest.mark.parametrize(
    ("share", "bar"), [(0, "    "), (0.25, "█   "), (0.29, "█▏  "), (0.999, "███▉"), (1.2, "████")]
)
def test_a_bar_is_drawn_in_eighths(share, bar):
    assert drawn(share, 4) == bar


def test_amounts_are_short():
    assert tokens(6.1e9) == "6.1e9 tokens"
    assert megabytes(34_567_890) == "34.6 MB"
