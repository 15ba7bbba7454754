"""Lines of two columns: bad ones are named, and what is read is what is there."""

from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.config import make_config
from rnnlm_cli.data.labelled import read_labelled_texts
from rnnlm_cli.data.rows import split
from rnnlm_cli.errors import CorpusError

COLUMNS = ("label", "text")
GOOD = "even\ta b\nodd\ta\n"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("", "is empty"),
        ("a b c", "has no tab"),
        ("a\tb\tc", "has 2 tabs"),
        (" \tb", "has no label"),
        ("a\t ", "has no text"),
    ],
)
def test_a_bad_line_says_what_is_wrong(line, problem):
    with pytest.raises(CorpusError) as caught:
        split(line, COLUMNS, "x.tsv: line 3")
    assert str(caught.value).startswith(f"x.tsv: line 3: {problem}; each line is label<TAB>text")


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Return a function that writes files, and reads them as a training does."""
    monkeypatch.chdir(tmp_path)

    def read(*texts, **changes):
        names = [f"{k}.tsv" for k in range(len(texts))]
        for name, text in zip(names, texts, strict=True):
            Path(name).write_text(text, encoding="utf-8")
        corpus = {"train": names, **changes.pop("corpus", {})}
        task = {"kind": "classification", **changes}
        return read_labelled_texts(
            make_config({"corpus": corpus, "task": task, "checkpoint": {"path": "m.pkl"}})
        )

    return read


def test_lines_and_labels_become_ids(read):
    texts = read(GOOD, " odd\tb <unk> b\r\n")
    assert texts.labels == ("even", "odd")
    assert texts.train.labels.tolist() == [0, 1, 1]
    tokens = [texts.vocabulary.tokens[k] for k in texts.train.ids]
    assert tokens == "a b <eos> a <eos> b <unk> b <eos>".split()
    assert texts.train.padded(np.array([2, 1])).shape == (4, 2)
    assert texts.train.padded(np.array([1, 0]))[:, 0].tolist()[2:] == [-1]


def test_a_fraction_holds_out_lines_at_the_end(read):
    texts = read("even\ta\nodd\tb\neven\tc\nodd\td\n", corpus={"valid": 0.25})
    assert (texts.train.labels.tolist(), texts.valid.labels.tolist()) == ([0, 1, 0], [1])
    assert "d" not in texts.vocabulary
    with pytest.raises(CorpusError, match=r"corpus\.valid 0\.1 leaves 4 of 4 lines"):
        read("even\ta\nodd\tb\neven\tc\nodd\td\n", corpus={"valid": 0.1})


@pytest.mark.parametrize(
    ("texts", "changes", "message"),
    [
        ((GOOD, "odd a\n"), {}, r"^1\.tsv: line 1: has no tab"),
        (("x\ta\nx\tb\n",), {}, r"^0\.tsv: every line has the label x; at least two"),
        ((GOOD, "odd\ta\nodd\ta <eos> b\n"), {}, r"^1\.tsv: line 2: has <eos>, the token that"),
        ((GOOD + "odd\ta b a\n",), {"longest": 3}, r"^0\.tsv: line 3: has 4 tokens with its end"),
        (
            (GOOD + "no\ta\n",),
            {"corpus": {"valid": 0.3}},
            r"^0\.tsv: line 3: its label no is not in the training text, which has even, odd",
        ),
        (("",), {}, r"^0\.tsv: is empty; use a text with lines of label<TAB>text"),
    ],
)
def test_a_bad_text_is_named_with_its_line(read, texts, changes, message):
    with pytest.raises(CorpusError, match=message):
        read(*texts, **changes)


def test_the_fingerprint_is_of_labels_too(read):
    other = GOOD.replace("odd\ta", "even\ta") + "odd\tb\n"
    assert read(GOOD + "even\tb\n").train.digest != read(other).train.digest
