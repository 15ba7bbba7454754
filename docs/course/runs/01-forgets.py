import numpy as np

from rnnlm_cli.nn.cells.elman import Elman

H, cell = 100, Elman()
print("step  scale 0.5  scale 0.9  scale 1.5")
differences = []
for scale in (0.5, 0.9, 1.5):
    rng = np.random.default_rng(1)
    W_h = scale * rng.standard_normal((H, H)) / np.sqrt(H)
    x = 0.3 * rng.standard_normal((41, 2, H))  # two texts, side by side
    x[1:, 1] = x[1:, 0]  # that differ in their first word only
    h = np.zeros((2, H))
    for x_t in x:
        (h,), _ = cell.forward(x_t[np.newaxis], (h @ W_h)[np.newaxis], (h,))
        differences.append(np.linalg.norm(h[0] - h[1]))
for step, row in enumerate(np.reshape(differences, (3, 41)).T):
    if step % 5 == 0:
        print(f"{step:4}", *(f"{difference:10.2e}" for difference in row))
