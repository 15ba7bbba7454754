import numpy as np

for bias in (0.0, 1.0, 4.0):
    f = 1 / (1 + np.exp(-bias))
    print(f"bias {bias:.0f}: f = {f:.3f}, after 16 steps {f**16:.6f}")
