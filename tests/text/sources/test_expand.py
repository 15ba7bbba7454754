"""Names become files of text; what is left out is told, and what a text reads is known."""

import gzip
import io
import sys
import zipfile
from types import SimpleNamespace

import pytest

from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.text.reader import (
    DEFAULT_LIMITS,
    InlineText,
    Limits,
    left_out_of,
    names_of,
    read_pieces,
)
from rnnlm_cli.text.sources import compression
from rnnlm_cli.text.sources.expand import expand, reads


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, content in {
        "novels/b.txt": b"b\n",
        "novels/a/1.txt": "하나\n".encode("utf-16"),
        "novels/c.txt.gz": gzip.compress(b"c\n"),
        "novels/d.png": b"\x89PNG\r\n\x1a\n\0\0\0\r",
        "novels/d.pdf": b"%PDF-1.4\n",
        "novels/e.gz": gzip.compress(bytes(100)),
        "novels/f.txt": b"",
        "novels/.git/g.txt": b"g\n",
        "novels/.rnnlm/h.npy": b"h",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def names(*given):
    return [source.name for source in expand(given, "text")]


def text_of(*given, limits=DEFAULT_LIMITS):
    return "".join(p.text for s in expand(given, "text") for p in read_pieces(s, limits))


def test_a_directory_is_its_files_of_text(folder):
    found = expand(["novels"], "text")
    assert [file.name for file in found] == ["novels/a/1.txt", "novels/b.txt", "novels/c.txt.gz"]
    assert names_of(found) == "novels/ (3 files)"
    assert names_of([*found, *expand(["novels/b.txt", "-"], "text")]) == (
        "novels/ (3 files), novels/b.txt, standard input"
    )
    (note,) = left_out_of(found)
    assert note == (
        "novels/: left out: binary (d.pdf, d.png and 1 more), empty (f.txt), hidden (.git)"
    )


def test_a_pattern_is_its_files_of_text(folder):
    assert names("novels/*.txt", "novels/**/[1b].txt") == [
        "novels/b.txt",
        "novels/a/1.txt",
        "novels/b.txt",
    ]
    assert text_of("novels/[bc].*") == "b\nc\n"
    assert names_of(expand(["novels/b*"], None)) == "novels/b* (1 file)"


def test_a_file_that_is_named_is_not_left_out(folder):
    assert names("novels/d.png", "novels/f.txt", "novels/.git/g.txt", "gone.txt") == [
        "novels/d.png",
        "novels/f.txt",
        "novels/.git/g.txt",
        "gone.txt",
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("novels/*.md", r"novels/\*\.md: no text file matches; name one"),
        ("novels/d.*", r"novels/d\.\*: no text file matches \(left out: binary \(d.pdf, d.png\)\)"),
        ("novels/.git/none", "No such file"),
        ("empty", r"empty: holds no text file \(left out: hidden \(\.a\)\); name one"),
        ("empty.zip", r"empty\.zip: holds no text file; name one"),
    ],
)
def test_nothing_to_read_is_an_error(folder, name, message):
    (folder / "empty").mkdir()
    (folder / "empty/.a").touch()
    zipped("empty.zip", {})
    with pytest.raises(UsageError, match=message):
        text_of(name)


def test_an_archive_is_like_a_directory(folder):
    members = {"b/2.txt": "2\n", "b/10.txt": "10\n", "a.txt.gz": gzip.compress(b"a\n")}
    members |= {
        ".DS_Store": "x",
        "__MACOSX/a.txt": "x",
        "c.png": b"\x89PNG\r\n\x1a\n\0\0\0\r",
        "in.zip": b"PK",
    }
    zipped("all.zip", {**members, "d.csv": "id,text\n1,d\n"})
    found = expand(["all.zip"], "text")
    assert names("all.zip") == [
        f"all.zip/{n}" for n in ("a.txt.gz", "b/10.txt", "b/2.txt", "d.csv")
    ]
    assert names_of(found) == "all.zip (4 files)"
    assert text_of("all.zip") == "a\n10\n2\nd\n"
    (note,) = left_out_of(found)
    assert note == (
        "all.zip: left out: archive in an archive (in.zip), binary (c.png), "
        "hidden (.DS_Store, a.txt)"
    )
    zipped("novels/z.zip", {"z.txt": "z\n"})
    assert names("novels")[-1] == "novels/z.zip/z.txt"


def test_a_damaged_archive_is_one_line(folder):
    zipped("a.zip", {"a.txt": "a b c\n" * 1000})
    sound = (folder / "a.zip").read_bytes()
    for name, data in {
        "cut.zip": sound[:-30],
        "changed.zip": sound[:45] + b"????" + sound[49:],
        "locked.zip": sound.replace(b"PK\3\4\x14\0\0\0", b"PK\3\4\x14\0\1\0").replace(
            b"PK\1\2\x14\3\x14\0\0\0", b"PK\1\2\x14\3\x14\0\1\0"
        ),
        "place.zip": sound[:-6] + b"\xff\xff\xff\xff" + sound[-2:],
        "odd.zip": sound.replace(b"\x14\0\0\0\x08\0", b"\x14\0\0\0\x09\0"),
    }.items():
        (folder / name).write_bytes(data)
        with pytest.raises(CorpusError, match=rf"^{name}.*; .*again$"):
            text_of(name)


def test_an_archive_expands_no_further_than_its_limit(folder, monkeypatch):
    monkeypatch.setattr(compression, "ALWAYS_ALLOWED", 1000)
    zipped("a.zip", {"a.txt": "a\n" * 50_000, "b.txt": "b\n" * 50_000})
    with pytest.raises(CorpusError, match=r"a\.zip: expands to more than 9 times.* with unzip"):
        text_of("a.zip", limits=Limits(expansion=9))
    assert len(text_of("a.zip", limits=Limits(expansion=1e4))) == 200_000


def test_standard_input_and_a_text_in_memory_stay_as_they_are(folder, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"in\n")))
    assert text_of("-", InlineText("mine", "own\n")) == "in\nown\n"


def test_what_a_text_reads(folder):
    (folder / "novels/link.txt").symlink_to("../out.jsonl")
    reading = reads(["novels", "*.yaml", "a.txt", "-"])
    assert [reading(path) for path in ("novels/m.jsonl", "b.yaml", "./a.txt", "out.jsonl")] == [
        "novels",
        "*.yaml",
        "a.txt",
        None,
    ]
    (folder / "out.jsonl").touch()
    assert reads(["novels"])("out.jsonl") == "novels"
