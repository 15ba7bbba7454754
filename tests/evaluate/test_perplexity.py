import math
from itertools import pairwise

import numpy as np
import pytest

from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.schema import Config
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.evaluate import stream
from rnnlm_cli.evaluate.perplexity import evaluate, mean_nats, perplexity, text_figures
from rnnlm_cli.evaluate.stream import evaluation_blocks
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.codec.char import CharCodec
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.corpus import Reading, read_corpus, read_training_corpus
from rnnlm_cli.text.target_sizes import TextSize

WORD = WordCodec()


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "train.txt"
    rng = np.random.default_rng(3)
    lines = [" ".join(rng.choice(list("abcdefg"), 9)) for _ in range(20)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    vocabulary, corpus, _ = read_training_corpus([str(path)], Reading(WORD))
    return vocabulary, corpus


def build(vocabulary, dtype=np.float32, **options):
    config = Config(
        corpus=CorpusConfig(train="train.txt"),
        model=ModelConfig(**({"embedding_size": 5, "hidden_size": 6, "layers": 2} | options)),
        checkpoint=CheckpointConfig(path="m.pkl"),
    )
    network = Rnnlm.random(config.model, len(vocabulary), np.random.default_rng(1), dtype)
    network.output.weight.value *= 3  # some structure, so that a wrong context shows
    network.embedding.weight.value *= 100
    return TrainedModel(config, WORD, vocabulary, network)


def by_hand(model, ids):
    """Token by token, with a distribution written out in full."""
    state, nats = model.network.initial_state(1), 0.0
    for given, target in pairwise(ids):
        log_probs, state = model.network.next_log_probs(np.array([[given]]), state)
        nats -= float(log_probs[0, target])
    return nats


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_it_is_the_sum_token_by_token(text, cell):
    vocabulary, corpus = text
    model = build(vocabulary, np.float64, cell=cell)
    result = evaluate(model, corpus)
    assert result.tokens == len(corpus) - 1
    assert result.nats == pytest.approx(by_hand(model, corpus.ids), rel=1e-12)
    assert result.perplexity == pytest.approx(math.exp(result.nats / result.tokens), rel=1e-12)


@pytest.mark.parametrize("block_tokens", [1, 7, 64, 10_000])
def test_the_block_length_changes_no_more_than_rounding(text, monkeypatch, block_tokens):
    vocabulary, corpus = text
    model = build(vocabulary)
    whole = evaluate(model, corpus).nats
    monkeypatch.setattr(stream, "BLOCK_TOKENS", block_tokens)
    assert evaluate(model, corpus).nats == pytest.approx(whole, rel=1e-5)


@pytest.mark.parametrize("streams", [1, 2, 3, 7])
def test_every_target_is_counted_once_with_any_number_of_streams(text, streams):
    """Each stream reads its part from the zero state, after the last token of the part before."""
    vocabulary, corpus = text
    model = build(vocabulary, np.float64)
    result = evaluate(model, corpus, streams)
    assert result.tokens == len(corpus) - 1
    parts = np.array_split(np.arange(1, len(corpus)), streams)
    expected = sum(by_hand(model, corpus.ids[part[0] - 1 : part[-1] + 1]) for part in parts)
    assert result.nats == pytest.approx(expected, rel=1e-12)


def test_a_uniform_model_scores_exactly_the_vocabulary(text):
    vocabulary, corpus = text
    model = build(vocabulary)
    model.network.output.weight.value[...] = 0
    result = evaluate(model, corpus)
    assert result.perplexity == pytest.approx(len(vocabulary), rel=1e-6)
    assert result.bits_per_token == pytest.approx(math.log2(len(vocabulary)), rel=1e-6)


def test_unknown_words_and_characters_are_counted_as_the_text_has_them(text, tmp_path):
    vocabulary, _ = text
    model = build(vocabulary)
    path = tmp_path / "test.txt"
    path.write_text("a xyz b <unk>\n안녕 c\n", encoding="utf-8")
    corpus = read_corpus([str(path)], WORD, vocabulary)
    result = evaluate(model, corpus)
    assert (result.tokens, result.oov, result.unknown) == (7, 2, 3)
    rest = " xyz b <unk>\n안녕 c\n"  # the first token is given
    assert (result.characters, result.bytes) == (len(rest), len(rest.encode())) == (18, 22)
    assert result.bits_per_character == pytest.approx(result.nats / math.log(2) / 18)
    assert result.words == result.tokens == 7
    assert result.perplexity_per_word == pytest.approx(result.perplexity)
    known = (result.nats - result.unknown_nats) / 4
    assert result.perplexity_without_unknown == pytest.approx(math.exp(known))


def test_perplexity_per_word_counts_words_and_ends_of_lines_whatever_the_unit(tmp_path):
    path = tmp_path / "c.txt"
    path.write_text("ab c\nab ab\n", encoding="utf-8")
    codec = CharCodec(None)
    vocabulary, corpus, _ = read_training_corpus([str(path)], Reading(codec))
    model = build(vocabulary)
    model.network.output.weight.value[...] = 0
    result = evaluate(model, corpus)
    assert (result.tokens, result.words) == (10, 3 + 2)  # the first word began in the given token
    assert result.perplexity_per_word == pytest.approx(len(vocabulary) ** (10 / 5), rel=1e-5)
    assert text_figures(3.0, TextSize(1, 1, 0, 1)).perplexity_per_word is None


def test_with_only_unknown_words_the_other_figure_is_missing(text, tmp_path):
    vocabulary, _ = text
    path = tmp_path / "test.txt"
    path.write_text("x y z", encoding="utf-8")
    corpus = read_corpus([str(path)], WordCodec(end_of_line=None), vocabulary)
    result = evaluate(build(vocabulary), corpus)
    assert result.perplexity_without_unknown is None


def test_one_token_is_not_enough(text, tmp_path):
    vocabulary, _ = text
    path = tmp_path / "one.txt"
    path.write_text("a", encoding="utf-8")
    corpus = read_corpus([str(path)], WordCodec(end_of_line=None), vocabulary)
    with pytest.raises(CorpusError, match=r"one\.txt: 1 token cannot fill 1 stream"):
        evaluate(build(vocabulary), corpus)


def test_mean_nats_polls_before_each_block(text):
    vocabulary, corpus = text
    model, calls = build(vocabulary), []
    blocks = evaluation_blocks(corpus, 3)
    found = mean_nats(model.network, blocks, lambda: calls.append(1))
    assert len(calls) == len(blocks)
    assert found == pytest.approx(evaluate(model, corpus, 3).nats_per_token)


def test_the_notes_example_and_the_limits():
    assert perplexity(-math.log(0.8), 1) == pytest.approx(1.25)
    assert perplexity(0.0, 5) == 1.0
    assert perplexity(1e6, 1) == math.inf
