"""Does PyTorch compute and learn the same with exported weights?

    make exchange

For each cell a model with random weights is exported as safetensors and loaded into modules of
PyTorch: Embedding, RNN, LSTM or GRU, and Linear. First the log-probabilities of
a text are compared, then the loss after 20 steps of plain SGD on the same blocks.

In PyTorch the second bias is frozen (for a GRU all but its n rows), so that both models have the
same parameters: with both biases free, PyTorch's sum of them moves twice as fast.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

from rnnlm_cli.config import Config
from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.data.streams import Block, Blocks
from rnnlm_cli.exchange.files import write_content
from rnnlm_cli.exchange.formats import FORMATS
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.vocabulary import Vocabulary

TYPES, STREAMS, STEPS, BLOCKS = 2_000, 20, 35, 20
RATES = {"rnn": 0.1, "lstm": 1.0, "gru": 1.0}
"""Without clipping an Elman RNN explodes at 1, which amplifies rounding errors."""

MODELS = {
    "rnn": ModelConfig(cell="rnn"),
    "lstm": ModelConfig(cell="lstm"),
    "lstm, 2 layers": ModelConfig(cell="lstm", layers=2, embedding_size=80),
    "lstm, tied": ModelConfig(cell="lstm", tie_weights=True),
    "gru": ModelConfig(cell="gru"),
    "gru, 2 layers": ModelConfig(cell="gru", layers=2),
}


class PyTorchModel(nn.Module):
    """The word-level example of PyTorch, without dropout."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        kind = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[config.cell]
        self.encoder = nn.Embedding(TYPES, config.embedding_size)
        self.rnn = kind(config.embedding_size, config.hidden_size, config.layers)
        self.decoder = nn.Linear(config.hidden_size, TYPES)
        if config.tie_weights:
            self.decoder.weight = self.encoder.weight

    def freeze_second_bias(self) -> None:
        """Keep one trainable bias per gate, two for the n rows of a GRU."""
        for name, parameter in self.rnn.named_parameters():
            if name.startswith("bias_hh"):
                free = torch.zeros_like(parameter)
                if isinstance(self.rnn, nn.GRU):
                    free[2 * self.rnn.hidden_size :] = 1
                parameter.register_hook(lambda grad, free=free: grad * free)

    def forward(self, ids: torch.Tensor, state: object) -> tuple[torch.Tensor, object]:
        """``ids (T, B)`` to log-probabilities ``(T, B, V)``."""
        h, state = self.rnn(self.encoder(ids), state)
        return self.decoder(h).log_softmax(-1), state


def blocks() -> list[Block]:
    """A text in which each word depends on the one before, so that there is something to learn."""
    rng = np.random.default_rng(0)
    following = rng.integers(0, TYPES, (TYPES, 5))
    ids = [0]
    for choice in rng.integers(0, 5, STREAMS * STEPS * BLOCKS):
        ids.append(int(following[ids[-1], choice]))
    return list(Blocks(Corpus("text", np.array(ids), 0, 0), STREAMS, STEPS))


def our_log_probs(model: Rnnlm, block: Block) -> np.ndarray:
    """``(T, B, V)`` from the zero state."""
    h, _ = model.read(block.inputs, model.initial_state(STREAMS))
    return model.output.log_probs(h)


def our_losses(model: Rnnlm, text: list[Block], rate: float) -> list[float]:
    """Nats per token of each block, before its SGD step."""
    state, losses = model.initial_state(STREAMS), []
    for block in text:
        model.zero_grad()
        tape = model.begin(block.steps, STREAMS)
        h, state = tape.forward(block.inputs, state)
        loss = model.output.loss_and_gradients(h, block.targets)
        tape.backward(loss.dh, model.initial_state(STREAMS))
        tape.finish()
        for param in model.params.values():
            param.descend(rate)
        losses.append(loss.nats / loss.counted)
    return losses


def their_losses(model: PyTorchModel, text: list[Block], rate: float) -> list[float]:
    """The same for PyTorch."""
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    state, losses = None, []
    for block in text:
        optimizer.zero_grad()
        ids, targets = (torch.from_numpy(a.astype(np.int64)) for a in block)
        log_probs, state = model(ids, state)
        state = detached(state)
        loss = nn.functional.nll_loss(log_probs.flatten(0, 1), targets.flatten())
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def detached(state: object) -> object:
    """Detach a state from the graph of earlier blocks."""
    return tuple(map(detached, state)) if isinstance(state, tuple) else state.detach()


def main() -> None:
    """Compare model by model; fail if a difference is too large."""
    text = blocks()
    print(f"PyTorch {torch.__version__}; V={TYPES}, B={STREAMS}, T={STEPS}, SGD")
    print(
        f"{'model':<16}{'rate':>5}{'log-probs differ by':>20}"
        f"{'loss 1':>9}{'loss 20':>9}{'differ by':>11}"
    )
    failed = False
    for name, config in MODELS.items():
        rng = np.random.default_rng(1)
        model = Rnnlm.random(config, TYPES, rng)
        for param in model.params.values():
            if param.value.ndim == 1:  # biases are zero at first; here they count
                param.value += 0.1 * rng.standard_normal(param.value.shape).astype(np.float32)
        tokens = [f"w{k}" for k in range(TYPES)]
        trained = TrainedModel(
            Config(
                corpus=CorpusConfig(train="text.txt"),
                model=config,
                checkpoint=CheckpointConfig(path="m.pkl"),
            ),
            WordCodec(),
            Vocabulary(tokens, np.ones(TYPES, np.int64), "w0"),
            model,
        )
        theirs = PyTorchModel(config)
        with tempfile.TemporaryDirectory() as directory:
            path = str(Path(directory) / "m.safetensors")
            write_content(path, FORMATS["safetensors"](trained, directory, None).content)
            theirs.load_state_dict(load_file(path))
        ids = torch.from_numpy(text[0].inputs.astype(np.int64))
        with torch.no_grad():
            expected = theirs(ids, None)[0].numpy()
        apart = float(np.abs(our_log_probs(model, text[0]) - expected).max())
        theirs.freeze_second_bias()
        rate = RATES[config.cell]
        ours, other = our_losses(model, text, rate), their_losses(theirs, text, rate)
        difference = abs(ours[-1] - other[-1])
        print(
            f"{name:<16}{rate:>5}{apart:>20.1e}{ours[0]:>9.4f}{ours[-1]:>9.4f}{difference:>11.1e}"
        )
        failed = failed or apart > 1e-4 or difference > 1e-3
    if failed:
        raise SystemExit("a difference is too large: log-probabilities 1e-4, losses 1e-3")


if __name__ == "__main__":
    main()
