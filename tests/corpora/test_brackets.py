"""Lines of brackets: the labels are true, by another way to tell."""

import pytest

from rnnlm_cli.corpora.brackets import brackets
from rnnlm_cli.errors import UsageError


def is_balanced(line):
    """Remove pairs until there are none."""
    while "()" in line:
        line = line.replace("()", "")
    return line == ""


def test_labels_are_true_and_lines_differ():
    found = brackets(400, 4, 20)
    assert [len(part) for part in found] == [360, 20, 20]
    rows = [line.split("\t") for part in found for line in part]
    assert len({text for _, text in rows}) == 400
    for label, text in rows:
        line = text.replace(" ", "")
        assert 4 <= len(line) <= 20
        assert is_balanced(line) == (label == "balanced")
    assert sum(label == "balanced" for label, _ in rows) == 200
    others = [text for label, text in rows if label == "other"]
    assert sum(text.count("(") == text.count(")") for text in others) > 20
    assert brackets(400, 4, 20) == found
    assert brackets(400, 4, 20, seed=2) != found


def test_too_few_different_lines():
    with pytest.raises(UsageError, match="fewer than 60 different lines of 2 to 4 brackets"):
        brackets(60, 2, 4)
