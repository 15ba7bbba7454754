"""The task ``classification``: tiny cases whose rule a network has to find, not their lines."""

from itertools import product

import numpy as np
import pytest

from rnnlm_cli import Classifier
from rnnlm_cli.corpora.brackets import brackets


def parity():
    """Lines of at most four bits to train on, and all of at most six bits."""
    rng = np.random.default_rng(0)
    seen = ["".join(rng.choice(list("01"), n)) for n in range(1, 5) for _ in range(30)]
    every = ["".join(bits) for n in range(1, 7) for bits in product("01", repeat=n)]
    assert len(every) == 126
    return [
        [f"{('even', 'odd')[line.count('1') % 2]}\t{line}" for line in lines]
        for lines in (seen, every)
    ]


def balanced():
    """Lines of at most twelve brackets, and others of as many."""
    parts = brackets(300, longest=12)
    return parts.train, parts.valid + parts.test


CASES = {
    "parity": (parity, {"cell": "gru", "hidden_size": 12}, 25, 20, 0.05),
    "brackets": (balanced, {"cell": "lstm", "hidden_size": 16}, 15, 15, 0.03),
}
"""The lines, the model, and how it is trained: epochs, lines per block, rate."""


@pytest.mark.parametrize("name", CASES)
def test_a_rule_is_learned_exactly(name, tmp_path):
    lines, model, epochs, batch, rate = CASES[name]
    paths = [tmp_path / f"{part}.tsv" for part in ("train", "unseen")]
    for path, some in zip(paths, lines(), strict=True):
        path.write_text("\n".join(some) + "\n")
    found = Classifier.train(
        {
            "task": {"kind": "classification"},
            "corpus": {"train": str(paths[0]), "unit": "char"},
            "model": {"embedding_size": 4, **model},
            "training": {
                "epochs": epochs,
                "batch_size": batch,
                "seed": 4,  # right by a wide margin, whatever kernels round
                "clip_norm": 1.0,
                "optimizer": {"kind": "adam", "learning_rate": rate},
                "schedule": {"kind": "linear"},
            },
            "checkpoint": {"path": str(tmp_path / "m.pkl")},
        }
    )
    assert [found.evaluate(path).accuracy for path in paths] == [1.0, 1.0]
