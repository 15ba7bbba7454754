"""What a model says about a text, and what it refuses, in Python's words."""

import dataclasses
import math

import numpy as np
import pytest

import rnnlm_cli
from rnnlm_cli import UsageError


def by_hand(lm, tokens):
    """log10 of each token after an end of line, from the distributions."""
    saved, found = lm.model, []
    state, given = saved.network.initial_state(1), saved.line_start()
    for token in tokens:
        log_probs, state = saved.network.next_log_probs(np.array([[given]]), state)
        given = saved.vocabulary.id_of(token)
        found.append(float(log_probs[0, given]) / math.log(10))
    return found


def test_scores_have_the_meaning_of_kenlm(lm):
    expected = by_hand(lm, ["you", "say", "shout", "<eos>"])
    scores = list(lm.full_scores("you say shout"))
    assert [score.log10_prob for score in scores] == pytest.approx(expected, rel=1e-4, abs=1e-6)
    assert [score.ngram_length for score in scores] == [2, 3, 4, 5]
    assert [score.oov for score in scores] == [False, False, True, False]
    assert lm.score("you say shout") == pytest.approx(sum(expected), rel=1e-4)
    assert lm.score("you say shout", eos=False) == pytest.approx(sum(expected[:-1]), rel=1e-4)
    assert lm.perplexity("you say shout") == pytest.approx(10 ** (-sum(expected) / 4), rel=1e-4)
    assert lm.score("") == pytest.approx(by_hand(lm, ["<eos>"])[0], rel=1e-4)


def test_without_a_beginning_the_first_token_has_its_frequency(lm):
    counts = lm.model.vocabulary.counts
    first, second, end = lm.full_scores("you say", bos=False)
    share = (counts[lm.tokens.index("you")] + 1) / (counts.sum() + len(counts))
    assert first.log10_prob == pytest.approx(math.log10(share))
    assert 10**second.log10_prob > 0.9  # that is how the training text begins
    assert [first.ngram_length, second.ngram_length, end.ngram_length] == [1, 2, 3]
    assert lm.score("", bos=False, eos=False) == 0


def test_several_lines_are_pooled(lm):
    lines = ["you say", "hello"]
    total = lm.score(lines[0]) + lm.score(lines[1])
    assert lm.perplexity(lines) == pytest.approx(10 ** (-total / 5), rel=1e-4)
    assert lm.perplexity("you say\nhello\n") == pytest.approx(lm.perplexity(lines))
    with pytest.raises(UsageError, match="no line to score"):
        lm.perplexity([])
    with pytest.raises(UsageError, match="no token to predict"):
        lm.perplexity("", independent=False)


def test_states_branch(lm):
    begin = lm.state()
    one, after = begin.read("you")
    expected = by_hand(lm, ["you", "say"])
    assert one == pytest.approx(expected[0], rel=1e-4)
    assert after.read("say")[0] == pytest.approx(expected[1], abs=1e-5)
    assert begin.read("you")[0] == pytest.approx(one, rel=1e-5)
    assert sum(p for _, p in after.next(top=100)) == pytest.approx(1, rel=1e-5)
    assert begin.read("shout")[0] == pytest.approx(begin.read("<unk>")[0], rel=1e-5)


def test_errors_are_the_tools_own(lm):
    with pytest.raises(UsageError, match="'shout' is not in the model"):
        lm.next("shout")
    with pytest.raises(UsageError, match="No such file"):
        rnnlm_cli.load("none.pkl")


def test_lines_may_keep_their_ends(lm):
    assert lm.score("you say\n") == pytest.approx(lm.score("you say"), rel=1e-5)
    with_ends = lm.perplexity(["you say\n", "hello\r\n"])
    assert with_ends == pytest.approx(lm.perplexity(["you say", "hello"]), rel=1e-5)
    form_feed = "you say\x0cgoodbye ."
    assert lm.perplexity(form_feed) == pytest.approx(lm.perplexity([form_feed]), rel=1e-5)


def test_a_model_of_lower_case_reads_lower_case(lm, monkeypatch):
    lower = dataclasses.replace(lm.model.codec, lowercase=True)
    monkeypatch.setattr(lm.model, "codec", lower)
    assert "YOU" in lm
    assert lm.state().read("YOU")[0] == pytest.approx(lm.state().read("you")[0], rel=1e-5)
    assert lm.score("YOU say") == pytest.approx(lm.score("you say"), rel=1e-5)


TOKENS = ["say", "you", "goodbye", "and", "i", "hello", ".", "<eos>", "<unk>"]

WRONG = [
    ("generate", {"temperature": -1}, "temperature: -1 is not a number from 0 to 1,000,000"),
    ("generate", {"temperature": math.nan}, "temperature: nan is not a number"),
    ("generate", {"temperature": "1"}, "temperature: '1' is not a number"),
    ("generate", {"top_p": 2}, "top_p: 2 is not a number above 0 and at most 1"),
    ("generate", {"top_p": 0}, "top_p: 0 is not a number above 0"),
    ("generate", {"min_p": 1.5}, "min_p: 1.5 is not a number from 0 to 1"),
    ("generate", {"top_k": -1}, "top_k: -1 is not a whole number of at least 0"),
    ("generate", {"top_k": 1.5}, "top_k: 1.5 is not a whole number"),
    ("generate", {"repetition_penalty": 0}, "repetition_penalty: 0 is not a number from"),
    ("generate", {"no_repeat_ngram": -1}, "no_repeat_ngram: -1 is not a whole number"),
    ("generate", {"no_repeat_ngram": 1}, "no_repeat_ngram 1: with 9 tokens to draw from, a text"),
    ("generate", {"length": -1}, "length: -1 is not a whole number from 0 to"),
    ("generate", {"length": True}, "length: True is not a whole number"),
    ("generate", {"length": None}, "length: None is not a whole number"),
    ("generate", {"seed": -1}, "seed: -1 is not a whole number of at least 0"),
    ("generate", {"seed": None}, "seed: None is not a whole number"),
    ("generate", {"skip": "say"}, "skip: 'say' is not a list of tokens"),
    ("generate", {"skip": None}, "skip: None is not a list of tokens"),
    ("generate", {"skip": [3]}, "skip: 3 is not text"),
    ("generate", {"skip": TOKENS}, "skip: forbids the whole vocabulary"),
    ("generate", {"stop": "say"}, "stop: 'say' is not a list of tokens"),
    ("generate", {"stop": [b"say"]}, "stop: b'say' is not text"),
    ("generate", {"until_sentences": 0}, "until_sentences: 0 is not a whole number of at least 1"),
    ("generate", {"samples": 0}, "samples: 0 is not a whole number from 1 to"),
    ("generate", {"samples": 3, "beam": 2}, "samples 3: a beam of 2 finds at most 2 texts"),
    ("generate", {"beam": 0}, "beam: 0 is not a whole number from 1 to"),
    ("generate", {"beam": 2, "top_k": 3}, "beam 2: searches and draws nothing; omit seed"),
    ("generate", {"beam": 2, "seed": 3}, "beam 2: searches and draws nothing; omit seed"),
    ("generate", {"beam": 2, "length_penalty": -1}, "length_penalty: -1 is not a number from 0"),
    ("generate", {"length_penalty": 2}, "length_penalty: is of a beam search; give beam too"),
    ("stream", {"seed": -1}, "seed: -1 is not a whole number of at least 0"),
    ("stream", {"start": "helo"}, "use allow_unknown=True to read it as <unk>"),
    ("stream", {"skip": TOKENS}, "skip: forbids the whole vocabulary"),
    ("fill", {"line": None}, "line: None is not text"),
    ("fill", {"line": "you say"}, "'you say': has no blank; write ___ in place of a token"),
    ("fill", {"line": "you ___", "top": 0}, "top: 0 is not a whole number of at least 1"),
    ("fill", {"line": "you ___", "blank": ""}, "blank: must not be empty"),
    ("fill", {"line": "helo ___"}, "use allow_unknown=True to read it as <unk>"),
    ("fill", {"line": "you ___", "skip": TOKENS}, "skip: forbids the whole vocabulary"),
    ("evaluate", {}, "use exactly one of corpus, text and split"),
    ("evaluate", {"text": "you say", "split": "train"}, "use exactly one of"),
    ("evaluate", {"text": 3}, "text: 3 is not text"),
    ("evaluate", {"text": ["you", 3]}, "text: 3 is not text"),
    ("evaluate", {"text": "you \ud800"}, "text: has half a character"),
    ("evaluate", {"corpus": 3}, "corpus: 3 is not a path or several"),
    ("evaluate", {"corpus": []}, "corpus: [] is not a path or several"),
    ("evaluate", {"corpus": ""}, "corpus: must not be empty"),
    ("evaluate", {"corpus": "none.txt"}, "none.txt: No such file"),
    ("evaluate", {"split": "best"}, "split: 'best' is none of test, valid, train"),
    ("evaluate", {"split": "valid"}, "split valid: the model's configuration has no corpus.valid"),
    ("evaluate", {"text": "you say", "streams": 0}, "streams: 0 is not a whole number"),
    ("trace", {"text": None}, "text: None is not text"),
    ("trace", {"text": " "}, "text ' ': expected one line with a token"),
    ("trace", {"text": "you\nsay"}, "expected one line with a token"),
    ("state", {"start": "helo"}, "use allow_unknown=True to read it as <unk>"),
    ("generate", {"start": ""}, "start: must not be empty"),
    ("generate", {"start": " "}, "start: must not be empty"),
    ("generate", {"start": b"you"}, "start: b'you' is not text"),
    (
        "generate",
        {"start": "helo"},
        "start: 'helo' is not in the model's vocabulary; similar tokens are ",
    ),
    ("generate", {"start": "helo"}, "use allow_unknown=True to read it as <unk>"),
    ("generate", {"allow_unknown": 1}, "allow_unknown: 1 is not True or False"),
    ("next", {"top": -1}, "top: -1 is not a whole number of at least 1"),
    ("next", {"top": 0}, "top: 0 is not a whole number"),
    ("next", {"start": None}, "start: None is not text"),
    ("next", {"start": ""}, "start: must not be empty"),
    ("score", {"sentence": None}, "sentence: None is not text"),
    ("score", {"sentence": ["you"]}, "sentence: ['you'] is not text"),
    ("score", {"sentence": "you", "bos": 2}, "bos: 2 is not True or False"),
    ("full_scores", {"sentence": "you", "eos": None}, "eos: None is not True or False"),
    ("perplexity", {"text": None}, "text: None is not text"),
    ("perplexity", {"text": 3}, "text: 3 is not text"),
    ("perplexity", {"text": b"you"}, "text: 121 is not text"),
    ("perplexity", {"text": ["you", None]}, "text: None is not text"),
    ("perplexity", {"text": "you", "independent": "no"}, "independent: 'no' is not True or False"),
]


@pytest.mark.parametrize(
    ("method", "values", "message"), WRONG, ids=[f"{m} {v}" for m, v, _ in WRONG]
)
def test_what_the_command_line_refuses_is_refused_here_in_pythons_words(
    lm, method, values, message
):
    start = {"start": "you"} if method in ("generate", "stream", "next") else {}
    with pytest.raises(UsageError) as caught:
        getattr(lm, method)(**{**start, **values})
    assert message in str(caught.value)
    assert "--" not in str(caught.value)


def test_states_and_paths_are_checked_too(lm, hello):
    for token, said in (("", "must not be empty"), (None, "is not text"), (3, "is not text")):
        with pytest.raises(UsageError, match=f"^token: .*{said}"):
            lm.state().read(token)
    with pytest.raises(UsageError, match="top: 0 is not a whole number"):
        lm.state().next(top=0)
    for path, said in ((3, "3 is not text"), ("", "must not be empty"), (None, "is not text")):
        with pytest.raises(UsageError, match=f"^path: .*{said}"):
            rnnlm_cli.load(path)
    assert rnnlm_cli.load(hello / "checkpoints" / "hello.pkl").tokens == lm.tokens
    assert None not in lm


def test_numbers_of_numpy_are_numbers(lm):
    wanted = lm.generate("you", length=5, seed=2, temperature=0.5, top_k=3)
    values = {"length": np.int64(5), "seed": np.uint8(2), "temperature": np.float32(0.5)}
    assert lm.generate("you", top_k=np.int16(3), **values) == wanted
    assert lm.next("you", top=np.int64(2)) == lm.next("you", top=2)


def test_unknown_words_may_be_allowed(lm):
    assert lm.generate("helo", length=0, allow_unknown=True) == "<unk>"
    assert lm.next("helo", allow_unknown=True) == lm.next("<unk>")
