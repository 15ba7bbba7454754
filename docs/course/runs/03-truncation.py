# long: it trains four models
# tolerance: 0.1
import random
from pathlib import Path

import rnnlm_cli

random.seed(1)
lines = [f"{key} . . . . . {key}\n" for key in random.choices("abcd", k=400)]
Path("recall.txt").write_text("".join(lines))
print(lines[0], lines[1], sep="")
for bptt in (2, 4, 8, 16):
    lm = rnnlm_cli.train(
        {
            "corpus": {"train": "recall.txt"},
            "model": {"cell": "rnn", "embedding_size": 16, "hidden_size": 32},
            "training": {
                "epochs": 30,
                "batch_size": 10,
                "bptt": bptt,
                "clip_norm": 1.0,
                "optimizer": {"kind": "adam", "learning_rate": 0.005},
            },
            "checkpoint": {"path": "recall.pkl"},
        },
        overwrite=True,
    )
    right = [dict(lm.next(f"{key} . . . . ."))[key] for key in "abcd"]
    print(f"bptt {bptt:2}: probability of the right letter {sum(right) / 4:.2f}")
