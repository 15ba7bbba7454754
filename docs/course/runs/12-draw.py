import numpy as np

from rnnlm_cli.generate.sampling import draw

p = np.array([0.45, 0.25, 0.15, 0.10, 0.05])
rng = np.random.default_rng(1)
drawn = draw(np.tile(np.log(p), (10_000, 1)), [rng] * 10_000)
for word, probability, times in zip("abcde", p, np.bincount(drawn), strict=True):
    print(f"{word}: probability {probability:.2f}, drawn {times / 10_000:.3f} of all times")
