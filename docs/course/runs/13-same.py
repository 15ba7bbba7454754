import numpy as np

from rnnlm_cli.exchange.notes import our_gates
from rnnlm_cli.nn.cells.gru import GRU
from rnnlm_cli.nn.cells.lstm import LSTM

rng = np.random.default_rng(1)
N, D, H = 2, 3, 4
x, h, c = rng.standard_normal((N, D)), rng.standard_normal((N, H)), rng.standard_normal((N, H))
Wx, Wh, b = rng.standard_normal((D, 4 * H)), rng.standard_normal((H, 4 * H)), np.ones(4 * H)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


# the notes: columns f, g, i, o
A = x @ Wx + h @ Wh + b
f, g = sigmoid(A[:, :H]), np.tanh(A[:, H : 2 * H])
i, o = sigmoid(A[:, 2 * H : 3 * H]), sigmoid(A[:, 3 * H :])
c_notes = f * c + g * i
h_notes = o * np.tanh(c_notes)

# here: columns i, f, g, o
Wx, Wh, b = our_gates(Wx), our_gates(Wh), our_gates(b)
from_x, from_h = (a.reshape(N, 4, H).swapaxes(0, 1) for a in (x @ Wx + b, h @ Wh))
(h_here, c_here), _ = LSTM().forward(from_x, from_h, (h, c))
print("LSTM: the same", np.allclose(h_notes, h_here) and np.allclose(c_notes, c_here))

# GRU, the update gate alone: r is open, and n is 0
a = rng.standard_normal((N, H))
z = sigmoid(a)
h_notes = (1 - z) * h
gates = np.stack([0 * a, -a, 0 * a])  # r, z, n: what goes into z has the opposite sign
(h_here,), _ = GRU().forward(gates, 0 * gates, (h,))
print("GRU:  the same", np.allclose(h_notes, h_here))
