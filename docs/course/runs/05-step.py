import numpy as np

from rnnlm_cli.nn.cells.lstm import LSTM

cell, zero = LSTM(), np.zeros((1, 1))
for name, f in {"forget gate open": 6.0, "half open": 0.0, "shut": -6.0}.items():
    # what goes into i, f, g, o: the input gate is shut, the output gate open
    gates = np.array([-9.0, f, 0.0, 9.0]).reshape(4, 1, 1)
    h, c = zero, np.ones((1, 1))
    kept = []
    for _ in range(20):
        (h, c), _ = cell.forward(gates, np.zeros_like(gates), (h, c))
        kept.append(c[0, 0])
    print(f"{name:>16}: c after 1, 5, 20 steps", *(f"{kept[k - 1]:.4f}" for k in (1, 5, 20)))
