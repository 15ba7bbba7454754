# long: it trains nine models
# tolerance: 0.5
import random
from pathlib import Path

import rnnlm_cli

CELLS = {
    "rnn": {"cell": "rnn"},
    "lstm": {"cell": "lstm"},
    "open": {"cell": "lstm", "forget_bias": 4.0},
}
print("dots   RNN   LSTM   LSTM, forget gate open at first")
for dots in (4, 8, 16):
    random.seed(1)
    lines = [f"{key} {'. ' * dots}{key}\n" for key in random.choices("abcd", k=400)]
    Path("recall.txt").write_text("".join(lines))
    row = []
    for name, cell in CELLS.items():
        lm = rnnlm_cli.train(
            {
                "corpus": {"train": "recall.txt"},
                "model": {"embedding_size": 16, "hidden_size": 32, **cell},
                "training": {
                    "epochs": 60,
                    "batch_size": 20,
                    "lines": "independent",
                    "clip_norm": 1.0,
                    "optimizer": {"kind": "adam", "learning_rate": 0.01},
                },
                "checkpoint": {"path": f"{name}-{dots}.pkl"},
            },
            overwrite=True,
        )
        row.append(sum(dict(lm.next(key + " ." * dots))[key] for key in "abcd") / 4)
    print(f"{dots:4} {row[0]:5.2f}  {row[1]:5.2f}  {row[2]:5.2f}")
