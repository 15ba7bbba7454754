"""A trained model in memory: lines and their ends."""

import numpy as np
import pytest
from msgspec import structs

from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.schema import Config
from rnnlm_cli.errors import UsageError
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.codec.char import CharCodec
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.vocabulary import Vocabulary


def model(codec, tokens, direction="forward"):
    config = Config(
        corpus=CorpusConfig(train="a.txt", end_of_line=codec.end_of_line),
        model=ModelConfig(embedding_size=3, hidden_size=4, direction=direction),
        checkpoint=CheckpointConfig(path="m.pkl"),
    )
    network = Rnnlm.random(config.model, len(tokens), np.random.default_rng(0))
    vocabulary = Vocabulary(tokens, np.ones(len(tokens), np.int64), "<unk>")
    return TrainedModel(config, codec, vocabulary, network)


@pytest.mark.parametrize(
    ("codec", "end"),
    [(WordCodec(), "<eos>"), (CharCodec("<eos>"), "<eos>"), (CharCodec(None), "\n")],
)
def test_a_line_begins_after_the_token_that_ends_lines(codec, end):
    knows = model(codec, ["a", end, "<unk>"])
    assert knows.line_start() == 1
    assert knows.encode("a", ends_line=True).tolist() == [0, 1]
    assert knows.encode("x").tolist() == [2]
    assert knows.line_edge is None
    without = model(codec, ["a", "<unk>"])
    assert not without.knows_line_end
    with pytest.raises(UsageError, match=r"train it with corpus\.end_of_line"):
        without.line_start()


def test_no_token_ends_a_line_of_words_without_one():
    assert not model(WordCodec(None), ["a", "\n", "<unk>"]).knows_line_end


def test_a_model_of_both_directions_reads_each_line_between_two_ends():
    both = model(WordCodec(), ["a", "<eos>", "<unk>"], "bidirectional")
    assert both.line_edge == 1
    with pytest.raises(UsageError, match=r"bidirectional: .* cannot sing; use a model with"):
        both.require_left_to_right("sing")
    model(WordCodec(), ["a", "<eos>", "<unk>"]).require_left_to_right("sing")


def test_a_model_of_single_lines_begins_each_line_from_the_zero_state():
    lines = model(WordCodec(), ["a", "<eos>", "<unk>"])
    network = lines.network
    ids = np.array([[0, 2], [1, 0], [2, 1], [0, 0]])  # lines end at different steps
    state = network.initial_state(2)
    whole = network.next_log_probs(ids, state)
    np.testing.assert_array_equal(lines.next_log_probs(ids, state)[0], whole[0])
    training = structs.replace(lines.config.training, lines="independent")
    lines.config = structs.replace(lines.config, training=training)
    found, after = lines.next_log_probs(ids, state)
    for stream, last_line in enumerate(([1, 2, 0], [1, 0])):
        alone = np.array(last_line)[:, np.newaxis]
        expected, state_alone = network.next_log_probs(alone, network.initial_state(1))
        np.testing.assert_allclose(found[stream], expected[0], rtol=1e-5)
        np.testing.assert_allclose(after[0][0][stream], state_alone[0][0][0], rtol=1e-5)
    assert lines.line_edge == 1


def test_a_newline_among_characters_ends_single_lines():
    lines = model(CharCodec(None), ["a", "\n", "<unk>"])
    training = structs.replace(lines.config.training, lines="independent")
    lines.config = structs.replace(lines.config, training=training)
    assert lines.line_edge == 1
    lines.vocabulary = Vocabulary(["a", "<unk>"], np.ones(2, np.int64), "<unk>")
    with pytest.raises(UsageError, match=r"the vocabulary has none; set corpus\.end_of_line"):
        _ = lines.line_edge
