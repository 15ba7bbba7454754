import numpy as np

from rnnlm_cli.generate.filters import temperature

p = np.array([[0.45, 0.25, 0.15, 0.10, 0.05]])  # of five words: a, b, c, d, e
for value in (0.5, 1.0, 2.0):
    weights = np.exp(temperature(value)(np.log(p), []))
    print(f"temperature {value}:", *(f"{share:.2f}" for share in (weights / weights.sum())[0]))
