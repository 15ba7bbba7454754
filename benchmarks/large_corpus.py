"""Training on a corpus of gigabytes: time until it starts, and memory.

Run by ``make large-corpus``. A text with the frequencies of words (Zipf's law) is generated,
trained on at the size of word-small, and trained on again, with its ids already on disk. With
``--types`` a text of that many different words is read instead, of which 50,000 are kept. With
``--ranks`` it is trained on by one rank with one core, and then by that many with a core each, both
without ids on disk; memory is that of rank 0.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

import numpy as np
from watched import train

CONFIG = """
corpus: {{train: text.txt, max_vocabulary: {vocabulary}}}
model: {{embedding_size: 100, hidden_size: 100}}
training: {{epochs: 1, max_seconds: {seconds}, report_every: 20}}
checkpoint: {{path: m.pkl}}
"""


def generate(path: Path, size: float) -> None:
    """Write a text of ``size`` bytes, with 200,000 types by Zipf's law."""
    rng = np.random.default_rng(0)
    weights = 1 / np.arange(1, 200_001)
    weights /= weights.sum()
    words = np.array([f"w{k:x}" for k in range(200_000)])
    block = words[rng.choice(200_000, 2_000_000, p=weights)].reshape(-1, 20)
    text = "".join(" ".join(line) + "\n" for line in block.tolist()).encode()
    with path.open("wb") as file:
        while file.tell() < size:
            file.write(text)


def generate_types(path: Path, types: int) -> None:
    """Write a text in which most words occur once, and 50,000 more often."""
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, types, 20):
            file.write(" ".join(f"w{k:x}" for k in range(start, start + 20)) + "\n")
            file.write(" ".join(f"w{k % 50_000:x}" for k in range(start, start + 5)) + "\n")


def main() -> None:
    """Generate, train twice, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=float, default=2e9)
    parser.add_argument("--seconds", type=float, default=180, help="time limit of a training")
    parser.add_argument("--ranks", type=int, help="compare one rank with that many")
    parser.add_argument("--types", type=int, help="number of different words in the text")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        text = directory / "text.txt"
        if options.types:
            generate_types(text, options.types)
        else:
            generate(text, options.bytes)
        vocabulary = 50_000 if options.types else 10_000
        config = CONFIG.format(seconds=options.seconds, vocabulary=vocabulary)
        (directory / "c.yaml").write_text(config, encoding="utf-8")
        print(f"a text of {text.stat().st_size / 1e6:,.0f} MB", flush=True)
        for ranks in (1, options.ranks) if options.ranks else (None, None):
            if ranks is not None:
                shutil.rmtree(directory / ".rnnlm", ignore_errors=True)
                print(f"{ranks} with a core each: ", end="")
            print(train(directory, ranks), flush=True)


if __name__ == "__main__":
    main()
