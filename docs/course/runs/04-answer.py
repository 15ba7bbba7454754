import numpy as np

from rnnlm_cli.nn.param import Param
from rnnlm_cli.train.clipping import clip_gradients

first, second = Param(np.zeros(2)), Param(np.zeros(1))
first.add(np.array([3.0, 0.0]))
second.add(np.array([4.0]))
norm = clip_gradients([first, second], max_norm=1.0)
print(f"norm {norm:.1f}, then", first.gradient.values.round(2), second.gradient.values.round(2))
