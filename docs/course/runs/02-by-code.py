import numpy as np

from rnnlm_cli.nn.cells.elman import Elman
from rnnlm_cli.nn.engines.choose import ENGINES
from rnnlm_cli.nn.layers.recurrent import Recurrent

layer = Recurrent(Elman(), ENGINES["plain"], 1, 1, lambda shape, fan_in: np.ones(shape))
layer.weights.hh.value[:] = 0.5
x = np.array([1.0, -1.0, 0.5]).reshape(3, 1, 1)  # T = 3 steps, B = 1 stream, D = 1 input


def loss():
    return layer.begin(3, 1).forward(x, layer.initial_state(1))[0][-1, 0, 0]


tape = layer.begin(3, 1)
tape.forward(x, layer.initial_state(1))
dy = np.array([0.0, 0.0, 1.0]).reshape(3, 1, 1)  # only the last output is in the loss
tape.backward(dy, layer.initial_state(1))
tape.finish()
for name, param in {"dw_h": layer.weights.hh, "dw_x": layer.weights.ih}.items():
    kept = param.value[0, 0]
    param.value[0, 0] = kept + 1e-5
    above = loss()
    param.value[0, 0] = kept - 1e-5
    below = loss()
    param.value[0, 0] = kept
    slope = (above - below) / 2e-5
    print(f"{name}: {param.gradient.values[0, 0]:.4f} by the engine, {slope:.4f} by the slope")
