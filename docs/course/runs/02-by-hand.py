from math import tanh

w_x, w_h = 1.0, 0.5
x1, x2, x3 = 1.0, -1.0, 0.5

h1 = tanh(x1 * w_x)  # forward, from h0 = 0
h2 = tanh(x2 * w_x + h1 * w_h)
h3 = tanh(x3 * w_x + h2 * w_h)

dh3 = 1.0  # backward: L = h3
da3 = dh3 * (1 - h3**2)
dh2 = da3 * w_h
da2 = dh2 * (1 - h2**2)
dh1 = da2 * w_h
da1 = dh1 * (1 - h1**2)

print(f"h:    {h1:.4f}  {h2:.4f}  {h3:.4f}")
print(f"dh:   {dh1:.4f}  {dh2:.4f}  {dh3:.4f}")
print(f"dw_h: {da3 * h2 + da2 * h1:.4f}")
print(f"dw_x: {da3 * x3 + da2 * x2 + da1 * x1:.4f}")
