# long: it trains four models
# tolerance: 0.1
from pathlib import Path

import rnnlm_cli

text = Path("corpora/python-docs.train.txt").read_text(encoding="utf-8")
Path("few.txt").write_text("".join(text.splitlines(keepends=True)[:2000]), encoding="utf-8")
print("words in the vocabulary   unknown   perplexity   of known words only")
for words in (10, 100, 1000, 4000):
    lm = rnnlm_cli.train(
        {
            "corpus": {"train": "few.txt", "lowercase": True, "max_vocabulary": words},
            "model": {"cell": "lstm", "embedding_size": 64, "hidden_size": 64},
            "training": {
                "epochs": 6,
                "batch_size": 10,
                "bptt": 30,
                "clip_norm": 1.0,
                "optimizer": {"kind": "adam", "learning_rate": 0.005},
            },
            "checkpoint": {"path": "words.pkl"},
        },
        overwrite=True,
    )
    found = lm.evaluate("corpora/python-docs.valid.txt")
    known = found.perplexity_without_unknown
    print(f"{words:23,} {found.oov_rate:9.1%} {found.perplexity:12.1f} {known:21.1f}")
