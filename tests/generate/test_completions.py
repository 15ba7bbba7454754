from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.schema import Config
from rnnlm_cli.generate.completions import MOST, completions
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.codec.char import CharCodec
from rnnlm_cli.text.codec.jamo import JamoCodec
from rnnlm_cli.text.codec.prose import ProseCodec
from rnnlm_cli.text.codec.subword import SubwordCodec
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.vocabulary import Vocabulary


class Bigrams:
    """A network without a state: each token is as probable as after the last one in a text."""

    bidirectional = False

    def __init__(self, ids, types):
        counts = np.full((types, types), 1e-6)
        for (before, after), number in Counter(pairwise(ids)).items():
            counts[before, after] += number
        self.table = np.log(counts / counts.sum(axis=1, keepdims=True))

    def initial_state(self, streams):
        return ()

    def unchanged(self):
        return nullcontext()

    def next_log_probs(self, ids, state):
        return self.table[ids[-1]], state


def model_of(codec, *lines):
    tokens = [token for line in lines for token in [*codec.split(line), codec.line_end or "\n"]]
    types = ["<unk>", *dict.fromkeys([*tokens, *codec.types])]
    vocabulary = Vocabulary(types, np.ones(len(types), np.int64), "<unk>")
    config = Config(corpus=CorpusConfig(train="a.txt"), checkpoint=CheckpointConfig(path="a.pkl"))
    ids = vocabulary.ids_of([tokens[-1], *tokens]).tolist()
    return TrainedModel(config, codec, vocabulary, Bigrams(ids, len(types)))


def test_words_of_the_vocabulary_the_most_likely_first():
    model = model_of(WordCodec(), "you say hello", "you say help", "you say help", "i sail .")
    assert completions(model, "you say he")[:2] == ["lp", "llo"]
    assert completions(model, "you say ")[:2] == ["help", "hello"]
    assert completions(model, "")[:2] == ["you", "i"]
    assert completions(model, "i sail ")[0] == "."
    assert completions(model, "YOU say") == [""]
    assert sorted(completions(model, "nobody sa")) == ["il", "y"]
    assert completions(model, "you zzz") == []
    lower = replace(model, codec=WordCodec(lowercase=True))
    assert completions(lower, "You SAY HE")[:2] == ["lp", "llo"]
    endless = replace(model, codec=WordCodec(end_of_line=None))
    assert completions(endless, "") == []
    assert "say" in completions(endless, "you ")


def test_what_a_terminal_would_obey_is_not_offered():
    model = model_of(WordCodec(), "you \x1b[2J", "you \u202egnp", "you yes")
    assert sorted(completions(model, "")) == ["yes", "you"]
    assert completions(model, "\x1b") == []


def test_of_many_words_the_common_beginning_is_kept():
    words = [f"ab{letter}" for letter in "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ"]
    model = model_of(WordCodec(), *(f"you {word}" for word in [*words, "a", "z"]))
    assert len(completions(model, "you ")) == MOST
    found = completions(model, "you a")
    assert MOST < len(found) <= MOST + 2
    assert {"", "bz"} <= {*found}  # so that all have nothing more in common than "a"


def test_punctuation_is_offered_where_it_is_written():
    model = model_of(ProseCodec(), 'she said: "hello, there".', "he said no")
    assert completions(model, 'she said: "h')[0] == "ello"
    assert "," not in completions(model, "she said ")


@pytest.mark.parametrize("codec", [CharCodec(), CharCodec(None)])
def test_characters_spell_words_to_their_ends(codec):
    model = model_of(codec, "나는 집에 간다", "집에 나는 간다")
    assert completions(model, "나는 간") == ["다"]
    assert sorted(completions(model, "나는 ")) == ["간다", "나는", "집에"]
    assert completions(model, "나는 간다") == [""]
    assert sorted(completions(model, "")) == ["나는", "집에"]
    assert completions(model, "中") == []


def test_letters_spell_syllables():
    model = model_of(JamoCodec(), "곰이 쥐랑")
    assert completions(model, "곰이 ") == ["쥐랑"]
    assert completions(model, "곰이 쥐") == ["랑"]
    assert completions(model, "고") == []  # it would become another syllable


def test_subwords_are_completed_also_within_a_token():
    pytest.importorskip("tokenizers")
    lines = ["the cat sat", "the cabbage sat", "the cat ran"] * 5
    plan = {"kind": "bpe", "size": 300, "path": ""}
    codec = SubwordCodec().planned(plan).train([Piece(line, True) for line in lines])
    model = model_of(codec, *lines)
    assert codec.split("the cat") == ["the", "▁cat"]
    assert codec.split("the cab")[-1] != "▁cabbage"
    assert completions(model, "the ca") == ["t", "bbage"]
    assert completions(model, "the cab") == ["bage"]
    assert completions(model, "the cat ") == ["sat", "ran"]
    assert completions(model, "the cat") == [""]
