"""Half an hour of training at the size of word-small: memory and open files.

Run by ``make soak``. A text of 5 MB is generated and trained on, epoch after epoch, with
validation after each and the state saved every ten seconds; memory and open files are sampled from
outside five times a second.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from large_corpus import generate
from watched import train

CONFIG = """
corpus: {{train: text.txt, valid: 0.02, max_vocabulary: 10000}}
model: {{embedding_size: 100, hidden_size: 100}}
training: {{epochs: 1000, max_seconds: {seconds}}}
checkpoint: {{path: m.pkl, every_seconds: 10}}
"""


def main() -> None:
    """Generate, train, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1800)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        generate(directory / "text.txt", 5e6)
        config = CONFIG.format(seconds=options.seconds)
        (directory / "c.yaml").write_text(config, encoding="utf-8")
        watched = train(directory)
    print(watched)
    for tenth in range(10):
        some = watched.samples[tenth * len(watched.samples) // 10]
        print(f"{some.seconds:7.0f} s {some.anonymous:10.2f} MB {some.files:4} files")


if __name__ == "__main__":
    main()
