"""Processor time of reading a training text: vocabulary and ids, one unit after another.

Run by ``make reading``. Each time is that of a new process, without the import. With ``--against``
a second checkout of this project takes turns, so that both meet the same machine; their digests
show that both read the same ids. Without ``--text`` a text is generated (``large_corpus.py``).
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from large_corpus import generate

UNITS = ("word", "prose", "char", "jamo", "subword")

CONFIG = """
corpus: {{train: {text}, valid: 0.05, unit: {unit}}}
model: {{embedding_size: 8, hidden_size: 8}}
checkpoint: {{path: m.pkl}}
"""

READ = """
import time
from rnnlm_cli.config.load import load_config
from rnnlm_cli.data.texts import read_training_texts
config = load_config("c.yaml")
begin = time.process_time()
train = read_training_texts(config, None, use_cache=False).train
print(time.process_time() - begin, len(train), train.digest)
"""


def read_once(checkout: Path, directory: Path) -> tuple[float, int, str]:
    """Return seconds, tokens to train on and their digest, read by the code of a checkout."""
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    command = [sys.executable, "-c", READ]
    done = subprocess.run(
        command, cwd=directory, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    seconds, tokens, digest = done.stdout.split()
    return float(seconds), int(tokens), digest


def main() -> None:
    """Read, print a row per unit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, help="a text instead of the generated one")
    parser.add_argument("--bytes", type=float, default=50e6, help="size of the generated text")
    parser.add_argument("--units", nargs="+", choices=UNITS, default=["word", "prose", "char"])
    parser.add_argument("--against", type=Path, help="a directory with other code to compare with")
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    checkouts = [Path(__file__).parents[1], *filter(None, [options.against])]
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        text = directory / "text.txt" if options.text is None else options.text.resolve()
        if options.text is None:
            generate(text, options.bytes)
        size = text.stat().st_size / 1e6
        for unit in options.units:
            (directory / "c.yaml").write_text(CONFIG.format(text=text, unit=unit), encoding="utf-8")
            turns = [
                [read_once(checkout.resolve(), directory) for checkout in checkouts]
                for _ in range(options.turns)
            ]
            assert len({digest for turn in turns for *_, digest in turn}) == 1, "different ids"
            mine, *other = (statistics.median(t[0] for t in of) for of in zip(*turns, strict=True))
            row = f"{unit}: {mine:.2f} s for {size:,.0f} MB, {turns[0][0][1]:,} tokens"
            print(
                row + "".join(f"; {mine / time:.2f} of {time:.2f} s" for time in other), flush=True
            )


if __name__ == "__main__":
    main()
