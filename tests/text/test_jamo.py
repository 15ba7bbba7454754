"""Hangul letters: what is a token, and that they are composed again."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlm_cli.text.codec.jamo import JamoCodec
from rnnlm_cli.text.reader import Piece

JAMO = JamoCodec(None, normalize=None)
G, N, A, OH, FINAL_N, FINAL_GS = "\u1100", "\u1102", "\u1161", "\u1169", "\u11ab", "\u11aa"


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("가난 n", [G, A, N, A, FINAL_N, " ", "n"]),
        ("ㅋㅋ ㅏ", ["ㅋ", "ㅋ", " ", "ㅏ"]),  # compatibility jamo are characters
        (f"가{A}", [G, A, f"={A}"]),
        (f"{G}나", [f"={G}", N, A]),
        ("\u1112\u119e\u11ab", ["=\u1112", "\u119e", "=\u11ab"]),  # Old Korean
        ("한\n", [*unicodedata.normalize("NFD", "한"), "\n"]),
        ("==", ["=", "="]),
    ],
)
def test_tokens(text, tokens):
    assert JAMO.split(text) == tokens
    assert JAMO.decode(tokens) == text


@pytest.mark.parametrize("form", ["NFD", "NFC"])
def test_a_decomposed_text_has_the_same_syllables(form):
    assert JAMO.split(unicodedata.normalize(form, "가난한 값")) == JAMO.split("가난한 값")
    assert JAMO.split("가\u11a8") == JAMO.split("각")
    assert JAMO.split("각\u11a8") == [*JAMO.split("각"), "=\u11a8"]


HANGUL = st.characters(min_codepoint=0x1100, max_codepoint=0x11FF) | st.characters(
    min_codepoint=0xAC00, max_codepoint=0xD7A3
)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]) | HANGUL | st.sampled_from("=\nㅋ 가각")))
def test_any_composed_text_comes_back(text):
    text = unicodedata.normalize("NFC", text)
    assert JAMO.decode(JAMO.split(text)) == JAMO.join(JAMO.split(text)) == text


def test_a_syllable_is_written_when_it_cannot_grow():
    write = JamoCodec("<eos>").decoder()
    tokens = [G, A, FINAL_N, G, A, N, OH, " ", G, A, "<eos>", N]
    assert [write(t) for t in tokens] == ["", "", "간", "", "", "가", "", "노 ", "", "", "가\n", ""]
    assert (write.end(), write.end()) == ("ㄴ", "")


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ([A, A, G], "ㅏㅏㄱ"),
        ([G, A, FINAL_N, FINAL_GS], "간ㄳ"),
        ([G, FINAL_N, A, "a"], "ㄱㄴㅏa"),
        ([G, G, A, A], "ㄱ가ㅏ"),
    ],
)
def test_letters_of_no_syllable_are_written_by_themselves(tokens, text):
    assert JAMO.decode(tokens) == text


def test_a_syllable_is_one_character_whatever_its_letters():
    types = JAMO.split(f"한가{A}a\n")
    characters, size = JAMO.sizes(types)
    assert characters.tolist() == [1, 0, 0, 1, 0, 1, 1, 1]
    assert size.tolist() == [3, 0, 0, 3, 0, 3, 1, 1]


def test_a_text_is_cut_between_syllables():
    piece = Piece("한 가\n", True)
    tokens = JAMO.tokens(piece)
    cuts = [k for k in range(1, len(tokens)) if JAMO.begins(tokens[k - 1], tokens[k])]
    assert cuts == [3, 4, 6]
    for cut in cuts:
        parts = [JAMO.part(piece, 0, cut), JAMO.part(piece, cut, len(tokens))]
        assert [JAMO.tokens(part) for part in parts] == [tokens[:cut], tokens[cut:]]
