# long: it trains three models
# tolerance: 0.5
import random
from pathlib import Path

import rnnlm_cli

print("dots    GRU")
for dots in (4, 8, 16):
    random.seed(1)
    lines = [f"{key} {'. ' * dots}{key}\n" for key in random.choices("abcd", k=400)]
    Path("recall.txt").write_text("".join(lines))
    lm = rnnlm_cli.train(
        {
            "corpus": {"train": "recall.txt"},
            "model": {"cell": "gru", "embedding_size": 16, "hidden_size": 32},
            "training": {
                "epochs": 60,
                "batch_size": 20,
                "lines": "independent",
                "clip_norm": 1.0,
                "optimizer": {"kind": "adam", "learning_rate": 0.01},
            },
            "checkpoint": {"path": "gru.pkl"},
        },
        overwrite=True,
    )
    right = sum(dict(lm.next(key + " ." * dots))[key] for key in "abcd") / 4
    print(f"{dots:4} {right:6.2f}")
