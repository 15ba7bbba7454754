import numpy as np

from rnnlm_cli.nn.cells.gru import GRU

cell = GRU()
for name, z in {"z open": 6.0, "half open": 0.0, "z shut": -6.0}.items():
    gates = np.array([0.0, z, 0.0]).reshape(3, 1, 1)  # what goes into r, z, n; n becomes 0
    h, kept = np.ones((1, 1)), []
    for _ in range(20):
        (h,), _ = cell.forward(gates, np.zeros_like(gates), (h,))
        kept.append(h[0, 0])
    print(f"{name:>9}: h after 1, 5, 20 steps", *(f"{kept[k - 1]:.4f}" for k in (1, 5, 20)))
