"""Words and punctuation marks: what is a token, where spaces are, and that a text comes back."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnnlm_cli.text.codec.prose import ProseCodec
from rnnlm_cli.text.reader import Piece

PROSE = ProseCodec(normalize=None)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Hello, my dear.", "Hello , my dear ."),
        ("I don't; they'll say it's DON'T.", "I do n't ; they 'll say it 's DO N'T ."),
        ("she wouldn’t’ve, o'clock", "she would n’t ’ve , o'clock"),
        ("He said “yes” (to me)…", "He said “ yes ” ( to me ) …"),
        ('He said "yes": ("no")', 'He said "‿ yes " : ( "‿ no " )'),
        ("'Tis the dogs' day, rock-'em", "'Tis the dogs ' day , rock ‿-‿ 'em"),
        (
            "Mr. and Dr. X in the U.S., e.g. Bach, J. S.",
            "Mr. and Dr. X in the U.S. , e.g. Bach , J. S.",
        ),
        ("1,234.56 at 10:30, a 19-year-old", "1,234.56 at 10:30 , a 19-year-old"),
        ("see http://a.org/b?c=d. Or me@x.org!", "see http://a.org/b?c=d . Or me@x.org !"),
        ("well--said -- ok", "well -- said ␣-- ok"),
        ("f(x) , a.b", "f ‿(‿ x ) ␣, a ‿.‿ b"),
        ("it 's a <unk>, x<unk>", "it ␣'s a <unk> , x ‿<unk>"),
        ("저는 (서울)에서, 3시에 ㅋㅋㅋ!", "저는 ( 서울 ‿)‿ 에서 , 3시에 ㅋㅋㅋ !"),
        ("日本語のテキスト。中文，好", "日 本 語 の テキスト 。 中 文 ， 好"),
        ("我 love 你", "‿我 love 你‿"),
        ("مرحبا، Привет! नमस्ते।", "مرحبا ، Привет ! नमस्ते ।"),
        ("สวัสดี", "ส วั ส ดี"),
        ("e\u0301a", "e\u0301a"),
        ("👨‍👩‍👧👍🏽👍🏽🇰🇷🇫🇷 1️⃣", "👨‍👩‍👧 ‿👍🏽👍🏽 ‿🇰🇷 ‿🇫🇷 1️⃣"),
        ("a‿b ␣", "a <‿> b <␣>"),
    ],
)
def test_tokens(text, tokens):
    assert PROSE.split(text) == tokens.split(" ")
    assert PROSE.decode(tokens.split(" ")) == text


def test_only_a_space_after_the_last_token_of_a_line_needs_a_mark():
    assert PROSE.split("he said--\n") == PROSE.split("he said--") == ["he", "said", "--"]
    assert PROSE.split("he said-- ") == ["he", "said", "‿--"]
    assert ProseCodec(None).split("he said--\n") == ["he", "said", "‿--"]  # a space to come
    assert PROSE.decode(["said", "--", "<eos>", "Go", ".", "‿.", "<eos>"]) == "said--\nGo..\n"


PIECES = [*"‿␣'’\"(),.-=ab7가中ス👍🏽ᄀ\u200b\u200d\u0301\u2028\ufeff\t\n \u0e2a\u0e31"]
PIECES += ["<‿>", "<unk>", "<eos>", "n't", "'s", "--", "http://", "@a.b", "Dr.", "\u0130", "🇰🇷"]
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.lists(
    st.sampled_from(PIECES), max_size=14
).map("".join)


@settings(max_examples=150, deadline=None)
@given(any_text, st.sampled_from(["<eos>", None, ".", "‿.", "␣a", "(", "a"]))
@example("‿,", "‿,")
def test_any_text_comes_back_with_single_spaces(text, end):
    codec = ProseCodec(end, normalize=None)
    tokens = codec.split(text)
    assert codec.decode(tokens) == codec.join(tokens) == " ".join(text.split())
    assert end not in tokens  # a word spelled like the end of a line is another token
    assert all(token.split() == [token] for token in tokens)


@settings(max_examples=100, deadline=None)
@given(any_text, any_text, st.sampled_from(["<eos>", None]))
def test_a_line_may_be_cut_after_any_white_space(one, other, end):
    codec = ProseCodec(end, normalize=None)
    parts = [Piece(f"a{one} ", False), Piece(other, True, begins_line=False)]
    whole = codec.split(f"a{one} {other}")
    assert [t for part in parts for t in codec.split_piece(part)] == whole


@settings(max_examples=100, deadline=None)
@given(any_text)
def test_a_text_may_be_cut_where_a_token_begins(text):
    tokens = PROSE.split(text)
    for cut in range(1, len(tokens)):
        if PROSE.begins(tokens[cut - 1], tokens[cut]):
            one, other = (
                PROSE.part(Piece(text, True), *p) for p in ((0, cut), (cut, len(tokens) + 1))
            )
            assert PROSE.tokens(one) == tokens[:cut]
            assert PROSE.tokens(other) == [*tokens[cut:], "<eos>"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([*PROSE.split('a, (b) "c" d--e 中 f'), "‿", "␣", "‿‿", "<eos>"])))
def test_any_tokens_are_written_with_spaces_where_the_spacing_says(tokens):
    spacing = PROSE.spacing(tokens)
    spaced = spacing.separated(np.arange(len(tokens))[:-1], np.arange(len(tokens))[1:])
    text = "".join(map(PROSE.surface, tokens[:1]))
    for space, before, token in zip(spaced, tokens, tokens[1:], strict=False):
        text += " " if space and "<eos>" not in (before, token) else ""
        text += PROSE.surface(token)
    assert PROSE.decode(tokens) == text.replace("<eos>", "\n")


def test_a_user_means_each_spelling_of_a_token():
    assert PROSE.forms(",") == ["␣,", ",", ",‿", "‿,‿"]
    assert PROSE.forms(",‿") == [",‿"]
    assert PROSE.forms("<eos>") == ["<eos>"]
    assert "‿Word" in PROSE.forms("Word")
    assert "word" in ProseCodec(lowercase=True).forms("Word")


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("the ___ said", ["the", None, "said"]),
        ('He said "___", (___).', ["He", "said", '"‿', None, '"', ",", "(", None, ")", "."]),
        ("___ , ___", [None, "␣,", None]),
        ("“___”: ___ 's", ["“", None, "”", ":", None, "␣'s"]),
        ("我___你", ["我", None, "你"]),
    ],
)
def test_punctuation_beside_a_blank_joins_it_as_it_would_join_a_word(line, tokens):
    assert PROSE.split_blanks(line, "___") == tokens


def test_no_more_is_kept_split_than_fits(monkeypatch):
    monkeypatch.setattr("rnnlm_cli.text.codec.prose.MOST_KEPT", 3)
    codec = ProseCodec("<end>")
    text = "a, b, c, d, e, a, (" + 100 * "x" + ")"
    assert codec.decode(codec.split(text)) == codec.decode(codec.split(text)) == text
