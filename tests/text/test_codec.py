import unicodedata
from itertools import product
from typing import get_args, get_type_hints

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.text.codec import CODECS, codec_from_plain
from rnnlm_cli.text.codec.char import CharCodec
from rnnlm_cli.text.codec.jamo import JamoCodec
from rnnlm_cli.text.codec.prose import ProseCodec
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.reader import Piece
from rnnlm_cli.text.vocabulary import Vocabulary

WORD, CHAR, PROSE, JAMO = WordCodec(), CharCodec(None), ProseCodec(), JamoCodec(None)


@pytest.mark.parametrize(
    ("codec", "piece", "tokens"),
    [
        (WORD, Piece("You say\tgoodbye\n", True), ["You", "say", "goodbye", "<eos>"]),
        (WORD, Piece("\n", True), ["<eos>"]),
        (WORD, Piece("part of a line ", False), ["part", "of", "a", "line"]),
        (WordCodec(end_of_line=None), Piece("a b\n", True), ["a", "b"]),
        (WordCodec(lowercase=True), Piece("You SAY\n", True), ["you", "say", "<eos>"]),
        (CHAR, Piece("가 b\n", True), ["가", " ", "b", "\n"]),
        (CharCodec("<eos>"), Piece("ab\n", True), ["a", "b", "<eos>"]),
        (PROSE, Piece("(Say: no.)\n", True), ["(", "Say", ":", "no", ".", ")", "<eos>"]),
        (ProseCodec(None, lowercase=True), Piece("SAY, no\n", True), ["say", ",", "no"]),
        (JAMO, Piece("가b\n", True), ["\u1100", "\u1161", "b", "\n"]),
        (JamoCodec("<eos>"), Piece("가\n", True), ["\u1100", "\u1161", "<eos>"]),
    ],
)
def test_cutting(codec, piece, tokens):
    assert codec.tokens(piece) == tokens


@pytest.mark.parametrize("codec", [WORD, CHAR, PROSE, JAMO, WordCodec(None), ProseCodec(None)])
@pytest.mark.parametrize("piece", [Piece("one, 둘  three\n", True), Piece("one (two) ", False)])
def test_a_part_of_a_piece_has_a_part_of_its_tokens(codec, piece):
    tokens = codec.tokens(piece)
    for cut in range(len(tokens) + 1):
        if 0 < cut < len(tokens) and not codec.begins(tokens[cut - 1], tokens[cut]):
            continue
        parts = [codec.part(piece, 0, cut), codec.part(piece, cut, len(tokens))]
        assert [t for part in parts if part.text for t in codec.split_piece(part)] == (
            codec.split(piece.text)
        )
        if cut < len(tokens):
            assert codec.tokens(parts[0]) == tokens[:cut]
            assert codec.tokens(parts[1]) == tokens[cut:]
            assert parts[1].ends_line == piece.ends_line


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_characters_joined_again_are_the_text(text):
    exact = CharCodec(CHAR.end_of_line, normalize=None)
    assert exact.decode(exact.tokens(Piece(text, True))) == text
    assert CHAR.decode(CHAR.tokens(Piece(text, True))) == unicodedata.normalize("NFC", text)


@given(st.lists(st.text(st.sampled_from("ab가é"), min_size=1)))
def test_words_joined_again_are_the_words(words):
    assert WORD.split(WORD.decode(words)) == words


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
    assert WORD.decode(tokens.split()) == text


def test_the_pieces_are_the_text_one_token_at_a_time():
    write = WORD.decoder()
    assert [write(t) for t in ("a", ",", "b", "<eos>", "c")] == [
        "a",
        ",",
        " b",
        "\n",
        "c",
    ]


def test_every_unit_of_a_configuration_has_a_codec():
    assert get_args(get_type_hints(CorpusConfig)["unit"]) == tuple(CODECS)
    assert all(codec.unit == unit for unit, codec in CODECS.items())


KNOWN = Vocabulary(["a", "b", "\n", "<eos>", "<unk>"], np.ones(5, np.int64), "<unk>")


@pytest.mark.parametrize(
    ("codec", "line", "ids"),
    [
        (WORD, "a x b", [0, 4, 1, 3]),
        (WordCodec(end_of_line=None), "a x b", [0, 4, 1]),
        (WordCodec(lowercase=True), "A", [0, 3]),
        (CHAR, "ab", [0, 1, 2]),
        (CharCodec("<eos>"), "ab", [0, 1, 3]),
    ],
)
def test_encode_gives_the_same_ids_as_reading_the_line(codec, line, ids):
    assert codec.encode(line, KNOWN, ends_line=True).tolist() == ids
    assert KNOWN.ids_of(codec.tokens(Piece(f"{line}\n", True))).tolist() == ids
    part = codec.encode(line, KNOWN)
    assert part.tolist() == KNOWN.ids_of(codec.split(line)).tolist()
    assert part.dtype == np.int64


@pytest.mark.parametrize("unit", CODECS)
@pytest.mark.parametrize(
    ("end", "lowercase", "form"),
    [*product(["</s>", None], [False, True], [None, "nfc", "nfkc"])],
)
def test_a_codec_comes_back_from_plain_values(unit, end, lowercase, form):
    codec = CODECS[unit](end, lowercase, form)
    plain = codec.to_plain()
    assert is_plain(plain)
    assert codec_from_plain(plain) == codec


@pytest.mark.parametrize("unit", CODECS)
def test_what_a_codec_has_learned_comes_back(unit):
    if CODECS[unit]().learns:
        pytest.importorskip("tokenizers")
    lines = ["a well-known, well-known thing\n", "once-only thing\n"]
    codec = CODECS[unit]().train(Piece(line, True) for line in lines)
    plain = codec.to_plain()
    assert is_plain(plain)
    again = codec_from_plain(plain)
    assert again == codec
    assert [again.split(line) for line in lines] == [codec.split(line) for line in lines]


def is_plain(value):
    """Whether a model file can hold it: no class of ours, no tuple, no array."""
    if isinstance(value, dict):
        return all(type(key) is str and is_plain(part) for key, part in value.items())
    if isinstance(value, list):
        return all(map(is_plain, value))
    return type(value) in (str, bool, int, float, bytes, type(None))


@pytest.mark.parametrize(
    "plain",
    [
        None,
        [],
        {},
        {"unit": "runes", "end_of_line": None, "lowercase": False},
        {"unit": ["word"], "end_of_line": None, "lowercase": False},
        {"unit": "word", "end_of_line": 3, "lowercase": False},
        {"unit": "word", "end_of_line": None, "lowercase": 1},
        {"unit": "word", "end_of_line": None},
        {"unit": "word", "end_of_line": None, "lowercase": False, "normalize": "nfd"},
        {"unit": "word", "end_of_line": None, "lowercase": False, "normalize": ["nfc"]},
        {"unit": "char", "end_of_line": None, "lowercase": False, "merges": []},
    ],
    ids=repr,
)
def test_plain_values_that_are_not_a_codec_are_refused(plain):
    with pytest.raises(CheckpointError, match="its codec"):
        codec_from_plain(plain)


@pytest.mark.parametrize("codec", [WORD, CHAR, PROSE, JAMO])
def test_a_codec_with_nothing_to_learn_reads_nothing(codec):
    def unread():
        raise AssertionError("the text was read")
        yield

    assert codec.train(unread()) is codec


def test_a_token_counts_the_text_that_it_stands_for():
    characters, size = WORD.sizes(["ab", "세영", "\n"])
    assert (characters.tolist(), size.tolist()) == ([2, 2, 1], [2, 6, 1])


@pytest.mark.parametrize("unit", CODECS)
def test_a_codec_of_an_earlier_version_leaves_text_as_it_is(unit):
    plain = CODECS[unit](None).to_plain()
    del plain["normalize"]
    codec = codec_from_plain(plain)
    assert codec.normalize is None
    assert codec.normalized("e\u0301") == "e\u0301"


@pytest.mark.parametrize(
    ("codec", "text", "tokens"),
    [
        (WORD, "나는 e\u0301te\u0301", ["나는", "été"]),
        (CHAR, "가\u11a8e\u0301", ["각", "é"]),
        (WordCodec(normalize="nfkc"), "ﬁne Ａ１ ㎏", ["fine", "A1", "kg"]),
        (WordCodec(normalize="nfkc"), "a´b", ["a", "\u0301b"]),
        (WordCodec(lowercase=True), "J\u030cE\u0301", ["ǰé"]),
        (WordCodec(normalize=None), "e\u0301", ["e\u0301"]),
    ],
)
def test_text_is_split_in_its_form(codec, text, tokens):
    decomposed = text if codec.normalize is None else unicodedata.normalize("NFD", text)
    assert codec.split(decomposed) == codec.split(text) == tokens
    assert codec.normalized(decomposed) == codec.normalized(codec.normalized(text))
