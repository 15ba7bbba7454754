"""Warnings where figures mislead."""

from dataclasses import replace

import numpy as np
import pytest

from rnnlm_cli.data.texts import read_text
from rnnlm_cli.evaluate.cautions import (
    TRAINED_ON,
    cautions,
    has_training_counts,
    lower_bound_note,
    unknown_warning,
)
from rnnlm_cli.evaluate.perplexity import evaluate
from rnnlm_cli.text.reader import InlineText


def read(saved, content):
    return read_text(saved.config, InlineText("t.txt", content), saved.codec, saved.vocabulary)


@pytest.mark.parametrize(("unknown", "warned"), [(0, False), (20, False), (21, True)])
def test_more_than_a_fifth_of_the_targets_unknown(unknown, warned):
    found = unknown_warning(unknown, 100, "char")
    assert [line.partition(" are ")[0] for line in found] == ["21.0% of the targets"] * warned
    assert all(line.endswith("like this, or with corpus.unit: char") for line in found)
    assert all(line.endswith("like this") for line in unknown_warning(unknown, 100, None))


@pytest.mark.parametrize(("unknown", "warned"), [(2, False), (3, True)])
def test_the_warning_counts_literal_and_replaced_tokens(saved, unknown, warned):
    words = ["<unk>", "x", "y"][:unknown] + ["a"] * (10 - unknown)
    text = read(saved, " ".join(["a", *words]))  # the first a is given, the end of the line is left
    text = replace(text, ids=text.ids[:-1])
    result = evaluate(saved, text)
    assert (result.tokens, result.unknown) == (10, unknown)
    assert any("are unknown tokens" in line for line in cautions(saved, text, result)) == warned


def test_the_training_text_is_known_by_its_counts(saved, text_file):
    content = text_file.read_text(encoding="utf-8")
    lines = content.splitlines(keepends=True)
    for same in (content, "".join(reversed(lines))):
        assert has_training_counts(saved, [read(saved, same)])
    last = content.rindex("a")
    for other in (content + "a\n", "".join(lines[1:]), content[:last] + "b" + content[last + 1 :]):
        assert not has_training_counts(saved, [read(saved, other)])
    text = read(saved, "a b c d a b c\n")
    assert cautions(saved, text, evaluate(saved, text)) == []
    assert cautions(saved, text, evaluate(saved, text), trained_on=True) == [TRAINED_ON]


def test_an_imported_vocabulary_without_counts_tells_nothing(saved):
    saved.vocabulary.counts[:] = 0
    assert not has_training_counts(saved, [read(saved, "a b\n")])
    assert np.array_equal(saved.vocabulary.counts, np.zeros(len(saved.vocabulary)))


def test_unknown_tokens_make_lower_bounds():
    assert lower_bound_note(0) == []
    assert lower_bound_note(1)[0].startswith("1 token is not in the vocabulary")
    assert lower_bound_note(1200)[0].startswith("1,200 tokens are not in the vocabulary")
