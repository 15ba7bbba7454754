import gzip
from pathlib import Path

import pytest

from rnnlm_cli.errors import UsageError
from rnnlm_cli.plan import look
from rnnlm_cli.plan.look import look_at
from rnnlm_cli.system.text_encodings import AUTO

KOREAN = "나는 오늘 아침에 학교에 갔다.\n어머니가 밥을 지어 주셨다.\n" * 40


@pytest.fixture(autouse=True)
def directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_encoding_is_found_and_sizes_are_those_in_utf8():
    Path("a.txt").write_bytes(KOREAN.encode("cp949"))
    text = look_at(["a.txt"], "text", AUTO)
    assert (text.encoding, text.survey.script) == ("cp949", "HANGUL")
    assert text.bytes == len(KOREAN.encode())


def test_files_in_several_encodings_are_told_and_found_again_in_training():
    Path("a.txt").write_bytes(KOREAN.encode("cp949"))
    Path("b.txt").write_bytes(KOREAN.encode())
    text = look_at(["a.txt", "b.txt"], "text", AUTO)
    assert (text.encodings, text.encoding, text.files) == (("cp949", "utf-8"), AUTO, 2)
    assert text.lines[0].startswith("2 files, 6.4 kB of cp949, utf-8, mostly Hangul letters, ")


def test_an_encoding_that_is_named_is_used():
    Path("a.txt").write_bytes(("café crème\n" * 100).encode("cp1252"))
    text = look_at(["a.txt"], "text", "cp1252")
    assert (text.encoding, text.survey.excerpt) == ("cp1252", "café crème\n" * 100)


def test_records_are_read_by_their_field():
    Path("a.jsonl").write_text('{"body": "one two"}\n{"body": "three"}\n' * 99, encoding="utf-8")
    assert look_at(["a.jsonl"], "body", AUTO).survey.excerpt == "one two\nthree\n" * 99


@pytest.mark.parametrize("name", ["long.txt", "long.txt.gz"])
def test_the_size_of_a_long_text_is_that_of_its_files(monkeypatch, name):
    content = b"a word here\n" * 5000
    Path(name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    monkeypatch.setattr(look, "survey", lambda pieces: look_survey(pieces, 20_000))
    text = look_at([name], "text", AUTO)
    assert (text.survey.is_whole, text.bytes) == (False, 60_000)
    assert text.encoding == "utf-8"
    assert text.lines[-1] == "of it the first 20 kB were read"


look_survey = look.survey


def test_what_stands_out_is_told():
    Path("a.txt").write_text("No, no.\nNo, no.\nYes!\n" * 90, encoding="utf-8")
    lines = look_at(["a.txt"], "text", AUTO).lines
    assert lines[1] == "450 words between spaces, 3 different, 0% of those once"
    assert lines[2] == "270 lines of 7 characters on average, the longest has 7"
    assert lines[3] == "punctuation is attached to 60% of the words"
    assert lines[4] == "99% of the lines occurred before; some are in what is held out"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("-", "cannot be read again"),
        ("blank.txt", "holds 0 words in 1,500 characters"),
        ("b", "No such"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(name, said):
    Path("blank.txt").write_text(" \n\n" * 500, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        look_at([name], "text", AUTO)
