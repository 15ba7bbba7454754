import numpy as np

from rnnlm_cli.nn.cells.lstm import LSTM
from rnnlm_cli.nn.engines.choose import ENGINES
from rnnlm_cli.nn.layers.embedding import Embedding
from rnnlm_cli.nn.layers.recurrent import Recurrent
from rnnlm_cli.nn.outputs.plain import PlainSoftmax

rng = np.random.default_rng(1)


def small(shape, fan_in):
    return 0.01 * rng.standard_normal(shape)


V, E, H = 7, 4, 5  # words, size of a word's vector, hidden units
embedding = Embedding(V, E, small)
lstm = Recurrent(LSTM(), ENGINES["plain"], E, H, small)
output = PlainSoftmax.untied(H, V, small)

ids = np.array([0, 1, 2, 3, 4, 1, 5])[:, np.newaxis]  # T = 7 steps, B = 1 stream
targets = np.array([1, 2, 3, 4, 1, 5, 6])[:, np.newaxis]
x, _ = embedding.begin(7, 1).forward(ids, ())
h, _ = lstm.begin(7, 1).forward(x, lstm.initial_state(1))
p = np.exp(output.log_probs(h))
nats, count, dh = output.loss_and_gradients(h, targets)
for name, array in {"ids": ids, "x": x, "h": h, "p": p, "dh": dh}.items():
    print(f"{name:4} {array.shape}")
print(f"loss {nats / count:.4f}, ln 7 = {np.log(7):.4f}")
targets[:4] = -1  # leave these out
print(f"{output.loss_and_gradients(h, targets).counted} targets counted")
