"""A large text that several ranks read together: the ids, and all else, of one process."""

from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.text import cache, storage
from rnnlm_cli.text.cache import read_large_training_corpus
from rnnlm_cli.text.codec import CODECS
from rnnlm_cli.text.corpus import Reading
from rnnlm_cli.text.reader import Limits
from rnnlm_cli.text.readers import part_of
from rnnlm_cli.text.vocabulary import VocabularyLimits

TEXT = """the cat İ sat\r\non <eos> the mat .

\ufeffthe dog, an 개 of e\u0301 Straße
the end </s> and\x0bmore: don't stop
z the
"""


@pytest.fixture(autouse=True)
def every_text_is_large(monkeypatch):
    monkeypatch.setattr(cache, "LARGE", 1)
    monkeypatch.setattr(storage, "CHUNK", 3)
    monkeypatch.setattr("rnnlm_cli.text.numbering.PART", 4)


@pytest.fixture
def paths(tmp_path):
    """Three files; the second and the third have the same tokens."""
    found = [tmp_path / name for name in ("a.txt", "b.txt", "c.txt")]
    for path, text in zip(found, (TEXT, TEXT[:40], TEXT[:40]), strict=True):
        path.write_text(text, encoding="utf-8", newline="")
    return [str(path) for path in found]


def together(on_threads, size, paths, reading, *, use_cache=False, hosts=None):
    def work(group):
        group.hosts = hosts or group.hosts
        return plain(read_large_training_corpus(paths, reading, use_cache, group))

    return on_threads(size, work)


def plain(texts):
    """All that is known about a text, as values that can be compared."""
    vocabulary, *parts = texts
    known = [vocabulary.tokens, vocabulary.counts.tolist()]
    for part in parts:
        values = {key: value for key, value in vars(part).items() if key not in ("ids", "digest")}
        known += [np.asarray(part.ids).tolist(), part.ids.dtype, values]
    return known


def reading(unit, **how):
    codec = CODECS[unit](how.pop("end", "<eos>"), how.pop("lowercase", False))
    if unit == "subword":
        from rnnlm_cli.text.pieces import Piece

        codec = codec.planned({"kind": "bpe", "size": 80}).train([Piece(TEXT, True)])
    return Reading(codec, VocabularyLimits(max_vocabulary=how.pop("most", None)), **how)


@pytest.mark.parametrize("size", [2, 7])
@pytest.mark.parametrize(
    "how",
    [
        {"unit": "word", "valid_fraction": 0.3, "lowercase": True},
        {"unit": "word", "end": None, "most": 5},
        {"unit": "char", "given": 0, "valid_fraction": 0.4},
        {"unit": "prose", "valid_fraction": 0.5},
        {"unit": "jamo", "end": None, "lowercase": True},
        {"unit": "subword", "ends": True, "given": 0},
    ],
    ids=str,
)
def test_ranks_read_what_one_process_reads(on_threads, paths, size, how):
    how = reading(**how)
    expected = plain(read_large_training_corpus(paths, how, use_cache=False))
    hosts = ["one", "two", "one", "two", "one", "one", "two"][:size]
    assert together(on_threads, size, paths, how, hosts=hosts) == [expected] * size


def test_a_model_s_vocabulary_is_extended_as_by_one_process(on_threads, paths):
    known = read_large_training_corpus(paths[1:2], reading("word"), use_cache=False)[0]
    how = reading("word", vocabulary=known, extend=True)
    expected = plain(read_large_training_corpus(paths, how, use_cache=False))
    assert together(on_threads, 3, paths, how) == [expected] * 3


def test_the_ids_are_kept_for_one_process_too(on_threads, paths, monkeypatch):
    how = reading("word", valid_fraction=0.3)
    found = together(on_threads, 2, paths, how, use_cache=True)
    kept = Path(paths[0]).parent.joinpath(".rnnlm").iterdir()
    assert sorted(path.suffix for path in kept) == [".json", ".npy"]
    monkeypatch.setattr(cache, "read_training_corpus", lambda *a: pytest.fail("read again"))
    assert plain(read_large_training_corpus(paths, how)) == found[0] == found[1]
    assert together(on_threads, 3, paths, how, use_cache=True) == [found[0]] * 3


@pytest.mark.parametrize(
    "text", [TEXT, "\n\n\n\nx", "one line without its end", "\ufeffa\n\ufeffb"]
)
@pytest.mark.parametrize("size", [1, 3, 40])
def test_parts_are_whole_lines_and_the_whole_text(tmp_path, text, size):
    paths = [tmp_path / "a", tmp_path / "b", tmp_path / "c"]
    for path, content in zip(paths, (text, "", text), strict=True):
        path.write_text(content, encoding="utf-8", newline="")
    parts = [part_of([*map(str, paths)], rank, size) for rank in range(size)]
    found = [b"", b"", b""]
    for number, file in (one for part in parts for one in part):
        with file.open(1) as opened:
            data = opened.read()
        assert found[number] == b"" or not data.startswith("\ufeff".encode())
        assert not found[number] or found[number].endswith(b"\n")
        found[number] += data
    assert found == [path.read_bytes() for path in paths]
    assert sum(number == 1 for part in parts for number, _ in part) == 1


def test_what_is_wrong_is_said_as_by_one_process(on_threads, paths):
    Path(paths[2]).write_bytes(b"good\nwords\n\xff bad\n")
    for size in (1, 3):
        with pytest.raises(CorpusError, match=r"c\.txt: line 3, byte 1"):
            together(on_threads, size, paths, reading("word"))


@pytest.mark.parametrize("encoding", ["utf-16", "auto"])
def test_what_cannot_be_divided_is_read_whole(on_threads, paths, encoding):
    for path in paths:
        Path(path).write_text(
            TEXT, encoding="utf-16" if encoding == "utf-16" else "cp949", errors="ignore"
        )
    how = reading("word", text_limits=Limits(encoding=encoding))
    expected = plain(read_large_training_corpus(paths, how, use_cache=False))
    assert together(on_threads, 3, paths, how) == [expected] * 3


@pytest.mark.parametrize("use_cache", [True, False])
def test_another_text_on_a_rank_is_refused_by_its_hash(on_threads, paths, tmp_path, use_cache):
    other = tmp_path / "other.txt"
    other.write_text(TEXT.replace("cat", "rat"), encoding="utf-8")

    def work(group):
        own = [str(other)] if group.rank == 1 else paths[:1]
        return read_large_training_corpus(own, reading("word"), use_cache, group)

    with pytest.raises(UsageError, match=r"the text corpus\.train is not that of rank 0"):
        on_threads(2, work)
