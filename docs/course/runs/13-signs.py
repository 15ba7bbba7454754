import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


a = np.array([-2.0, 0.0, 1.5])
print("1 - z        ", (1 - sigmoid(a)).round(4))
print("signs changed", sigmoid(-a).round(4))
