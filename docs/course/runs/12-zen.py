# long: it trains a model of letters
# words differ: another processor rounds in another way, and a drawn letter changes all that follow
import codecs
import contextlib
import io
from pathlib import Path

import rnnlm_cli

with contextlib.redirect_stdout(io.StringIO()):
    import this

Path("zen.txt").write_text(codecs.decode(this.s, "rot13").strip() + "\n")
lm = rnnlm_cli.train(
    {
        "corpus": {"train": "zen.txt", "unit": "char"},
        "model": {"cell": "lstm", "embedding_size": 16, "hidden_size": 64},
        "training": {
            "epochs": 40,
            "batch_size": 4,
            "bptt": 30,
            "clip_norm": 5.0,
            "optimizer": {"kind": "adam", "learning_rate": 0.01},
        },
        "checkpoint": {"path": "zen.pkl"},
    },
    overwrite=True,
)
for temperature in (0.1, 1.0, 2.0):
    text = lm.generate("S", length=60, temperature=temperature, seed=1)
    print(f"{temperature}: {text!r}")
