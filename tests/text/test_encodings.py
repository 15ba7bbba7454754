"""The encodings that real lines are in, found by how well they read."""

import random

import pytest

from rnnlm_cli.text.encodings import decoded, marked_encoding, readings, wide_encoding

LINES = {
    "cp949": ["나는 학교에 간다.", "안녕 하세요", "똠방각하", "API를 호출하면 JSON을 돌려줍니다."],
    "johab": ["선생님이 학교에서 책을 읽고 계신다."],
    "shift_jis": ["私は学校に行きます。", "こんにちは", "データベースに接続できませんでした。"],
    "euc_jp": ["吾輩は猫である。名前はまだ無い。", "こんにちは"],
    "iso2022_jp": ["私は学校に行きます。"],
    "iso2022_kr": ["나는 학교에 간다."],
    "gb18030": ["我是学生，我在北京大学学习中文。", "中国人民"],
    "big5": ["我是學生，我在台灣大學學習中文。"],
    "cp1252": ["café noir", "L’été dernier, à la crêperie.", "Die Größe der Häuser.", "¿Dónde?"],
    "mac-roman": ["L’été dernier, à la crêperie où j’étais."],
    "cp1251": ["Привет, как дела?", "мир", "Москва — столица России."],
    "koi8-r": ["Привет, как дела?", "мир", "все счастливые семьи похожи друг на друга"],
    "cp866": ["Привет, как дела?"],
    "cp1250": ["Příliš žluťoučký kůň úpěl ďábelské ódy."],
    "iso8859-2": ["Wczoraj byłem w szkole, później poszedłem do domu."],
    "cp1253": ["Η Αθήνα είναι η πρωτεύουσα της Ελλάδας."],
    "cp1254": ["Bugün hava çok güzel, dışarı çıkalım mı?"],
    "cp1255": ["שלום עולם, מה שלומך היום?"],
    "cp1256": ["مرحبا بالعالم كيف حالك اليوم"],
    "cp874": ["สวัสดีชาวโลก วันนี้อากาศดีมาก"],
}  # fmt: skip
CASES = [(name, line) for name, lines in LINES.items() for line in lines]


@pytest.mark.parametrize(("name", "line"), CASES)
def test_a_line_reads_best_in_its_own_encoding(name, line):
    text = f"{line}\n"
    data = f"plain text\n{text}".encode(name)
    found = readings(data)
    assert decoded(data, found[0].encoding) == f"plain text\n{text}"
    assert decoded(data, found[0].widest) == f"plain text\n{text}"
    if name in ("cp949", "shift_jis", "euc_jp", "gb18030", "big5", "cp1251", "koi8-r"):
        # a reading that is no language is not named, even as the last one
        assert not {"cp1252", "cp850", "mac-roman"} & {one.encoding for one in found}


def test_a_wider_encoding_of_the_same_family_is_known():
    (found,) = readings("データ①に接続".encode("cp932") + b"\n")
    assert (found.encoding, found.widest) == ("cp932", "cp932")
    (found,) = readings("データに接続".encode("shift_jis") + b"\n")
    assert (found.encoding, found.widest) == ("shift_jis", "cp932")


def test_korean_help_reads_as_cp949(shared_data):
    text = (shared_data / "korean" / "help-ko.valid.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.isascii()]
    for line in random.Random(1).sample(lines, 12):
        data = f"{line}\n".encode("cp949", "ignore")
        assert readings(data)[0].encoding == "cp949", line


def test_utf8_is_no_chance_and_alone():
    data = "나는 학교에 간다\n".encode()
    assert [one.encoding for one in readings(data)] == ["utf-8"]
    assert [one.encoding for one in readings(data, but="cp949")] == ["utf-8"]
    assert "utf-8" not in [one.encoding for one in readings(data, but="utf-8")]


def test_random_bytes_read_well_in_no_encoding():
    rng = random.Random(2)
    for low in (1, 128, 160):
        assert readings(bytes(rng.randrange(low, 256) for _ in range(300))) == []


def test_an_encoding_that_is_wrong_is_left_out():
    data = "나는 학교에 간다\n".encode("cp949")
    assert [one.encoding for one in readings(data)] == ["cp949"]
    assert "cp949" not in [one.encoding for one in readings(data, but="cp949")]


TEXTS = {
    "English": "The cat sat -- on 1 mat.\n\nIt is a cat.\n",
    "Vietnamese": "Ti\u1ebfng Vi\u1ec7t c\u00f3 d\u1ea5u, \u201cnh\u01b0 th\u1ebf\u201d.\n",
    "Korean": "나는 학교에 간다\n안녕 하세요\n",
    "emoji": "so \U0001f600\U0001f600 it is\n",
    "one word": "cat",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_recognized_with_and_without_a_mark(text, name):
    assert wide_encoding(text.encode(name)) == name
    assert wide_encoding(f"\ufeff{text}".encode(name)) == name[:6]
    assert marked_encoding(f"\ufeff{text}".encode(name)) == name[:6]


@pytest.mark.parametrize("data", [b"ab\0cd\n", b"caf\xe9", b"", b"\0\xff\x9f\x12\xdc\0"])
def test_others_are_not_taken_for_wide_ones(data):
    assert wide_encoding(data) is None
