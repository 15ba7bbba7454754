"""The index of a text against reading all of it again."""

from array import array

import numpy as np
import pytest

from rnnlm_cli.generate import past
from rnnlm_cli.generate.filters import no_repeat_ngram, repetition_penalty
from rnnlm_cli.generate.past import Branch, Growing, Start


def compared(ids, context):
    """The followers, by comparing every place."""
    places = range(len(ids) - context)
    last = ids[len(ids) - context :]
    return {ids[k + context] for k in places if ids[k : k + context] == last}


@pytest.mark.parametrize("context", [0, 1, 2, 3, 9])
@pytest.mark.parametrize("begin", [0, 1, 2, 5, 20])
def test_a_growing_text_gives_the_answers_of_reading_it_again(context, begin):
    rng = np.random.default_rng([context, begin])
    ids = rng.integers(3, size=60).tolist()
    start = Start(ids[:begin])
    growing, other = Growing(start), Growing(start)
    other.append(1)  # a text with the same start changes nothing
    for k in range(begin, len(ids) + 1):
        branch = Branch(start, np.array(ids[begin:k], np.int64))
        for text in (branch, growing) if k % 3 else (branch,):  # not asked at every length
            assert text.followers(context) == compared(ids[:k], context)
            assert sorted(text.types().tolist()) == sorted(set(ids[:k]))
        if k < len(ids):
            growing.append(ids[k])
    assert other.followers(context) == compared([*ids[:begin], 1], context)


def test_a_text_is_read_once_for_any_number_of_queries(monkeypatch):
    read = 0

    class Counted(array):
        def append(self, value):
            nonlocal read
            read += 1
            super().append(value)

    monkeypatch.setattr(past, "array", Counted)
    text = Growing(Start(range(1000)))
    logits = np.zeros((1, 2000))
    for token in range(1000):
        no_repeat_ngram(4)(logits, [text])
        repetition_penalty(2.0)(logits, [text])
        text.append(token)
    assert read < 4100  # each token by the text, by the start's n-grams and by its own
