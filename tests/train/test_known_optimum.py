"""A trained model against the best that any model can do."""

import numpy as np
import pytest

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.optimizer import Adam
from rnnlm_cli.config.schedule import Linear
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.data.streams import Blocks
from rnnlm_cli.evaluate.perplexity import mean_nats
from rnnlm_cli.evaluate.stream import evaluation_blocks
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.train.loop import Trainer

V = 6


def second_order_source(rng):
    """Transition probabilities (V, V, V): the next token depends on the last two."""
    probs = rng.dirichlet(np.full(V, 0.3), (V, V)) + 0.002
    return probs / probs.sum(axis=-1, keepdims=True)


def entropy_rate(probs):
    """Exact nats per token: the conditional entropy, weighted by the stationary pairs."""
    chain = np.zeros((V, V, V, V))
    for a, b in np.ndindex(V, V):
        chain[a, b, b, :] = probs[a, b]
    chain = chain.reshape(V * V, V * V)
    pairs = np.full(V * V, 1 / V**2)
    for _ in range(2000):
        pairs = pairs @ chain
    return float(-(pairs[:, np.newaxis] * (probs * np.log(probs)).reshape(V * V, V)).sum())


def draw_text(probs, tokens, rng):
    cumulative, uniform = probs.cumsum(axis=-1), rng.random(tokens)
    text = np.zeros(tokens, np.uint8)
    for t in range(2, tokens):
        row = cumulative[text[t - 2], text[t - 1]]
        text[t] = min(np.searchsorted(row, uniform[t], side="right"), V - 1)
    return Corpus("source", text, 0, 0)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_perplexity_comes_within_3_percent_of_the_floor(cell):
    rng = np.random.default_rng(5)
    probs = second_order_source(rng)
    train, test = draw_text(probs, 60_000, rng), draw_text(probs, 20_000, rng)
    model = Rnnlm.random(ModelConfig(cell=cell, embedding_size=8, hidden_size=32), V, rng)
    training = TrainingConfig(
        epochs=6,
        batch_size=20,
        bptt=20,
        clip_norm=1.0,
        optimizer=Adam(learning_rate=0.01),
        schedule=Linear(),
    )
    for _ in Trainer(model, Blocks(train, 20, 20), training).run():
        pass
    floor = entropy_rate(probs)
    unigram = np.bincount(test.ids) / len(test)
    assert np.exp(floor) < 0.6 * np.exp(-(unigram * np.log(unigram)).sum())
    found = mean_nats(model, evaluation_blocks(test))
    assert 0.97 < np.exp(found - floor) < 1.03
