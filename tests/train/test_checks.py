import gzip
import os

import pytest

from rnnlm_cli.config import load_config
from rnnlm_cli.data.texts import read_training_texts
from rnnlm_cli.text import cache
from rnnlm_cli.train import checks
from rnnlm_cli.train.checks import training_notes, warnings_among

TEXT = "".join(f"{n} {n + 1}\n" for n in range(20))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    texts = {"train": TEXT, "other": "a b c\n", "valid": "0 1 2\n", "copy": TEXT}
    for name, text in texts.items():
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "train.txt.gz").write_bytes(gzip.compress(TEXT.encode()))
    os.symlink("train.txt", tmp_path / "link.txt")
    (tmp_path / "c.yaml").write_text(
        "corpus: {train: train.txt}\nmodel: {embedding_size: 2, hidden_size: 2}\n"
        "training: {epochs: 1, optimizer: {kind: sgd, learning_rate: 1}}\n"
        "checkpoint: {path: m.pkl}\n",
        encoding="utf-8",
    )
    return tmp_path


def notes(**corpus):
    config = load_config("c.yaml", [f"corpus.{key}={value}" for key, value in corpus.items()])
    return training_notes(config, read_training_texts(config))


def test_nothing_to_say(folder):
    assert notes() == []
    assert notes(valid="valid.txt", test="other.txt") == []
    assert notes(valid="valid.txt", test="missing.txt") == []


@pytest.mark.parametrize("train", ["train.txt", "[other.txt, train.txt]"])
@pytest.mark.parametrize("valid", ["train.txt", "link.txt", "copy.txt", "train.txt.gz"])
def test_a_validation_text_that_is_trained_on(folder, train, valid):
    (note,) = notes(train=train, valid=valid)
    assert note.startswith(f"warning: corpus.valid: {valid} is also trained on")


def test_a_directory_or_a_pattern_that_shares_a_file(folder):
    (folder / "novels").mkdir()
    (folder / "novels/a.txt").write_text("x y\n", encoding="utf-8")
    (folder / "novels/b.txt").write_text(TEXT, encoding="utf-8")
    (folder / "novels/pic.png").write_bytes(bytes(9))
    left_out, note = notes(train="novels", valid="'cop*.txt'", test="'no*.txt'")
    assert left_out == "novels/: left out: binary (pic.png)"
    assert note.startswith("warning: corpus.valid: copy.txt is also trained on")


@pytest.mark.parametrize("test", ["train.txt", "link.txt", "copy.txt"])
def test_a_test_text_that_is_trained_on(folder, test):
    (note,) = notes(test=test)
    assert note.startswith(f"warning: corpus.test: {test} is also trained on")


def test_a_test_text_that_selects_the_model(folder):
    (note,) = notes(valid="valid.txt", test="valid.txt")
    assert note.startswith("corpus.test: valid.txt is also the validation text")


def test_a_different_text_of_the_same_size_is_not_taken_for_it(folder, monkeypatch):
    monkeypatch.setattr(checks, "COMPARED_BYTES", 3)
    other = TEXT[:-2] + "x\n"
    (folder / "near.txt").write_text(other, encoding="utf-8")
    assert len(other) == len(TEXT)
    assert notes(valid="near.txt", test="near.txt") == [
        "corpus.test: near.txt is also the validation text, which selects the best model; "
        "name another text"
    ]


def test_a_text_that_is_given_twice(folder):
    assert notes(train="[train.txt, train.txt]") == [
        "train.txt: is given twice and so counts twice; omit one"
    ]
    assert notes(train="[train.txt, train.txt.gz]") == [
        "train.txt.gz: holds the same text as train.txt, so it counts twice; omit one"
    ]


def test_unknown_tokens_are_a_note_or_a_warning(folder):
    words = "a b c d e f g h i j k l m n o p q r s".split()  # with the line's end 20 tokens
    (folder / "train.txt").write_text(f"{' '.join(words)}\n", encoding="utf-8")

    def with_unknown(count):
        text = " ".join(["x"] * count + words[count:])
        (folder / "valid.txt").write_text(f"a {text}\n", encoding="utf-8")  # a is given
        return notes(valid="valid.txt")

    assert with_unknown(0) == []
    told = "0.0% of the training text and {}% of the validation text is not in the vocabulary"
    for count, share in ((1, "5.0"), (4, "20.0")):
        (note,) = with_unknown(count)
        assert note.startswith(told.format(share))
    (warning,) = with_unknown(5)
    assert warning.startswith(f"warning: {told.format('25.0')}")
    assert warning.endswith("train on more text, or set corpus.unit: char")
    (folder / "train.txt").write_text("a a a b c d\n", encoding="utf-8")
    (warning,) = notes(min_count=2)
    assert warning.startswith("warning: 66.7% of the training text is not in")  # b c d <eos>
    assert "lower corpus.min_count or raise corpus.max_vocabulary" in warning


def test_an_unknown_token_written_in_the_text_is_not_reported(folder):
    (folder / "train.txt").write_text("a <unk> <unk> b\n", encoding="utf-8")
    assert notes() == []


def test_a_large_text_is_checked_without_being_read_again(folder, monkeypatch):
    monkeypatch.setattr(cache, "LARGE", 1)
    marked = "<s> a\rb\rc\n"
    (folder / "marked.txt").write_text(marked, encoding="utf-8")
    how = {"train": "[marked.txt, train.txt, copy.txt]", "valid": "train.txt.gz"}
    first = notes(**how)
    assert [note.partition(":")[0] for note in first] == [
        "marked.txt, train.txt, copy.txt",
        "copy.txt",
        "warning",
    ]
    monkeypatch.setattr(cache, "read_training_corpus", lambda *a, **k: pytest.fail("read again"))
    assert notes(**how) == first


def test_a_training_text_without_spaces_between_words(folder):
    (folder / "train.txt").write_text("".join(f"w{k}\n" for k in range(600)), encoding="utf-8")
    (note,) = notes()
    assert note.startswith("warning: train.txt: 100.0% of its 600 different words occur once")
    assert notes(unit="char", end_of_line="null") == []


def test_warnings_are_told_from_notes():
    assert warnings_among(["a note", "warning: b", "warning of c"]) == ["b"]
