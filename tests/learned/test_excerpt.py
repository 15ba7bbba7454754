"""The beginning of a text, as a model reads it."""

import pytest

from rnnlm_cli.errors import UsageError
from rnnlm_cli.learned.excerpt import parts_of, written

EOS, A, B, C, UNK = 0, 1, 2, 3, 5


def test_no_more_is_read_than_is_needed(make, excerpt_of):
    excerpt = excerpt_of(make(), "a x\nb c\n", most=4)
    assert excerpt.tokens == ["a", "x", "<eos>", "b"]
    assert excerpt.ids.tolist() == [A, UNK, EOS, B]
    with pytest.raises(UsageError, match="no token"):
        excerpt_of(make(), "")


def read(model, excerpt, streams=1):
    return [
        (part.inputs.tolist(), (part.where.start, part.where.stop), part.given)
        for part in parts_of(model, excerpt, streams)
    ]


def test_a_model_reads_a_text_as_it_was_trained(make, excerpt_of):
    model = make()
    excerpt = excerpt_of(model, "a b\nc\n")
    assert read(model, excerpt) == [([EOS, A, B, EOS, C, EOS], (0, 5), 1)]
    assert read(model, excerpt, 2) == [([EOS, A, B], (0, 2), 1), ([EOS, EOS, C, EOS], (2, 5), 1)]
    assert read(make(lines="independent"), excerpt) == [
        ([EOS, A, B, EOS], (0, 3), 1),
        ([EOS, C, EOS], (3, 5), 1),
    ]
    both = make(direction="bidirectional", lines="independent")
    assert read(both, excerpt) == [
        ([[EOS, A], [EOS, B]], (0, 2), 0),
        ([[EOS], [EOS]], (3, 4), 0),
    ]


def test_what_a_token_adds_to_the_text(make):
    assert written(make(), ["a", "b", "<eos>", "c"]) == ["a", " b", "\n", "c"]
