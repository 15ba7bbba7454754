"""Large texts on disk: the same ids as in memory, cached and renewed."""

import gzip
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from rnnlm_cli.system.locks import try_lock
from rnnlm_cli.text import cache, storage
from rnnlm_cli.text.cache import read_large_training_corpus
from rnnlm_cli.text.codec.char import CharCodec
from rnnlm_cli.text.corpus import Reading, read_training_corpus
from rnnlm_cli.text.file_array import FileArray
from rnnlm_cli.text.sources.expand import expand
from rnnlm_cli.text.vocabulary import VocabularyLimits

LIMITS = VocabularyLimits(max_vocabulary=5)


@pytest.fixture(autouse=True)
def every_text_is_large(monkeypatch):
    monkeypatch.setattr(cache, "LARGE", 1)
    monkeypatch.setattr(storage, "CHUNK", 7)
    monkeypatch.setattr("rnnlm_cli.text.numbering.PART", 10)


@pytest.fixture
def path(tmp_path):
    rng = np.random.default_rng(0)
    lines = [" ".join(rng.choice(list("abcdefgh"), 6)) for _ in range(40)]
    found = tmp_path / "a.txt"
    found.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return found


def sources(path):
    return path if isinstance(path, list) else [str(path)]


def read(path, *, use_cache=True, limits=LIMITS, **how):
    return read_large_training_corpus(sources(path), Reading(limits=limits, **how), use_cache)


def in_memory(path, *, limits=LIMITS, **how):
    return read_training_corpus(sources(path), Reading(limits=limits, **how))


def test_a_model_s_vocabulary_comes_back_with_kept_ids(path, monkeypatch):
    given, *_ = in_memory(path)
    first = read(path, vocabulary=given)
    assert first[0] is given
    not_read_again(monkeypatch)
    again = read(path, vocabulary=given)
    assert_equal(again, first)
    assert again[0] is given


def assert_equal(found, expected):
    assert found[0].tokens == expected[0].tokens
    assert found[0].counts.tolist() == expected[0].counts.tolist()
    for a, b in zip(found[1:], expected[1:], strict=True):
        np.testing.assert_array_equal(a.ids, b.ids)
        assert a.ids.dtype == b.ids.dtype
        assert (a.name, a.oov, a.given) == (b.name, b.oov, b.given)
        assert (a.characters, a.bytes, a.facts) == (b.characters, b.bytes, b.facts)
        assert a.oov_types == b.oov_types


def not_read_again(monkeypatch):
    monkeypatch.setattr(cache, "read_training_corpus", lambda *a, **k: pytest.fail("read again"))


@pytest.mark.parametrize("options", [{}, {"valid_fraction": 0.3}, {"given": 0}])
def test_the_cache_holds_what_was_read(path, monkeypatch, options):
    expected = in_memory(path, **options)
    assert_equal(read(path, **options), expected)
    not_read_again(monkeypatch)
    kept = read(path, **options)
    assert_equal(kept, expected)
    assert isinstance(kept[1].ids, FileArray)


def test_a_given_vocabulary_is_part_of_the_key(path, tmp_path):
    other = tmp_path / "b.txt"
    other.write_text("x a y b\n", encoding="utf-8")
    vocabulary, _, _ = in_memory(other)
    assert_equal(read(path, vocabulary=vocabulary), in_memory(path, vocabulary=vocabulary))
    assert_equal(read(path), in_memory(path))
    assert len(list((tmp_path / ".rnnlm").glob("*.json"))) == 2


def test_another_content_or_codec_is_read_again(path, tmp_path):
    read(path)
    path.write_text("a b c\n" * 10, encoding="utf-8")
    assert_equal(read(path), in_memory(path))
    assert len(list((tmp_path / ".rnnlm").glob("*.npy"))) == 1  # the old one is gone
    char = CharCodec(None)
    assert_equal(read(path, codec=char), in_memory(path, codec=char))
    assert len(list((tmp_path / ".rnnlm").glob("*.npy"))) == 2


def test_a_directory_is_cached_in_it_by_the_content_of_all_files(tmp_path, monkeypatch):
    folder = tmp_path / "texts"
    folder.mkdir()
    for name in "bc":
        (folder / f"{name}.txt").write_text(f"{name} a\n" * 20, encoding="utf-8")
    (folder / "d.csv").write_text("text,more\na b,c\n", encoding="utf-8")
    (folder / "pic.png").write_bytes(b"\0" * 99)

    def cached(field="text"):
        sources = expand([str(folder)], field)
        found, expected = read(sources), in_memory(sources)
        assert_equal(found, expected)
        return found[1]

    first = cached()
    assert first.facts.left_out == (f"{folder}/: left out: binary (pic.png)",)
    (folder / "pic.png").unlink()
    with monkeypatch.context() as patch:
        not_read_again(patch)
        assert read(expand([str(folder)], "text"))[1].facts.left_out == ()
    assert cached("more").digest != first.digest
    (folder / "a.txt").write_text("x\n", encoding="utf-8")
    assert len(cached()) == len(first) + 2
    (folder / "d.csv").rename(folder / "d.txt")  # the same bytes, read otherwise
    assert len(cached()) == len(first) + 4
    assert len(list((folder / ".rnnlm").glob("*.npy"))) == 2  # one for each field
    assert sorted(os.listdir(tmp_path)) == ["texts"]


def test_another_content_of_an_archive_is_read_again(tmp_path):
    path = tmp_path / "texts.zip"

    def check(*texts):
        with zipfile.ZipFile(path, "w") as archive:
            for k, text in enumerate(texts):
                archive.writestr(f"{k}.txt", text)
        sources = expand([str(path)], None)
        found, expected = read(sources), in_memory(sources)
        assert_equal(found, expected)

    for texts in (("a b\n", "c d\n"), ("a b\n", "c e\n"), ("a a\n", "c e\n")):
        check(*texts)


DAMAGE = ["cut ids", "no ids", "a bit of an id", "cut json", "other json", "no text", "other token"]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_cache_is_ignored(path, tmp_path, damage):
    read(path)
    (meta,) = (tmp_path / ".rnnlm").glob("*.json")
    (ids,) = (tmp_path / ".rnnlm").glob("*.npy")
    if damage == "cut ids":
        os.truncate(ids, ids.stat().st_size - 3)
    elif damage == "no ids":
        ids.unlink()
    elif damage == "cut json":
        os.truncate(meta, 40)
    elif damage == "other json":
        meta.write_text("[1, 2]", encoding="utf-8")
    elif damage == "no text":
        meta.write_bytes(b"\xff" * 100)
    elif damage == "a bit of an id":
        content = bytearray(ids.read_bytes())
        content[-1] ^= 1
        ids.write_bytes(content)
    else:
        meta.write_text(meta.read_text(encoding="utf-8").replace('"a"', '"z"'), encoding="utf-8")
    assert_equal(read(path), in_memory(path))
    assert_equal(read(path), in_memory(path))


def test_without_a_cache_nothing_is_left(path, tmp_path):
    assert_equal(read(path, use_cache=False), in_memory(path))
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_read_only_directory_still_works(path, tmp_path, monkeypatch):
    def refused(*args, **options):
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.mkdir", refused)
    assert_equal(read(path), in_memory(path))
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_full_disk_is_not_an_error(path, tmp_path, monkeypatch):
    def full(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    assert_equal(read(path), in_memory(path))
    assert not list((tmp_path / ".rnnlm").iterdir())


def left_by_a_killed_process(folder, name):
    left = folder / name
    left.mkdir(parents=True)
    (left / "numbers").write_bytes(b"1234")
    (left / storage.MARKER).write_bytes(storage.MARK + b"1\n")
    return left


def test_files_of_a_killed_process_are_removed(path, tmp_path):
    folder = tmp_path / ".rnnlm"
    old, held = (left_by_a_killed_process(folder, f".rnnlm-{name}") for name in "ab")
    descriptor = os.open(held / storage.MARKER, os.O_RDONLY)
    try:
        assert try_lock(descriptor)
        read(path)
        assert [p.exists() for p in (old, held)] == [False, True]
    finally:
        os.close(descriptor)
    assert (held / "numbers").exists()


def test_the_next_process_removes_files_of_a_killed_one(path, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    program = """
import os, signal
from rnnlm_cli.text.storage import scratch_directory
with scratch_directory(None) as folder:
    (folder / "numbers").write_bytes(b"1234")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", program], check=False)
    assert len(list(tmp_path.glob(".rnnlm-*"))) == 1
    monkeypatch.setattr("tempfile.tempdir", None)
    read(path, use_cache=False)
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    "what", ["no marker", "other marker", "more files", "link", "linked marker"]
)
def test_files_of_others_are_kept(path, tmp_path, monkeypatch, what):
    """Whatever its age and name."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    own = tmp_path / ".rnnlm-thesis"
    left_by_a_killed_process(tmp_path, ".rnnlm-thesis")
    (own / "chapter.tex").write_text("mine", encoding="utf-8")
    if what == "no marker":
        (own / storage.MARKER).unlink()
    elif what == "other marker":
        (own / storage.MARKER).write_text("my notes", encoding="utf-8")
    elif what == "link":
        own.rename(tmp_path / "thesis")
        own.symlink_to("thesis")
    elif what == "linked marker":
        (own / storage.MARKER).rename(tmp_path / "marker")
        (own / storage.MARKER).symlink_to("../marker")
    os.utime(own, (1e9, 1e9))
    read(path, use_cache=False)
    assert (own / "chapter.tex").read_text(encoding="utf-8") == "mine"
    assert (own / "numbers").exists() or what == "more files"


def test_without_locks_nothing_of_others_is_removed(path, tmp_path, monkeypatch):
    left = left_by_a_killed_process(tmp_path / ".rnnlm", ".rnnlm-a")
    monkeypatch.setattr("rnnlm_cli.text.storage.try_lock", lambda descriptor: True)
    read(path)
    assert (left / "numbers").exists()


@pytest.mark.parametrize("name", ["numbers", "ids.npy"])
def test_a_full_disk_is_an_error_with_the_files_name(path, monkeypatch, name):
    opened = Path.open

    def full(self, *args, **options):
        file = opened(self, *args, **options)
        if self.name != name:
            return file
        write = file.write
        written = []

        def refused(data):
            written.append(data)
            if len(written) > 3:
                raise OSError(28, "No space left on device")
            return write(data)

        proxy = mock.Mock(wraps=file)
        proxy.write = refused
        return proxy

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(OSError, match=rf"No space.*{name}"):
        read(path)


def test_only_the_cache_stays_in_the_directory(path, tmp_path):
    read(path)
    assert len(os.listdir(tmp_path / ".rnnlm")) == 2


def test_a_resumed_training_finds_its_cache(path, tmp_path, monkeypatch):
    vocabulary, train, _ = read(path)
    not_read_again(monkeypatch)
    again = read(path, vocabulary=vocabulary)
    assert again[0] is vocabulary
    np.testing.assert_array_equal(again[1].ids, train.ids)


def test_a_given_vocabulary_keeps_its_counts(path, tmp_path):
    other = tmp_path / "b.txt"
    other.write_text("x a y b\n", encoding="utf-8")
    vocabulary, _, _ = in_memory(other)
    for _ in range(2):
        assert read(path, vocabulary=vocabulary)[0] is vocabulary


def test_a_vocabulary_that_grows_is_cached_with_what_was_added(path, tmp_path, monkeypatch):
    other = tmp_path / "b.txt"
    other.write_text("x a y b x\n", encoding="utf-8")
    known, _, _ = in_memory(other, limits=VocabularyLimits())
    how = {"vocabulary": known, "extend": True, "limits": VocabularyLimits(max_vocabulary=10)}
    expected = in_memory(path, **how)
    assert expected[0].tokens[: len(known)] == known.tokens
    assert len(expected[0]) == 10
    assert expected[1].oov_types == 2  # of c to h
    assert_equal(read(path, **how), expected)
    not_read_again(monkeypatch)
    assert_equal(read(path, **how), expected)
    known.counts[0] += 5
    assert read(path, **how)[0].counts.tolist() == [
        *known.counts.tolist(),
        *expected[0].counts[len(known) :].tolist(),
    ]


def test_a_compressed_text_counts_with_its_decompressed_size(tmp_path, monkeypatch):
    """A text of 64 MB is large even if its file is small."""
    monkeypatch.setattr(cache, "LARGE", 10_000)
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(b"you say\n" * 5000))
    assert path.stat().st_size < 1000
    assert isinstance(read(path)[1].ids, FileArray)
    assert_equal(read(path), in_memory(path))
    path.write_bytes(gzip.compress(b"you say\n" * 500))
    assert not isinstance(read(path)[1].ids, FileArray)
