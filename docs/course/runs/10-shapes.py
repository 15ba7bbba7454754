import numpy as np

import rnnlm_cli

lm = rnnlm_cli.load("checkpoints/hello.pkl")
network, ids = lm.model.network, [lm.tokens.index(word) for word in "you say goodbye and".split()]
for name, param in network.params.items():
    print(f"{name:22} {param.value.shape}")
tape = network.begin(4, 1)
h, _ = tape.forward(np.array(ids)[:, np.newaxis], network.initial_state(1))
print("ids", np.shape(ids), " h", h.shape, " probabilities", network.output.log_probs(h).shape)
