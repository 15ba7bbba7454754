import numpy as np
import pytest

from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.schema import Config
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.corpus import Reading, read_training_corpus

WORDS = list("abcdefg")


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "train.txt"
    rng = np.random.default_rng(3)
    lines = [" ".join(rng.choice(WORDS, rng.integers(0, 9))) for _ in range(30)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def saved(text_file):
    """A model with random weights, in float64, that knows the words of the text."""
    vocabulary, _, _ = read_training_corpus([str(text_file)], Reading())
    model = ModelConfig(embedding_size=5, hidden_size=6, layers=2)
    config = Config(
        corpus=CorpusConfig(train=str(text_file)),
        model=model,
        checkpoint=CheckpointConfig(path="model.pkl"),
    )
    network = Rnnlm.random(model, len(vocabulary), np.random.default_rng(1), np.float64)
    network.output.weight.value *= 3  # some structure, so that a wrong context shows
    network.embedding.weight.value *= 100
    return TrainedModel(config, codec_of(config), vocabulary, network)
