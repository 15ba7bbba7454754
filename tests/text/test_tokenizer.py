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


@pytest.mark.parametrize("tokenizer", [WORD, CHAR, Tokenizer(end_of_line=None)])
@pytest.mark.parametrize("piece", [Piece("one 둘  three\n", True), Piece("one two ", False)])
def test_a_part_of_a_piece_has_a_part_of_its_tokens(tokenizer, piece):
    tokens = tokenizer.tokens(piece)
    for cut in range(len(tokens) + 1):
        parts = [tokenizer.part(piece, 0, cut), tokenizer.part(piece, cut, len(tokens))]
        assert [t for part in parts if part.text for t in tokenizer.words(part.text)] == (
            tokenizer.words(piece.text)
        )
        if cut < len(tokens):
            assert tokenizer.tokens(parts[0]) == tokens[:cut]
            assert tokenizer.tokens(parts[1]) == tokens[cut:]
            assert parts[1].ends_line == piece.ends_line


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
