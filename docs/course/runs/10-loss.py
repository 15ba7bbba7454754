import numpy as np

from rnnlm_cli.nn.outputs.plain import PlainSoftmax
from rnnlm_cli.nn.param import Param

V, H = 7, 4  # seven words, four hidden units
output = PlainSoftmax(Param(np.zeros((V, H))))  # it knows nothing yet
h = np.ones((3, 2, H))  # T = 3 steps, B = 2 rows
targets = np.array([[1, 4], [2, 5], [3, -1]])  # the last place of row 1 does not count
nats, counted, dh = output.loss_and_gradients(h, targets)
print(f"{counted} targets, mean loss {nats / counted:.4f}; ln 7 = {np.log(7):.4f}")
