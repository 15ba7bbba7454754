import gzip
import io
import sys
import time
from types import SimpleNamespace

import pytest

from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.text import reader
from rnnlm_cli.text.decoding import Decoding
from rnnlm_cli.text.pieces import Pieces
from rnnlm_cli.text.reader import (
    InlineText,
    Limits,
    Piece,
    display_name,
    read_pieces,
    whole_lines,
)


def read(path):
    return list(read_pieces(str(path)))


def test_lines_end_where_the_text_has_line_ends(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffone two\r\n\n세 번째".encode())
    assert read(path) == [Piece("one two\n", True), Piece("\n", True), Piece("세 번째", True)]


def test_gz_and_standard_input_read_like_a_file(tmp_path, monkeypatch):
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress("하나 둘\n".encode()))
    assert read(path) == [Piece("하나 둘\n", True)]
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"a b")))
    assert read("-") == [Piece("a b", True)]


@pytest.mark.parametrize("size", [4, 5, 7, 64])
def test_a_long_line_comes_in_pieces_with_no_word_and_no_character_cut(tmp_path, monkeypatch, size):
    monkeypatch.setattr(reader, "PIECE_BYTES", size)
    text = "ab 가나다 c  defghijklmnop 라\nx"
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    pieces = read(path)
    assert "".join(piece.text for piece in pieces) == text
    assert [piece.ends_line for piece in pieces].count(True) == 2
    assert [w for piece in pieces for w in piece.text.split()] == text.split()


BLANKS = ["\t", "\u3000", "\x0b", "\u2003", " "]


@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
@pytest.mark.parametrize("size", [8, 9, 10, 11])
def test_a_long_line_is_cut_at_whatever_separates_words(tmp_path, monkeypatch, blank, size):
    monkeypatch.setattr(reader, "PIECE_BYTES", size)
    text = blank.join(["한글", "ab", "c", "다라", "efg"] * 20) + "\r\nx"
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode())
    pieces = list(read_pieces(str(path), Limits(token_bytes=12)))
    assert "".join(piece.text for piece in pieces) == text.replace("\r", "")
    assert [w for piece in pieces for w in piece.text.split()] == text.split()
    assert max(len(piece.text.encode()) for piece in pieces) < 6 * size


@pytest.mark.parametrize("size", [5, 6, 7, 8, 9])
def test_a_line_of_characters_is_cut_between_any_two(tmp_path, monkeypatch, size):
    monkeypatch.setattr(reader, "PIECE_BYTES", size)
    text = "한ab\U0001f600é" * 40 + "\r\n" + "\r" * 30 + "\r\nx"
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode())
    pieces = list(read_pieces(str(path), Limits(token_bytes=None)))
    assert "".join(piece.text for piece in pieces) == text.replace("\r\n", "\n")
    assert max(len(piece.text.encode()) for piece in pieces) < 2 * size


@pytest.mark.parametrize("before", ["", "ab 한 "])
@pytest.mark.parametrize("end", ["", " c", "\n"])
def test_a_token_that_is_too_long_is_named_by_line_and_byte(tmp_path, monkeypatch, before, end):
    monkeypatch.setattr(reader, "PIECE_BYTES", 16)
    path = tmp_path / "a.txt"
    path.write_text(f"one\n{before}{'다' * 34}{end}", encoding="utf-8")  # 102 bytes
    place = len(before.encode()) + 1
    refused = rf"a\.txt: line 2, byte {place}: a token of more than 101 bytes; .*max_token_bytes"
    with pytest.raises(CorpusError, match=refused):
        list(read_pieces(str(path), Limits(token_bytes=101)))
    assert len(list(read_pieces(str(path), Limits(token_bytes=102)))) >= 2


def test_binary_data_is_reported_as_not_text_and_not_as_a_long_token(monkeypatch):
    monkeypatch.setattr(reader, "PIECE_BYTES", 16)
    for data, what in ((b"x" + b"\0" * 99, "a NUL byte"), (b"x" * 30 + b"\xff" * 90, "not UTF-8")):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        with pytest.raises(CorpusError, match=what):
            list(read_pieces("-", Limits(token_bytes=40)))


def seconds_to_decode(pieces):
    """The least processor time to read a line without a space in that many pieces of 8 bytes."""
    times = []
    for _ in range(3):
        text = io.BytesIO(b"x" * (8 * pieces - 1) + b" y\nz")
        started = time.process_time()
        decoding = Decoding(text, "a.txt", "utf-8", "", live=True)
        found = list(Pieces(decoding, "a.txt", 4_000_000).read(8))
        times.append(time.process_time() - started)
        assert sum(len(piece.text) for piece in found) == 8 * pieces + 3
    return min(times)


def test_a_line_without_a_space_is_read_in_linear_time():
    """Sixteen times the text takes 16 times as long; with copying it would be 256 times."""
    assert seconds_to_decode(64_000) < 64 * seconds_to_decode(4_000)


def test_bytes_that_are_not_utf8_are_named_by_line_and_byte(tmp_path):
    path = tmp_path / "latin.txt"
    path.write_bytes(b"fine\ncaf\xe9 noir\n")
    with pytest.raises(CorpusError, match=r"latin\.txt: line 2, byte 4 \(0xe9\): not UTF-8"):
        read(path)


@pytest.mark.parametrize(
    ("before", "place"), [(b"", "line 1, byte 3"), (b"ab cd\n", "line 2, byte 3")]
)
@pytest.mark.parametrize("after", [b"c d\n", b"", b"hello world!", b"\xec\x95\x88"])
def test_a_nul_byte_is_named_by_line_and_byte(tmp_path, before, place, after):
    path = tmp_path / "nul.txt"
    path.write_bytes(before + b"ab\0" + after)
    with pytest.raises(CorpusError, match=rf"nul\.txt: {place} \(0x00\): a NUL byte"):
        read(path)


@pytest.mark.parametrize(
    "data",
    [b"plain text", gzip.compress(b"a b c" * 99)[:-12], b""],
    ids=["no gz", "cut", "empty"],
)
def test_a_damaged_gz_is_refused(tmp_path, data):
    path = tmp_path / "a.gz"
    path.write_bytes(data)
    if data:
        with pytest.raises(CorpusError, match=r"not (a valid|compressed with) gzip"):
            read(path)
    else:
        assert read(path) == []


def test_a_missing_file_and_a_directory_are_usage_errors(tmp_path):
    for path in (tmp_path / "none.txt", tmp_path, f"{tmp_path}/nul\0"):
        with pytest.raises(UsageError, match="name a text file"):
            read(path)


def test_a_text_in_memory_is_read_and_named_as_a_file():
    text = InlineText("mine", "\ufeffone\r\ntwo")
    assert [*read_pieces(text)] == [Piece("one\n", True), Piece("two", True)]
    assert display_name(text) == "mine"
    with pytest.raises(CorpusError, match=r"^mine: line 1, byte 8 .* NUL"):
        [*read_pieces(InlineText("mine", "you say\0 goodbye"))]


def test_a_line_that_is_too_long_is_named_by_its_number():
    pieces = [Piece("a", True), Piece("bb", False), Piece("c", True), Piece("dd", False)]
    joined = list(whole_lines(pieces, 3, "a.txt", "; cut it"))
    assert joined == [Piece("a", True), Piece("bbc", True), Piece("dd", False)]
    with pytest.raises(CorpusError, match=r"^a\.txt: line 2: is longer than 2 characters; cut it$"):
        list(whole_lines(pieces, 2, "a.txt", "; cut it"))
