import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.text.detokenizer import Detokenizer, join_tokens
from rnnlm_cli.text.reader import Piece
from rnnlm_cli.text.tokenizer import Tokenizer

WORD, CHAR = Tokenizer(), Tokenizer("char", end_of_line=None)


@pytest.mark.parametrize(
    ("tokenizer", "piece", "tokens"),
    [
        (WORD, Piece("You say\tgoodbye\n", True), ["You", "say", "goodbye", "<eos>"]),
        (WORD, Piece("\n", True), ["<eos>"]),
        (WORD, Piece("part of a line ", False), ["part", "of", "a", "line"]),
        (Tokenizer(end_of_line=None), Piece("a b\n", True), ["a", "b"]),
        (Tokenizer(lowercase=True), Piece("You SAY\n", True), ["you", "say", "<eos>"]),
        (CHAR, Piece("가 b\n", True), ["가", " ", "b", "\n"]),
        (Tokenizer("char", "<eos>"), Piece("ab\n", True), ["a", "b", "<eos>"]),
    ],
)
def test_cutting(tokenizer, piece, tokens):
    assert tokenizer.tokens(piece) == tokens


def test_characters_count_one_separator_a_word_and_one_an_end_of_line():
    assert [WORD.characters(t) for t in ("hello", "<eos>", "안녕")] == [6, 1, 3]
    assert CHAR.characters("\n") == 1


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_characters_joined_again_are_the_text(text):
    assert join_tokens(CHAR.tokens(Piece(text, True)), CHAR) == text


@given(st.lists(st.text(st.sampled_from("ab가é"), min_size=1)))
def test_words_joined_again_are_the_words(words):
    assert WORD.words(join_tokens(words, WORD)) == words


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("you say goodbye , and i say hello .", "you say goodbye, and i say hello."),
        ("he said <eos> the ( first ) one", "he said\nthe (first) one"),
        ("it 's $ 5 n't", "it's $5n't"),
        ("`` so '' he asked ?", "``so'' he asked?"),
    ],
)
def test_punctuation_is_attached(tokens, text):
    assert join_tokens(tokens.split(), WORD) == text


def test_the_pieces_are_the_text_one_token_at_a_time():
    detokenizer = Detokenizer(WORD)
    assert [detokenizer.piece(t) for t in ("a", ",", "b", "<eos>", "c")] == [
        "a",
        ",",
        " b",
        "\n",
        "c",
    ]
