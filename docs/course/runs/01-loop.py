import numpy as np

from rnnlm_cli.nn.cells.elman import Elman

rng = np.random.default_rng(1)
W_x = rng.standard_normal((2, 3))  # D = 2 inputs, H = 3 hidden units
W_h = rng.standard_normal((3, 3))
b = np.zeros(3)
a, c = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])  # two words, as one-hot vectors

cell = Elman()
for name, words in {"a c c": [a, c, c], "c c c": [c, c, c], "c": [c]}.items():
    h = np.zeros((1, 3))
    for x in words:
        (h,), _ = cell.forward((x @ W_x + b)[np.newaxis], (h @ W_h)[np.newaxis], (h,))
    print(f"{name:>5}: h =", np.round(h[0], 3))
