import pytest

from rnnlm_cli.plan.survey import EXCERPT_CHARACTERS, survey
from rnnlm_cli.text.pieces import Piece

RAW = 'She said: "No, not now."\nNo?\n\nNo?\n'
TOKENIZED = "she said : no , not now .\nno ?\n"


def lines(text):
    return [Piece(line, True) for line in text.splitlines(keepends=True)]


def test_words_lines_and_characters_are_counted():
    found = survey(lines(RAW))
    assert (found.bytes, found.characters, found.is_whole) == (34, 34, True)
    assert (found.lines, found.repeated_lines, found.longest_line) == (4, 1, 24)
    assert (found.words, found.types, found.once) == (7, 6, 5)
    assert found.glued == 5  # said: "No, now." No? No?
    assert found.alphabet == len(set(RAW))
    assert found.excerpt == RAW


def test_a_long_line_in_pieces_is_one_line():
    found = survey([Piece("a b ", False), Piece("c\n", True, False), Piece("a b c", True)])
    assert (found.lines, found.words, found.longest_line) == (2, 6, 5)


@pytest.mark.parametrize(
    ("text", "script"),
    [("café 1", "LATIN"), ("나는 책을 읽었다 OK", "HANGUL"), ("漢字かな 漢字", "CJK"), ("1 2", "")],
)
def test_the_script_is_that_of_most_letters(text, script):
    assert survey([Piece(text, True)]).script == script


@pytest.mark.parametrize(
    ("text", "tokenized"),
    [
        (TOKENIZED, True),
        ("the <unk> said N\n", True),  # as the Penn Treebank, without punctuation
        (RAW, False),
        ("no punctuation in a poem\n", False),
        ("나는 책을 읽었다.\n나는 갔다.\n", False),
        ("Mr. Smith 's dogs' house , he said .\n", True),
    ],
)
def test_a_text_that_was_split_into_tokens_is_known_by_its_punctuation(text, tokenized):
    assert survey(lines(text)).is_tokenized == tokenized


def test_of_a_long_text_the_beginning_is_examined():
    def endless():
        while True:
            yield Piece("한 글\n", True)

    found = survey(endless(), most_bytes=100)
    assert (found.bytes, found.lines, found.is_whole) == (104, 13, False)


def test_the_excerpt_is_limited():
    piece = Piece("a" * 1000 + "\n", True)
    found = survey([piece] * (EXCERPT_CHARACTERS // 1000 + 10))
    assert EXCERPT_CHARACTERS <= len(found.excerpt) <= EXCERPT_CHARACTERS + 1001
