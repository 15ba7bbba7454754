import difflib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text.vocabulary import Vocabulary, VocabularyLimits, choose_vocabulary


def choose(text, **limits):
    types = list(dict.fromkeys(text.split()))
    counts = np.array([text.split().count(t) for t in types])
    return choose_vocabulary(types, counts, VocabularyLimits(**limits))


def test_the_most_frequent_first_then_by_appearance():
    vocabulary = choose("b a a c b a d")
    assert vocabulary.tokens == ["a", "b", "c", "d", "<unk>"]
    assert vocabulary.counts.tolist() == [3, 2, 1, 1, 0]
    assert vocabulary.unknown_id == 4


def test_types_left_out_count_as_unknown():
    vocabulary = choose("a a a b b c <unk> d", min_count=2)
    assert dict(zip(vocabulary.tokens, vocabulary.counts.tolist(), strict=True)) == {
        "a": 3,
        "b": 2,
        "<unk>": 3,
    }
    assert choose("a a a b b c", max_vocabulary=2).tokens == ["a", "<unk>"]


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d", "<unk>", "e"]), min_size=1),
    st.integers(1, 4),
    st.integers(2, 6) | st.none(),
)
def test_every_token_of_the_text_is_counted_once(tokens, min_count, most):
    text = " ".join(tokens)
    try:
        vocabulary = choose(text, min_count=min_count, max_vocabulary=most)
    except CorpusError:
        assert all(tokens.count(t) < min_count for t in tokens if t != "<unk>")
        return
    assert vocabulary.counts.sum() == len(tokens)
    assert (np.diff(vocabulary.counts) <= 0).all()
    assert "<unk>" in vocabulary
    frequent = [t for t in dict.fromkeys(tokens) if t != "<unk>" and tokens.count(t) >= min_count]
    frequent.sort(key=tokens.count, reverse=True)  # stable: in order of appearance
    expected = frequent[: None if most is None else most - 1]
    assert [t for t in vocabulary.tokens if t != "<unk>"] == expected
    assert len(vocabulary) <= (most or 99)


def test_nothing_kept_is_an_error_with_a_remedy():
    with pytest.raises(CorpusError, match=r"min_count 3 .* lower"):
        choose("a b b", min_count=3)


def test_near_words():
    vocabulary = choose("goodbye hello say You help")
    assert vocabulary.near("goodby")[0] == "goodbye"
    assert vocabulary.near("you")[0] == "You"
    assert vocabulary.near("xyz") == []


def test_near_words_are_those_of_difflib():
    rng = np.random.default_rng(0)
    words = sorted({"".join(rng.choice(list("abcde"), rng.integers(2, 9))) for _ in range(900)})
    vocabulary = Vocabulary(words, np.ones(len(words), np.int64), "<unk>")
    for token in ("abcdx", "ab", "edcbaedc", "xyz"):

        def ratio(word, token=token):
            return difflib.SequenceMatcher(a=word, b=token).ratio()

        expected = difflib.get_close_matches(token, words)
        assert [*map(ratio, vocabulary.near(token))] == [*map(ratio, expected)]


def test_the_search_for_near_words_is_bounded(monkeypatch):
    """A word of many letters in a vocabulary of few letters used to take seconds to hours."""
    compared = 0
    ratio = difflib.SequenceMatcher.ratio

    def counted(matcher):
        nonlocal compared
        compared += 1
        return ratio(matcher)

    monkeypatch.setattr(difflib.SequenceMatcher, "ratio", counted)
    rng = np.random.default_rng(0)
    long = ["".join(row) for row in rng.choice(list("acgt"), (3_000, 190))]
    mers = ["".join(row) for row in rng.choice(list("acgt"), (5_000, 12))]
    vocabulary = Vocabulary([*long, *mers], np.ones(8_000, np.int64), "<unk>")
    assert vocabulary.near("acgt" * 47) == []
    assert compared == 0
    assert vocabulary.near(mers[-1] + "x")[0] == mers[-1]
    assert 0 < compared <= 1_000
