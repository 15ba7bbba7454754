"""Blocks of lines have the tokens, sizes and facts that their lines have, one by one."""

from array import array

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlm_cli.text import ahead, word_numbers
from rnnlm_cli.text.codec.base import LINE_END
from rnnlm_cli.text.codec.char import CharCodec
from rnnlm_cli.text.codec.jamo import JamoCodec
from rnnlm_cli.text.codec.prose import ProseCodec
from rnnlm_cli.text.codec.subword import SubwordCodec
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.facts import TextFacts
from rnnlm_cli.text.normal import is_decomposed
from rnnlm_cli.text.numbering import number_text
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.reader import InlineText
from rnnlm_cli.text.sizes import SizeChanges
from rnnlm_cli.text.storage import InMemory

CODECS = [
    *(unit(end) for unit in (WordCodec, CharCodec, ProseCodec, JamoCodec) for end in ("<e>", None)),
    *(WordCodec("<e>", False, None), WordCodec("<e>", True, "nfkc"), CharCodec(None, True, "nfkc")),
    *(ProseCodec("<e>", True, "nfkc"), JamoCodec("<e>", True, None)),
]
PARTS = [
    *("the", "cat", "<e>", "don't", '"so', "(x),", "antidisestablishmentarianism", "w" * 300),
    *("İstanbul", "K", "ΟΔΟΣ", "ﬁx", "e\u0301", "\u0301", "가", "\u1112\u1161\u11ab", "ㅋ"),
    *(" ", "  ", "\t", "\xa0", "\u2028", "\x85", "\x1c", "\r", "\r\n", "\n", "\n", "\n\n", " \n"),
]
TEXTS = st.lists(st.sampled_from(PARTS), min_size=1, max_size=40).map("".join)


def line_by_line(codec, text):
    """The tokens of a text, its sizes' changes and its facts, without blocks."""
    tokens, changes = list[str](), SizeChanges()
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    lines = [line.replace("\r\n", "\n") for line in lines if line]
    for line in lines:
        if codec.changes_sizes(line):
            for k, original, token in codec.changed_sizes(line):
                changes.note(len(tokens) + k, original, token)
        tokens += codec.split_piece(Piece(line, True))
        if codec.end_of_line is not None:
            tokens.append(LINE_END)
    beyond = [line for line in lines if not (line.isascii() or codec.normalize)]
    facts = TextFacts(
        len(lines),
        sum(line.count("\r") for line in lines),
        beyond=len(beyond),
        decomposed=sum(map(is_decomposed, beyond)),
    )
    return tokens, vars(changes), facts


def check(codec, text, block):
    tokens, changes, facts = line_by_line(codec, text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ahead, "BLOCK_BYTES", block)
        patch.setattr(word_numbers, "LEAST_TEXT", 0)
        found = number_text([InlineText("mine", text)], codec, InMemory())
    assert [found.names[k] for k in found.numbers] == tokens
    assert found.names[: len(set(tokens))] == list(dict.fromkeys(tokens))
    assert vars(found.changes) == changes
    assert found.noticed == facts


@settings(max_examples=60, deadline=None)
@given(text=TEXTS, codec=st.sampled_from(CODECS), block=st.sampled_from([1, 30, 1 << 16]))
def test_blocks_say_what_their_lines_say(text, codec, block):
    text = text.removeprefix("\ufeff")
    if line_by_line(codec, text)[0]:
        check(codec, text, block)


@pytest.mark.parametrize("end", ["<e>", None])
def test_blocks_of_subwords_say_what_their_lines_say(end):
    pytest.importorskip("tokenizers")
    codec = SubwordCodec(end).planned({"size": 300})
    codec = codec.train([Piece("the cat sat on the mat, 가 나\n", True)])
    check(codec, "the cat\n\n sat  on\t\r\nthe\u2028mat \n e\u0301\n\n" * 3 + "가 나", 30)


@pytest.mark.parametrize("codec", [WordCodec(), CharCodec(None), ProseCodec()])
def test_a_text_is_cut_within_a_block_where_it_is_cut_within_its_lines(codec):
    text = "one two\nthree  four\n" * 4 + "five"
    for kept in (1, 8, 11, 20, len(text) - 2, len(text)):
        head = line_by_line(codec, text[:kept])[0]
        if kept < len(text) and text[kept - 1] != "\n" and codec.end_of_line:
            head.pop()  # the line goes on
        found = number_text([InlineText("mine", text)], codec, InMemory(), kept=kept)
        assert [found.names[k] for k in found.numbers[: found.cut]] == head


def test_types_that_are_given_keep_their_numbers():
    text = InlineText("mine", "b a c\n" * 1000)
    found = number_text([text], WordCodec(), InMemory(), first=["a", "x"], always=["y"])
    assert found.names == ["a", "x", "b", "c", LINE_END, "y"]
    assert found.numbers.tolist() == [2, 0, 3, 4] * 1000
    assert np.asarray(found.numbers).itemsize == array("I").itemsize
