"""Small models whose figures can be worked out."""

import numpy as np
import pytest
from msgspec import structs

from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.schema import Config
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.learned.excerpt import read_excerpt
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.corpus import read_corpus
from rnnlm_cli.text.reader import InlineText, read_pieces
from rnnlm_cli.text.vocabulary import Vocabulary

TYPES = ["<eos>", "a", "b", "c", "d", "<unk>"]


@pytest.fixture
def make():
    """Build a model with random weights in float64."""

    def build(lines="stream", **keys):
        shape = ModelConfig(**{"embedding_size": 3, "hidden_size": 4, **keys})
        training = TrainingConfig()
        config = Config(
            corpus=CorpusConfig(train="train.txt"),
            model=shape,
            training=structs.replace(training, lines=lines),
            checkpoint=CheckpointConfig(path="model.pkl"),
        )
        network = Rnnlm.random(shape, len(TYPES), np.random.default_rng(1), np.float64)
        for k, param in enumerate(network.params.values()):
            param.value[...] = np.random.default_rng(k).standard_normal(param.value.shape)
        vocabulary = Vocabulary(TYPES, np.array([9, 8, 7, 6, 5, 4]), "<unk>")
        return TrainedModel(config, WordCodec(), vocabulary, network)

    return build


@pytest.fixture
def excerpt_of():
    """Read a text in memory for a model."""

    def read(model, text, most=10_000):
        return read_excerpt(model, read_pieces(InlineText("the text", text)), most)

    return read


@pytest.fixture
def corpus_of():
    """Read a text in memory as ids for a model."""

    def read(model, text):
        given = 0 if model.config.reads_lines else 1
        return read_corpus([InlineText("the text", text)], model.codec, model.vocabulary, given)

    return read
