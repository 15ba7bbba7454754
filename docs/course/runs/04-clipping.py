# long: it trains two models
# tolerance: 0.6
import json
import random
from pathlib import Path

import numpy as np

import rnnlm_cli

random.seed(1)
Path("recall.txt").write_text(
    "".join(f"{k} . . . . . {k}\n" for k in random.choices("abcd", k=400))
)
losses, norms = [], []
for clip_norm in (None, 1.0):
    rnnlm_cli.train(
        {
            "corpus": {"train": "recall.txt"},
            "model": {
                "cell": "rnn",
                "embedding_size": 16,
                "hidden_size": 32,
                "initialization": {"kind": "uniform", "scale": 0.5},  # large weights
            },
            "training": {
                "epochs": 30,
                "batch_size": 10,
                "bptt": 40,
                "clip_norm": clip_norm,
                "report_every": 1,
                "optimizer": {"kind": "sgd", "learning_rate": 3.0},
            },
            "checkpoint": {"path": "clipped.pkl"},
        },
        overwrite=True,
    )
    log = [json.loads(line) for line in Path("clipped.jsonl").read_text().splitlines()]
    steps = [line for line in log if line["event"] == "step"]
    losses.append([step["nats_per_token"] for step in steps])
    norms.append([step["gradient_norm"] for step in steps])
print("steps      loss without clipping   with")
for begin in range(0, len(losses[0]), 40):
    off, on = (np.mean(own[begin : begin + 40]) for own in losses)
    print(f"{begin + 1:3} to {begin + 40:3} {off:21.2f} {on:6.2f}")
print(f"largest norm {max(norms[0]):18.1f} {max(norms[1]):6.1f}")
