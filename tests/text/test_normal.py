"""Normalisation: the form of a text, and where it may be cut."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlm_cli.text import reader
from rnnlm_cli.text.codec import CODECS
from rnnlm_cli.text.normal import FORMS, has_parts, starts_anew, stretches, to_form
from rnnlm_cli.text.reader import Limits, read_pieces

PARTS = "ae\u0301\u0323\u0308각\u1100\u1161\u11a8ㅏﬁ\uff9e\uff76\u3099か\u0dcf\u0dd9 ´\u212b"
texts = st.text(st.sampled_from(PARTS) | st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=60, deadline=None)
@given(texts, st.sampled_from(list(FORMS)))
def test_stretches_are_normalised_as_the_text_is(text, form):
    assert "".join(stretches(text)) == text
    assert "".join(to_form(part, form) for part in stretches(text)) == to_form(text, form)


@pytest.mark.parametrize("form", ["NFC", "NFKC"])
def test_what_starts_anew_joins_nothing_before_it(form):
    """Every character that is a part of another one, after each beginning that it has."""
    for code in range(0xC0, 0x11A00):
        whole = chr(code)
        parts = unicodedata.normalize("NFD", whole)
        if len(parts) > 1 and unicodedata.normalize(form, parts) == whole:
            assert not starts_anew(parts[-1]), ascii(whole)


def test_plain_letters_start_anew():
    assert all(map(starts_anew, "aé가あ中я \n\U0001f600"))


def test_parts_are_known_by_themselves():
    assert [has_parts(t) for t in ("a", "é", "e\u0301", "\u0301", "각", "\u11a8")] == [
        *(False, False, True, True, False, True)
    ]


LONG = unicodedata.normalize("NFD", "각각é나는ạ́" * 30)


@pytest.mark.parametrize("size", [4, 5, 6, 7, 11, 23])
@pytest.mark.parametrize("form", ["nfc", "nfkc"])
def test_a_long_line_in_pieces_is_normalised_as_a_whole(tmp_path, monkeypatch, size, form):
    monkeypatch.setattr(reader, "PIECE_BYTES", size)
    path = tmp_path / "a.txt"
    path.write_text(LONG, encoding="utf-8")
    codec = CODECS["char"](None, False, form)
    pieces = list(read_pieces(str(path), Limits(token_bytes=None)))
    assert len(pieces) > 20
    assert [token for piece in pieces for token in codec.split(piece.text)] == list(
        unicodedata.normalize(form.upper(), LONG)
    )


def test_accents_without_end_do_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "PIECE_BYTES", 4000)
    path = tmp_path / "a.txt"
    path.write_text("a" + "\u0301" * 50_000, encoding="utf-8")
    pieces = list(read_pieces(str(path), Limits(token_bytes=None)))
    assert "".join(piece.text for piece in pieces) == "a" + "\u0301" * 50_000
    assert max(len(piece.text) for piece in pieces) < 5000
