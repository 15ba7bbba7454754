"""The first lines of a text."""

import pytest

from rnnlm_cli.data.texts import beginning
from rnnlm_cli.text.codec.char import CharCodec
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.pieces import Piece

LINES = [Piece("a b c\n", True), Piece("d e", True), Piece("f\n", True), Piece("g h\n", True)]


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        (2, "a b c\n"),
        (4, "a b c\n"),  # with the end of the line
        (5, "a b c\nd e\n"),  # the end of a file ends a line
        (99, "a b c\nd e\nf\ng h\n"),
    ],
)
def test_it_ends_with_the_line_that_has_the_last_token(tokens, text):
    assert beginning(LINES, WordCodec(), tokens) == text


def test_no_more_is_read():
    lines = iter(LINES)
    beginning(lines, WordCodec(), 3)
    assert next(lines) == LINES[1]


def test_a_line_that_may_be_the_whole_text_is_cut():
    long = Piece("ab " * 100, False)
    assert beginning([LINES[0], long, long], WordCodec(), 6) == "a b c\nab ab "
    assert beginning([long, long], CharCodec(None), 7) == "ab ab a"
