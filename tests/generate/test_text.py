import dataclasses
import unicodedata

import numpy as np
import pytest

from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.schema import Config
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.errors import UsageError
from rnnlm_cli.generate.filters import temperature
from rnnlm_cli.generate.limits import skipped_ids
from rnnlm_cli.generate.start import look_up_start
from rnnlm_cli.generate.text import at_token, ending, generate, search
from rnnlm_cli.generate.written import WrittenText
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.codec.jamo import JamoCodec
from rnnlm_cli.text.codec.prose import ProseCodec
from rnnlm_cli.text.vocabulary import Vocabulary

TOKENS = ["you", "say", "goodbye", "hello", "<eos>", "<unk>"]


@pytest.fixture(params=["rnn", "lstm", "gru"])
def saved(request):
    config = Config(
        corpus=CorpusConfig(train="a.txt"),
        model=ModelConfig(cell=request.param, embedding_size=4, hidden_size=5, layers=2),
        checkpoint=CheckpointConfig(path="a.pkl"),
    )
    model = Rnnlm.random(config.model, 6, np.random.default_rng(1), np.float64)
    for param in model.params.values():
        param.value[...] *= 3
    vocabulary = Vocabulary(TOKENS, np.ones(6, np.int64), "<unk>")
    return TrainedModel(config, codec_of(config), vocabulary, model)


def texts(saved, seeds, start=("you", "say"), length=30, filters=()):
    *_, samples = generate(saved, list(start), length, seeds, filters)
    return [(s.seed, s.tokens, s.log_probs) for s in samples]


def test_a_sample_depends_only_on_its_seed(saved):
    together = texts(saved, [5, 6, 7])
    for k, seed in enumerate([5, 6, 7]):
        ((_, tokens, log_probs),) = texts(saved, [seed])
        assert together[k][:2] == (seed, tokens)
        np.testing.assert_allclose(together[k][2], log_probs)
    assert together[0][1] != together[1][1]


def test_it_begins_with_the_start_and_has_the_length(saved):
    ((_, tokens, log_probs),) = texts(saved, [1], length=7)
    assert tokens[:2] == ["you", "say"]
    assert (len(tokens), len(log_probs)) == (9, 7)
    assert texts(saved, [1], length=0) == [(1, ["you", "say"], [])]


def test_log_probs_are_those_of_reading_the_text_again(saved):
    ((_, tokens, log_probs),) = texts(saved, [3], filters=[temperature(0.5)])
    ids = np.array([[TOKENS.index(token)] for token in tokens])
    model, state = saved.network, saved.network.initial_state(1)
    h, _ = model.read(ids[:-1], state)
    again = model.output.target_log_probs(h, ids[1:])[1:, 0]
    np.testing.assert_allclose(log_probs, again, rtol=1e-6)


def test_the_whole_start_counts(saved):
    greedy = [temperature(0)]
    ends = {
        tuple(texts(saved, [0], start, 8, greedy)[0][1][-8:])
        for start in (["you", "say"], ["hello", "say"], ["goodbye", "hello", "say"])
    }
    assert len(ends) > 1


def test_an_unknown_start_word_suggests_similar_tokens(saved):
    with pytest.raises(
        UsageError, match=r"'helo' is not in .*similar tokens are hello;.*allow_unknown=True"
    ):
        look_up_start(saved, "you helo")
    assert look_up_start(saved, "you helo", allow_unknown=True) == ["you", "<unk>"]
    with pytest.raises(UsageError, match=r"^start: must not be empty"):
        look_up_start(saved, "  ")


def test_an_ending_looks_only_at_the_tokens_it_needs(saved, monkeypatch):
    looked_up = 0

    class Tokens(list):
        def __getitem__(self, key):
            nonlocal looked_up
            looked_up += 1
            return super().__getitem__(key)

    saved.vocabulary.tokens = Tokens(saved.vocabulary.tokens)
    (best, *_) = search(saved, ["you"], 40, 2, ends=at_token({"none"}))
    assert len(best.tokens) == 41
    assert looked_up <= 40 * 4 + 2 * 41  # twice the width at each step, and the results


def test_a_text_comes_in_pieces_the_start_first(saved):
    *_, (whole,) = generate(saved, ["you", "say"], 12, [3])
    pieces = list(WrittenText(saved, ["you", "say"], 3).go_on(12))
    assert pieces[0] == "you say"
    assert len(pieces) == 13
    assert "".join(pieces) == saved.codec.decode(whole.tokens)


def test_a_text_goes_on_from_where_it_was_stopped(saved):
    whole, text = WrittenText(saved, ["you"], 3), WrittenText(saved, ["you"], 3)
    pieces = list(whole.go_on(12))
    stopped = text.go_on(9)
    first = [next(stopped) for _ in range(5)]  # the start, and four tokens
    stopped.close()
    assert text.tokens == whole.tokens[:5]
    assert first == pieces[:5]
    assert "".join(text.go_on(8)) == "".join(pieces[5:]).removeprefix(" ")
    assert text.tokens == whole.tokens
    assert len(list(text.go_on(9, ends=at_token({text.tokens[-1]})))) > 1  # it was drawn before
    assert WrittenText(saved, [], 1).read == ["<eos>"]


def test_the_first_ending_that_is_reached_ends_a_text(saved):
    ends = ending(saved, ["hello", "shout"], sentences=2)
    assert not ends(["hello"], 1)  # the start does not count
    assert ends(["you", "hello"], 1)
    assert not ends(["you", "say", "<eos>"], 1)
    assert ends(["you", "<eos>", "say", "<eos>"], 1)
    assert not ending(saved, [])(["you", "<eos>"], 1)


def test_words_to_skip_are_read_as_the_model_reads_them(saved):
    assert skipped_ids(saved, ["<unk>", "say", "say", "shout"]) == [1, 5]
    saved.codec = dataclasses.replace(saved.codec, lowercase=True)
    assert skipped_ids(saved, ["SAY"]) == [1]
    with pytest.raises(UsageError, match="skip: forbids the whole vocabulary"):
        skipped_ids(saved, TOKENS)


def with_tokens(saved, codec, tokens):
    return dataclasses.replace(
        saved, codec=codec, vocabulary=Vocabulary(tokens, np.ones(6, np.int64), "<unk>")
    )


@pytest.mark.parametrize("saved", ["gru"], indirect=True)
def test_a_punctuation_mark_is_skipped_and_stops_a_text_with_any_mark_of_its_spaces(saved):
    saved = with_tokens(saved, ProseCodec(), ["a", '"', '"‿', "␣,", "<eos>", "<unk>"])
    assert skipped_ids(saved, ['"', ",", "‿a"]) == [1, 2, 3]
    assert skipped_ids(saved, ['"‿']) == [2]
    ends = ending(saved, ['"'])
    assert [ends(["a", token], 1) for token in ("a", '"', '"‿')] == [False, True, True]


@pytest.mark.parametrize("saved", ["gru"], indirect=True)
def test_a_syllable_that_was_held_back_is_the_last_piece(saved):
    ga, unknown = unicodedata.normalize("NFD", "가"), ["<unk>"]
    saved = with_tokens(saved, JamoCodec(None), [*ga, "\u11ab", " ", "\n", *unknown])
    text = WrittenText(saved, JamoCodec(None).split("가 가"), 1)
    assert list(text.go_on(0)) == ["가 ", "가"]
    text.tokens += ["\u11ab", " "]  # it is the beginning of 간, which is written whole
    assert "".join(text.go_on(0)) == "간 "
    text.tokens += ga
    assert "".join(text.go_on(0)) == "가"
    text.tokens += [" "]  # this one did not grow
    assert "".join(text.go_on(0)) == " "
