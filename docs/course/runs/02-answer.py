from math import tanh

w_h, h, states = 2.0, 0.0, []
for x in (1.0, -1.0, 0.5):
    h = tanh(x + h * w_h)
    states.append(h)
dh = 1.0
for h in reversed(states[1:]):
    factor = w_h * (1 - h**2)
    dh *= factor
    print(f"times {factor:.4f}, so dh = {dh:.4f}")
