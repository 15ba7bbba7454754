import numpy as np

from rnnlm_cli.generate.filters import temperature

logits = np.log([[0.6, 0.3, 0.1]])
for value in (0.25, 0.5, 1.0, 2.0, 10.0):
    weights = np.exp(temperature(value)(logits, []))
    print(f"temperature {value:5}:", (weights / weights.sum()).round(3)[0])
