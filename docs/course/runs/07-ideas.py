# long: it trains seven models
# tolerance: 0.1
from pathlib import Path

import rnnlm_cli

# the documentation of Python, as `rnnlm corpus python-docs` writes it: the first 2,000 sentences
text = Path("corpora/python-docs.train.txt").read_text(encoding="utf-8")
Path("few.txt").write_text("".join(text.splitlines(keepends=True)[:2000]), encoding="utf-8")
PLAIN = {"model.dropout": {}}
DROP = {"model.dropout": {"input": 0.2, "hidden": 0.3, "output": 0.4}}
IDEAS = {
    "one layer": {**PLAIN, "model.layers": 1},
    "two layers": PLAIN,
    "two, skip connections": {**PLAIN, "model.residual": True},
    "two, tied weights": {**PLAIN, "model.tie_weights": True},
    "two, dropout in depth": DROP,
    "two, and in time": {**DROP, "model.dropout.variational": True},
    "all of it": {**DROP, "model.tie_weights": True, "model.residual": True},
}
print("                        weights   train   valid")
for idea, keys in IDEAS.items():
    lm = rnnlm_cli.train(
        {
            "corpus": {
                "train": "few.txt",
                "valid": "corpora/python-docs.valid.txt",
                "lowercase": True,
                "max_vocabulary": 2000,
            },
            "model": {"cell": "lstm", "layers": 2, "embedding_size": 100, "hidden_size": 100},
            "training": {
                "epochs": 10,
                "batch_size": 10,
                "bptt": 30,
                "clip_norm": 1.0,
                "optimizer": {"kind": "adam", "learning_rate": 0.003},
                "schedule": {"kind": "linear"},
            },
            "checkpoint": {"path": "idea.pkl"},
        },
        overrides=keys,
        overwrite=True,
    )
    train, valid = lm.evaluate(split="train").perplexity, lm.evaluate(split="valid").perplexity
    print(f"{idea:22} {lm.model.network.parameter_count:8,} {train:7.1f} {valid:7.1f}")
