"""Texts in every kind of encoding, as they are read: by lines, in pieces, and where they fail."""

import io
import os
import re
import sys
import threading
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text import ahead, reader
from rnnlm_cli.text.ahead import Ahead
from rnnlm_cli.text.decoding import Decoding
from rnnlm_cli.text.encodings import SAMPLE_BYTES
from rnnlm_cli.text.pieces import Pieces
from rnnlm_cli.text.reader import Limits, read_pieces

KOREAN = "나는 학교에 간다.\r\n\n선생님이 책을 읽고 계신다, 그런데 비가 온다\n끝"
JAPANESE = "私は学校に行きます。\r\n\n吾輩は猫である。名前はまだ無い。\n終"
FRENCH = "L'été dernier, à la crêperie.\r\n\nCafé noir où j'étais, déçu\nfin"
ENCODINGS = [
    *(("cp949", KOREAN), ("euc-kr", KOREAN), ("iso2022_kr", KOREAN), ("johab", KOREAN)),
    *(("shift_jis", JAPANESE), ("euc_jp", JAPANESE), ("iso2022_jp", JAPANESE), ("cp932", JAPANESE)),
    *((f"utf-{width}{order}", KOREAN) for width in (16, 32) for order in ("", "-le", "-be")),
    *(("cp1252", FRENCH), ("cp500", FRENCH), ("utf-7", KOREAN), ("utf-8-sig", KOREAN)),
]


def read(path, encoding, longest=100, tell=None):
    return list(read_pieces(str(path), Limits(longest, encoding=encoding), tell))


@pytest.mark.parametrize(("encoding", "text"), ENCODINGS)
@pytest.mark.parametrize("size", [1, 3, 7, 1 << 20])
def test_every_encoding_in_chunks_of_every_size(tmp_path, monkeypatch, encoding, text, size):
    monkeypatch.setattr(reader, "PIECE_BYTES", size)
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))
    for longest in (100, None):
        pieces = read(path, encoding, longest)
        assert "".join(piece.text for piece in pieces) == text.replace("\r", "")
        assert [piece.ends_line for piece in pieces].count(True) == 4
        assert len(pieces) == 4 or size < 8


@pytest.mark.parametrize(
    ("encoding", "text"), [case for case in ENCODINGS if case[0] not in ("cp500", "utf-7")]
)
def test_auto_finds_it_and_tells(tmp_path, encoding, text):
    path, told = tmp_path / "a.txt", []
    before = "" if encoding.startswith(("utf", "iso2022_kr")) else "plain words first\n" * 5
    path.write_bytes((before + text).encode(encoding))
    pieces = read(path, "auto", tell=lambda *found: told.append(found))
    assert "".join(piece.text for piece in pieces) == before + text.replace("\r", "")
    (found,) = told
    assert found[0] == str(path)
    same = {"euc-kr": "cp949", "shift_jis": "cp932", "utf-8-sig": "utf-8"}
    same["iso2022_jp"] = "iso2022_jp_2"
    assert found[1] == same.get(encoding, encoding)


def test_auto_is_utf8_where_nothing_tells_another(tmp_path):
    path, told = tmp_path / "a.txt", []
    for content in ("only ascii", KOREAN):
        path.write_text(content, encoding="utf-8")
        read(path, "auto", tell=lambda *found: told.append(found[1]))
    assert told == ["utf-8", "utf-8"]


def test_auto_looks_beyond_a_first_line_that_is_also_utf8(tmp_path):
    path = tmp_path / "a.txt"
    text = "첫째\n나는 학교에 간다.\n"  # cp949 C3 B9 C2 B0 is "ù°" in UTF-8
    path.write_bytes(text.encode("cp949"))
    assert "".join(piece.text for piece in read(path, "auto")) == text


def test_what_follows_must_be_valid_in_what_auto_found(tmp_path):
    path = tmp_path / "a.txt"
    good = "선생님이 학교에서 책을 읽고 계신다.\n".encode("cp949")
    path.write_bytes(good * 3000 + b"\xff\xff\n")  # beyond what is looked at first
    with pytest.raises(CorpusError, match=r"a\.txt: line 3001, byte 1 \(0xff\): not cp949"):
        read(path, "auto")


def test_where_it_fails_in_the_long_line_that_told_the_encoding(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "PIECE_BYTES", 4000)
    path = tmp_path / "a.txt"
    good = b"\x1b$B;d\x1b(B " * (SAMPLE_BYTES // 4)
    path.write_bytes(b"plain\n" + good + b"\xff")
    with pytest.raises(
        CorpusError, match=rf"line 2, byte {len(good) + 1} \(0xff\): not iso2022_jp"
    ):
        read(path, "auto")


@pytest.mark.parametrize("size", [1, 2, 5, 1 << 20])
@pytest.mark.parametrize(
    ("encoding", "good", "bad", "line", "byte"),
    [
        ("utf-8", "한\n두 번".encode(), b"\xe9 x", 2, 8),
        ("cp949", "한\n두 번".encode("cp949"), b"\xff x", 2, 6),
        ("cp949", "a b".encode("cp949"), b"\xb0\n", 1, 4),
        ("utf-16", "한\n두 번".encode("utf-16"), b"\x00\xd8 \0x\0", 2, 7),
        ("utf-16-be", "한\n두 번".encode("utf-16-be"), b"\xd8\x00\0x", 2, 7),
        ("utf-16-le", "한\n\u0a05\u0a0a".encode("utf-16-le"), b"\x00\xd8 \0x\0", 2, 5),
        ("utf-32-le", "한\n두".encode("utf-32-le"), b"\xff\xff\xff\xff", 2, 5),
        ("iso2022_jp", "私\n行".encode("iso2022_jp"), b"\xffx", 2, 9),
        ("cp1252", "été\né".encode("cp1252"), b"\x81", 2, 2),
        ("euc-kr", "한\n두".encode("euc-kr"), b"\xb0", 2, 3),  # the file ends within a letter
        ("utf-8", b"one\nab", b"\0c", 2, 3),
        ("utf-16-le", "one\nab".encode("utf-16-le"), b"\0\0", 2, 5),
    ],
)
def test_where_it_fails(tmp_path, monkeypatch, size, encoding, good, bad, line, byte):
    monkeypatch.setattr(reader, "PIECE_BYTES", size)
    path = tmp_path / "a.txt"
    path.write_bytes(good + bad)
    where = rf"a\.txt: line {line}, byte {byte} \(0x{bad[0]:02x}\): "
    with pytest.raises(CorpusError, match=where):
        read(path, encoding, longest=1000)


def test_the_encodings_that_read_it_are_named_with_the_line_and_the_remedy(tmp_path):
    path = tmp_path / "a.txt"

    def said(text, encoding, given="utf-8"):
        path.write_bytes(text.encode(encoding))
        with pytest.raises(CorpusError) as caught:
            read(path, given, longest=1000)
        return str(caught.value).removeprefix(f"{path}: ")

    assert said("one\n나는 학교에 간다.\n", "cp949") == (
        "line 2, byte 1 (0xb3): not UTF-8; it reads well as cp949 '나는 학교에 간다.'; "
        "set corpus.encoding: cp949"
    )
    assert said("私は学校に行きます。\n", "shift_jis").endswith("set corpus.encoding: shift_jis")
    french = said("un café noir\n", "cp1252")
    assert french.startswith("line 1, byte 7 (0xe9): not UTF-8; it reads well as cp1252 'un café n")
    assert said("나는\n", "utf-16").endswith("as utf-16 '나는'; set corpus.encoding: utf-16")
    assert said("나는 학교에\n", "utf-8", "cp949").endswith(
        "not cp949; it reads well as utf-8 '나는 학교에'; set corpus.encoding: utf-8"
    )
    # the line is cut to columns around the byte, a Korean letter taking two
    line = said("plain " * 50 + "나는 학교에 간다 " * 30 + "\n", "cp949")
    assert re.search(r"cp949 '\.\.\.in plain 나는 학교에 간다 \.\.\.'; set", line)
    assert len(line) < 160


def test_a_byte_that_is_wrong_in_a_text_that_is_utf8_is_not_blamed_on_the_encoding(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("나는 학교에 간다. ".encode() * 9 + b"\nab\xff\xfe\x81\n")
    with pytest.raises(CorpusError, match=r"line 2, byte 3 .*not UTF-8, though .* correct the li"):
        read(path, "utf-8", longest=1000)
    path.write_bytes(b"ab\xff\xfe\x81\n")
    with pytest.raises(CorpusError, match="reads well in no other encoding that is tried; if it"):
        read(path, "utf-8")


class Waiting(io.BytesIO):
    """Standard input whose next line comes when the one before is answered."""

    def __init__(self, lines):
        super().__init__()
        self.lines = lines

    def isatty(self):
        return True

    def read(self, size=-1):
        raise AssertionError("it would wait for what is not written yet")

    def readline(self, size=-1):
        return self.lines.pop(0) if self.lines else b""


@pytest.mark.parametrize("encoding", ["utf-8", "cp949", "auto"])
def test_standard_input_is_not_read_ahead(monkeypatch, encoding):
    coded = "cp949" if encoding == "auto" else encoding
    lines = [line.encode(coded) for line in ("하나 둘 셋\n", "나는 학교에 간다\n", "끝\n")]
    source = Waiting(list(lines))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=source))
    pieces = read_pieces("-", Limits(encoding=encoding))
    for left in (2, 1, 0):
        assert next(pieces).text == lines[2 - left].decode(coded)
        assert len(source.lines) == left
    source.lines = [b"\xff\n"]
    with pytest.raises(CorpusError, match="standard input: line 4, byte 1"):
        next(pieces)


def test_looking_ahead_reads_nothing():
    file = Ahead(io.BytesIO(b"one\ntwo\nthree"))
    assert file.peek(6) == b"one\ntw"
    assert [file.readline(2), file.readline(9), file.peek(2), file.readline(9)] == [
        *(b"on", b"e\n", b"tw", b"two\n")
    ]
    assert (file.peek(100), file.read(2), file.readline(2), file.read(9)) == (
        *(b"three", b"th", b"re", b"e"),
    )


BYTES = [
    *(b"one ", b"two\n", b"\n", b"\r\n", b"\xff", b"\0", b"\xe9", b"\x1b$B;d\x1b(B", b"~\n"),
    *("나는 간다".encode(), "나는\n".encode("cp949"), "été ".encode("cp1252"), b"\x0a\x01"),
]


@settings(max_examples=60, deadline=None)
@given(
    parts=st.lists(st.sampled_from(BYTES), max_size=30),
    encoding=st.sampled_from(["utf-8", "auto", "cp949", "iso2022_jp", "hz", "utf-16-le", "cp500"]),
    block=st.sampled_from([5, 12, 1 << 16]),
)
def test_blocks_are_read_and_refused_as_their_lines(parts, encoding, block):
    data = b"first\n" + b"".join(parts)

    def found(size):
        monkeypatch.setattr(ahead, "BLOCK_BYTES", size)
        decoding = Decoding(io.BytesIO(data), "a.txt", encoding, "set it:", live=False)
        pieces = []
        try:
            for read in Pieces(decoding, "a.txt", 9).read(1 << 20):
                pieces += read.lines()
        except CorpusError as error:
            return pieces, str(error)
        return pieces, decoding.encoding

    with pytest.MonkeyPatch.context() as monkeypatch:
        assert found(block) == found(1)  # a line at a time


@pytest.mark.skipif(not os.path.isdir("/dev/fd"), reason="no names for open pipes")
def test_the_lines_of_a_pipe_are_passed_on_before_its_end():
    reading, writing = os.pipe()
    os.write(writing, b"one\ntwo\nthr")
    late = threading.Timer(5, os.write, [writing, b"too late\n"])
    late.start()
    pieces = read_pieces(f"/dev/fd/{reading}")
    assert [next(pieces).text, next(pieces).text] == ["one\n", "two\n"]
    late.cancel()
    os.close(writing)
    assert [piece.text for piece in pieces] == ["thr"]
    os.close(reading)


def test_lines_are_read_together_and_put_back():
    file = Ahead(io.BytesIO(b"one\ntwo\nthree four\nfive"))
    assert file.readlines(10) == b"one\ntwo\n"
    file.put_back(b"two\n")
    assert (file.readline(9), file.readlines(3), file.readlines(9)) == (
        *(b"two\n", b"thr", b"ee four\n"),
    )
    assert (file.readlines(9), file.readlines(9)) == (b"five", b"")
