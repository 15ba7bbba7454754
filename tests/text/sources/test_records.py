"""Files of records: one field is the text, read a record at a time."""

import csv
import gzip
import json
from pathlib import Path

import pytest

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text.reader import DEFAULT_LIMITS, Limits, read_pieces
from rnnlm_cli.text.sources import records, tables
from rnnlm_cli.text.sources.expand import expand

RECORDS = [
    {"id": "1", "text": 'you, "say" \ttoday\nhello', "rest": "a"},
    {"id": "2", "text": "", "rest": "b"},
    {"id": "3", "text": "하나\n", "rest": ""},
]
LINES = ['you, "say" \ttoday\n', "hello\n", "하나\n"]


@pytest.fixture(autouse=True)
def inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def read(name, field="text", limits=DEFAULT_LIMITS):
    (source,) = expand([name], field)
    return [piece.text for piece in read_pieces(source, limits)]


def write_json(name):
    lines = [json.dumps(record, ensure_ascii=record["id"] == "1") for record in RECORDS]
    Path(name).write_text(
        "\n".join([*lines, "", '{"id": null, "text": null}']), encoding="utf-8-sig"
    )


def write_table(name, delimiter):
    with open(name, "w", newline="", encoding="utf-8-sig") as file:
        table = csv.DictWriter(file, ["id", "text", "rest"], delimiter=delimiter)
        table.writeheader()
        table.writerows(RECORDS)


def write_parquet(name, **options):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.Table.from_pylist([*RECORDS, {"text": None}]), name, **options)


WRITE = {
    "a.jsonl": write_json,
    "a.csv": lambda name: write_table(name, ","),
    "a.TSV": lambda name: write_table(name, "\t"),
    "a.parquet": write_parquet,
}


@pytest.mark.parametrize("name", WRITE)
def test_a_record_is_a_text_of_one_or_more_lines(name):
    WRITE[name](name)
    assert read(name) == LINES
    assert read(name, "id") == ["1\n", "2\n", "3\n"]
    with pytest.raises(
        CorpusError, match=r"has no field 'body'; its fields are id, text, rest; na"
    ):
        read(name, "body")


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.TSV"])
def test_they_may_be_compressed(name):
    WRITE[name](name)
    Path(f"{name}.gz").write_bytes(gzip.compress(Path(name).read_bytes()))
    assert read(f"{name}.gz") == LINES


def test_without_a_field_lines_are_lines():
    write_json("a.jsonl")
    assert read("a.jsonl", None)[0].startswith('{"id": "1", "text": ')
    assert len(read("a.jsonl", None)) == 5


def test_parquet_is_read_by_row_groups_of_any_kind_of_string():
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    many = [f"{n % 7}" for n in range(1000)]
    for kind in (arrow.string(), arrow.large_string(), arrow.dictionary(arrow.int8(), "string")):
        table = arrow.table({"text": arrow.array(many, kind), "n": range(1000)})
        parquet.write_table(table, "b.parquet", row_group_size=100)
        assert read("b.parquet") == [f"{word}\n" for word in many]
    parquet.write_table(arrow.table({"text": arrow.nulls(3)}), "b.parquet")
    assert read("b.parquet") == []
    Path("b.parquet.gz").write_bytes(gzip.compress(Path("b.parquet").read_bytes()))
    with pytest.raises(CorpusError, match=r"b\.parquet\.gz: .*extract the file first"):
        read("b.parquet.gz")


def test_parquet_expands_no_further_than_its_limit(monkeypatch):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr("rnnlm_cli.text.sources.compression.ALWAYS_ALLOWED", 1000)
    parquet.write_table(arrow.table({"text": ["you say"] * 10_000}), "b.parquet")
    with pytest.raises(CorpusError, match=r"b\.parquet: row \d+: the texts are too long for"):
        read("b.parquet", limits=Limits(expansion=3))
    assert len(read("b.parquet", limits=Limits(expansion=1e4))) == 10_000


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:-20], "not valid Parquet"),
        (lambda data: b"PAR1", "not valid Parquet"),
        (lambda data: data.replace(b"hello", b"\xff\xfe\xfd\xfc\xfb"), "row 1: not valid Parquet"),
    ],
)
def test_damaged_parquet_is_one_line(damage, message):
    write_parquet("a.parquet", compression="none", use_dictionary=False, write_statistics=False)
    path = Path("a.parquet")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(CorpusError, match=message):
        read("a.parquet")


SOUND = '{"text": "a"}\n'


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", SOUND + '{"text": 5}', "line 2: the field 'text' is not a string but 5; name"),
        ("a.jsonl", SOUND + '{"text": ["a"]}', r"line 2: the field 'text' is not .* but \['a'\]"),
        ("a.jsonl", SOUND + "{}", "line 2: has no field 'text'; name one"),
        ("a.jsonl", SOUND + '\n"a"', "line 3: 'a' is not a JSON object; write one object per"),
        ("a.jsonl", SOUND + '{"text": "a', r"line 2: not valid JSON \(Unterminated"),
        ("a.jsonl", SOUND + "[" * 100_000, "line 2: not valid JSON"),
        ("a.jsonl", SOUND + '{"text": "\\ud800"}', "line 2: the field 'text' holds half a"),
        ("a.jsonl", SOUND + '{"text": "a\\u0000"}', "line 2: the field 'text' holds a NUL"),
        ("a.csv", "id,text\n1,a,b\n", "line 2: has 3 fields where the first row has 2 fields; w"),
        ("a.csv", 'id,text\n1,"a\nb"\n2\n', "line 4: has 1 field where the first row has 2"),
        ("a.csv", 'id,text\n1,a\n2,"a\nb\n', r"line 3: not a valid row \(unexpected end of data"),
        ("a.csv", 'text\n"a"b\n', r"line 2: not a valid row \(',' expected after '\"'"),
        ("a.csv", "text,text\na,b\n", "line 1: 2 fields are named 'text'; rename all but one"),
        ("a.csv", b"text\n\xff\n", r"line 2, byte 1 \(0xff\): not UTF-8"),
    ],
)
def test_an_error_names_the_record(name, content, message):
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CorpusError, match=rf"^{name}: {message}"):
        read(name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"text": "' + "a" * 200 + '"}'),
        ("a.csv", "text\n" + "a" * 200),
        ("a.csv", 'text\n"' + "a\n" * 100 + '"'),
        ("a.csv", "text\n" + '"a\n",' * 100),
    ],
    ids=["line", "field", "lines in a field", "fields"],
)
def test_a_record_has_a_longest(monkeypatch, name, content):
    for module in (records, tables):
        monkeypatch.setattr(module, "MOST_RECORD", 100)
    monkeypatch.setattr("rnnlm_cli.text.reader.MOST_RECORD", 100)
    Path(name).write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match=r"line \d.*: is longer than [\d,]+ characters; .*split"):
        read(name)


def test_a_word_of_a_record_has_a_longest():
    Path("a.jsonl").write_text('\n{"text": "b\\n' + "a" * 30 + '"}', encoding="utf-8")
    with pytest.raises(CorpusError, match=r"a\.jsonl: line 2: line 2, byte 1: a token of more tha"):
        read("a.jsonl", limits=Limits(token_bytes=20))
    assert read("a.jsonl", limits=Limits(token_bytes=None)) == ["b\n", "a" * 30 + "\n"]
