"""Pictures of what a model learned, before they are drawn."""

import math

import numpy as np
import pytest

from rnnlm_cli.evaluate.next_token import Candidate
from rnnlm_cli.learned.calibration import Bin, Calibration
from rnnlm_cli.learned.embedding import Place
from rnnlm_cli.learned.gates import Gate, Gates
from rnnlm_cli.learned.memory import Distance, Memory
from rnnlm_cli.learned.neurons import Found, ScoredUnit
from rnnlm_cli.learned.surprise import Surprise
from rnnlm_cli.report.calibration import calibration_sheet, conclusions
from rnnlm_cli.report.colors import SEQUENTIAL, ink, shade
from rnnlm_cli.report.embedding import LETTER, tags
from rnnlm_cli.report.gates import gate_sheet
from rnnlm_cli.report.memory import conclusion, memory_table
from rnnlm_cli.report.neurons import found_table, neurons_page
from rnnlm_cli.report.page import Cell, Writer
from rnnlm_cli.report.surprise import surprise_page, surprise_values
from rnnlm_cli.text.codec.char import CharCodec
from rnnlm_cli.text.codec.word import WordCodec


def test_a_row_ends_where_there_is_no_room_and_at_an_end_of_line():
    writer = Writer(SEQUENTIAL, columns=10)
    writer.cells([Cell("한국", 1.0), Cell("abcd", None), Cell("ef", 0.0, (), True), Cell("g", 0.5)])
    page = writer.page
    placed = [(words.text, words.x) for words in page.words]
    assert placed == [("한국", 0), ("abcd", 4), ("ef", 8), ("g", 0)]
    first, last = page.words[0].y, page.words[3].y
    assert [words.y for words in page.words] == [first, first, first, last]
    assert last > first
    assert [(box.color, box.width) for box in page.boxes[:2]] == [("#7f2704", 4), ("#ffffff", 2)]
    assert page.words[0].color == "#ffffff"  # to be read on dark
    assert page.columns == 10


def test_a_surprise_is_darker_and_has_what_was_expected_below():
    expected = [Candidate("a", math.log(0.75)), Candidate("<eos>", math.log(0.004))]
    found = [
        Surprise("a", True, -math.log(0.75), 1, expected, 0.6),
        Surprise("zzz", False, math.log(8), 7, expected, 0.6),
        Surprise("<eos>", True, None, None, [], None),
    ]
    page = surprise_page(found, WordCodec(), 8, "m.pkl")
    texts = [words.text for words in page.words]
    assert texts[:2] == [
        "Surprise of m.pkl: 1.18 nats per token, perplexity 3.3, 2 tokens",
        "below a token: its nats (? if unknown), then the likeliest ones in its place",
    ]
    assert texts[2:11] == ["a", "0.3", "a 75%", "↵ <1%", "zzz", "2.1?", "a 75%", "↵ <1%", "↵"]
    assert page.boxes[1].color == shade(1, SEQUENTIAL)  # 1 of 8: as if it knew nothing
    values = surprise_values(found)
    assert values["tokens"][0]["expected"][0] == {"token": "a", "logprob": math.log(0.75)}
    assert values["tokens"][2]["nats"] is None


def test_units_are_drawn_once_each_with_spaces_as_spaces():
    values = np.array([-1.0, np.nan, 1.0])
    page = neurons_page(["a", " ", "\n"], [("one", values), ("two", -values)], CharCodec(), "t")
    assert [words.text for words in page.words[:10]] == [
        *("t", "one", "a", " ", "↵"),
        *("two", "a", " ", "↵", "-1"),
    ]
    assert [box.color for box in page.boxes[:4]] == ["#2166ac", "#b2182b", "#b2182b", "#2166ac"]


def test_scores_are_beside_what_they_compare_with():
    unit = ScoredUnit("layer0.7", 0.91234, 0.95, False)
    found = Found("quote", "inside a quotation", "AUC", [unit], 0.97, 0.6, 900, 600, 600, 0.25)
    assert found_table(found).splitlines() == [
        "quote: inside a quotation, true of 25.0% of the held-out tokens; units chosen on the "
        "first 600 tokens, scored on the next 300",
        "unit                     held-out AUC  fitted  where it holds",
        "layer0.7                        0.912   0.950             low",
        "all units together              0.970",
        "the current token alone         0.600",
    ]


def test_the_rows_of_all_gates_have_the_order_of_the_one_that_keeps():
    def gate(name, mean, keeps):
        mean = np.array(mean)
        return Gate("layer0", name, keeps, mean[np.newaxis] + 0.05, mean, mean, mean)

    gates = [gate("i", [0.1, 0.2], False), gate("f", [0.3, 0.9], True)]
    sheet = gate_sheet(Gates("LSTM", ["a"], 9, gates), WordCodec(), "m.pkl")
    (i, f), (saturation,) = sheet.rows
    np.testing.assert_allclose(f.marks[0].values, [[0.95], [0.35]])
    np.testing.assert_allclose(i.marks[0].values, [[0.25], [0.15]])
    assert [dots.label for dots in saturation.marks] == ["i", "f"]


def test_labels_of_a_map_cover_no_other_label_and_no_dot():
    places = [Place("left", 0, 0, "", 1), Place("here", 1, 1, "", 1), Place("same", 1, 1, "", 1)]
    places += [Place("near", 1 + LETTER[0] / 4, 1, "", 1)]
    found = tags(places)
    assert [(tag.text, tag.left) for tag in found] == [
        ("left", False),
        ("here", True),
        ("near", False),
    ]


def test_what_calibration_says():
    bins = [Bin(60, 0.1, 0.2, 0.05), Bin(40, 0.95, 0.9, 0.05)]
    every = [Bin(9_000, 1e-6, 0, 0), Bin(900, 1e-2, 2e-2, 1e-3)]
    found = Calibration(100, bins, every, 0.08, 2.0, 1.5, 1.25, 2.0, 1.9)
    assert conclusions(found) == [
        "expected calibration error 8.00% over 100 targets",
        "2.0000 nats per token, and the model expects 1.5000",
        "too sure: at temperature 1.25 the held-out perplexity is 6.69 instead of 7.39",
    ]
    same = found._replace(nats_scaled=1.9999)
    assert conclusions(same)[2] == "no other temperature is clearly better"
    ((left, right),) = calibration_sheet(found, "m.pkl").rows
    assert list(left.marks[0].xs) == [0.15, 0.95]  # the middles of the bars
    assert right.marks[0].xs == [1e-2]  # what never came is not on a logarithmic axis


def test_what_memory_says():
    found = Memory(
        100, 50, 2.0, [Distance(1, 0.5, 0.1, 0.6, 0.1), Distance(10, 0.01, 0.1, 0.03, 0.1)]
    )
    assert conclusion(found) == (
        "within 1% of the loss: the last 10 tokens alone; all 100 tokens in order, and those "
        "before in any order"
    )
    whole = found._replace(distances=[*found.distances, Distance(100, 0, 0, 0, 0)])
    assert memory_table(whole).splitlines()[3].split() == [
        *("10", "+0.0100", "0.1000", "+0.0300", "0.1000")
    ]


@pytest.mark.parametrize(("color", "readable"), [("#fdd0a2", "#000000"), ("#2166ac", "#ffffff")])
def test_text_can_be_read_on_a_color(color, readable):
    assert ink(color) == readable
