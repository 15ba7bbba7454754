"""A model that is asked as ``kenlm.Model`` is."""

import copy
import doctest
import math
import pickle

import pytest

import rnnlm_cli
from rnnlm_cli import kenlm
from rnnlm_cli.errors import UsageError

PATH = "checkpoints/hello.pkl"


@pytest.fixture
def model(hello):
    return kenlm.Model(PATH)


def begun(model):
    state = kenlm.State()
    model.BeginSentenceWrite(state)
    return state


def walk(model, state, words):
    """Score words one after another, as decoders do."""
    scores = []
    for word in words:
        after = kenlm.State()
        scores.append(model.BaseFullScore(state, word, after))
        state = after
    return scores, state


def test_the_examples_are_true(hello):
    assert doctest.testmod(kenlm).failed == 0


@pytest.mark.parametrize("bos", [True, False])
@pytest.mark.parametrize("eos", [True, False])
def test_word_by_word_is_the_whole_sentence(model, bos, eos):
    lm = rnnlm_cli.load(PATH)
    sentence = "you say shout and"
    state = begun(model) if bos else kenlm.State()
    scores, _ = walk(model, state, sentence.split() + ["</s>"] * eos)
    whole = list(model.full_scores(sentence, bos=bos, eos=eos))
    assert [(n, oov) for _, n, oov in scores] == [(n, oov) for _, n, oov in whole]
    assert [s.log_prob for s in scores] == pytest.approx([s.log_prob for s in whole], abs=1e-6)
    assert model.score(sentence, bos=bos, eos=eos) == pytest.approx(
        lm.score(sentence, bos=bos, eos=eos), abs=1e-6
    )
    assert [s.oov for s in whole][:4] == [False, False, True, False]
    assert whole[0].ngram_length == 1 + bos


def test_an_end_may_be_written_in_the_sentence(model):
    assert model.score("you say </s>", eos=False) == pytest.approx(model.score("you say"))
    assert model.score(b"you say") == model.score("you say")


def test_the_perplexity_counts_the_end(model):
    expected = 10 ** (-model.score("you say goodbye") / 4)
    assert model.perplexity("you say goodbye") == pytest.approx(expected)


def test_the_words_after_a_state_have_the_probability_of_1(model):
    """Of a beginning, of nothing that is known, and within a line."""
    _, within = walk(model, begun(model), ["you", "say"])
    for state in (begun(model), kenlm.State(), within):
        out = kenlm.State()
        words = [w for w in model.words if w != "<eos>"] + ["</s>"]
        total = sum(10 ** model.BaseScore(state, word, out) for word in words)
        assert total == pytest.approx(1, abs=1e-5)


def test_a_thousand_words_after_one_state_cost_one_step(model):
    state, out = begun(model), kenlm.State()
    for word in model.words * 120:
        model.BaseScore(state, word, out)
    assert model._distributions.computed == 1


def test_states_that_are_prepared_cost_nothing_more(model):
    begin, out = begun(model), kenlm.State()
    states = [walk(model, begin, [word])[1] for word in model.words]
    model.prepare([*states, kenlm.State()])
    computed = model._distributions.computed
    for state in states:
        model.BaseScore(state, "you", out)
    assert model._distributions.computed == computed == 1 + len(states)


def test_states_are_values(model):
    _, one = walk(model, begun(model), ["you", "say"])
    _, two = walk(model, begun(model), ["you", "say"])
    _, other = walk(model, begun(model), ["say", "you"])
    assert one == two != other
    assert hash(one) == hash(two)
    assert len({one, two, other}) == 2
    assert (one < other) != (other < one)
    assert one <= two
    before = copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))
    model.BaseScore(one, "goodbye", one)  # in and out may be the same
    assert all(state == two != one for state in before)
    model.NullContextWrite(one)
    assert one == kenlm.State()


def test_what_is_in_it(model, hello):
    assert ("you" in model, b"you" in model, "shout" in model) == (True, True, False)
    assert ("</s>" in model, "<s>" in model, "<unk>" in model, "" in model) == (
        (True, False, False, False)
    )
    assert model.path == str(hello / PATH).encode()
    assert model.order == kenlm.Model(PATH, kenlm.Config()).order == 2**31 - 1
    assert kenlm.Model(PATH, order=5).order == 5
    assert repr(pickle.loads(pickle.dumps(model))) == repr(model) == "<Model from hello.pkl>"


def test_mistakes_are_those_of_kenlm(hello, model):
    with pytest.raises(OSError, match=r"Cannot read model 'none.pkl' \(none.pkl: "):
        kenlm.Model("none.pkl")
    with pytest.raises(TypeError, match="Cannot convert <class 'int'> to string"):
        model.score(1)
    with pytest.raises(UsageError, match=r"order: 0 is not a whole number from 1"):
        kenlm.Model(PATH, order=0)


def test_characters_are_words_of_their_own(hello):
    rnnlm_cli.train(
        "configs/hello.yaml",
        overrides={
            "corpus.unit": "char",
            "training.epochs": 2,
            "checkpoint.path": "checkpoints/char.pkl",
        },
    )
    model = kenlm.Model("checkpoints/char.pkl")
    scores, _ = walk(model, begun(model), "you say")
    assert sum(s.log_prob for s in scores) == pytest.approx(model.score("you say", eos=False))
    assert "zz" not in model
    assert math.isfinite(model.score("", eos=False))
