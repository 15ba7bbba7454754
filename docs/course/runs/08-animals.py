# tolerance: 0.1
from pathlib import Path

import rnnlm_cli

Path("animals.txt").write_text(
    "the cat drinks milk .\nthe dog eats meat .\nthe bird eats grain .\nthe cow eats grass .\n"
)


def trained(direction):
    return rnnlm_cli.train(
        {
            "corpus": {"train": "animals.txt"},
            "model": {
                "cell": "lstm",
                "direction": direction,
                "embedding_size": 16,
                "hidden_size": 16,
            },
            "training": {
                "epochs": 100,
                "batch_size": 4,
                "bptt": 6,
                "optimizer": {"kind": "adam", "learning_rate": 0.02},
            },
            "checkpoint": {"path": f"{direction}.pkl"},
        },
        overwrite=True,
    )


forward, both = trained("forward"), trained("bidirectional")
print("the ...   ", *(f"{word} {p:.2f} " for word, p in forward.next("the", 4)))
for line in ("the ___ drinks milk .", "the ___ eats grass .", "the cat ___ milk ."):
    (blank,) = both.fill(line, top=2).blanks
    print(f"{line:22}", *(f"{word} {p:.2f} " for word, p in blank))
