"""The table of words gives the numbers that a dictionary gives, whatever is in a text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlm_cli.text import word_numbers
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.numbering import Types
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.word_numbers import LONGEST, WordNumbers

SHARED = "abcdefgh"  # the first integer of many words
WORDS = [
    *(SHARED[:size] for size in range(1, 9)),
    *(SHARED + "ij" * size for size in range(5)),
    *("x" * size for size in (LONGEST - 1, LONGEST, LONGEST + 1, 40)),
    *("a\0", "a\0\0", "\0", "é", "café", "naïveté\u0301", "x\xa0y", "\u2028", "\x85", "~"),
]
TEXTS = st.lists(st.sampled_from([*WORDS, *" \n\t\v\f\r\x1c\x1f", "  "]), max_size=60).map("".join)


@pytest.mark.parametrize("end", ["<eos>", None])
@settings(max_examples=60, deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=3))
def test_the_numbers_are_those_of_a_dictionary(end, texts):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_numbers, "LEAST_TEXT", 0)
        patch.setattr(word_numbers, "MOST_BYTES", 9)
        patch.setattr(word_numbers, "SLOT_BITS", 2)  # so that words take each other's slots
        types, others = Types(), Types()
        table, codec = WordNumbers(types.__getitem__, end is not None), WordCodec(end, False, None)
        for text in texts:
            plain = [others[word] for word in codec.split_block(Piece(f"{text}\n", True))]
            found = table.of(f"{text}\n")
            if found is None:  # only for white space beyond ASCII
                assert not text.isascii()
                found = [types[word] for word in codec.split_block(Piece(f"{text}\n", True))]
            assert [*found] == plain
        assert list(types) == list(others)


def test_a_word_is_asked_for_once_as_long_as_it_keeps_its_slot():
    asked = list[str]()

    def number_of(word):
        asked.append(word)
        return len(word)

    table = WordNumbers(number_of, newline=True)
    text = "one three abcdefghijklmno abcdefghijklmnop\n" * 100
    for _ in range(2):
        assert table.of(text).tolist() == [3, 5, 15, 16, 1] * 100
    assert len(asked) == 500 + 100  # all of the first text; then only the long word
    assert asked.count("three") == 100


def test_a_text_that_does_not_suit_is_left_to_the_caller():
    table = WordNumbers(len, newline=True)
    assert table.of("a short one\n") is None
    assert table.of("나는 학교에 간다\n" * 1000) is None
    assert table.of("un\xa0café noir, one two three\n" * 1000) is None
    assert len(table.of("un café noir, one two three\n" * 1000)) == 7000
