"""Penn Treebank on a CUDA device: a short training, and its scores on the device and on the CPU.

With the course notes' weights it also scores them, which gives 135.844 on the CPU. Arguments: the
directory of the texts, and the file of the weights if there is one.
"""

from __future__ import annotations

import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import rnnlm_cli
from rnnlm_cli.commands.main import run
from rnnlm_cli.nn import device

NOTES = 135.844
"""Perplexity of the notes' weights on the test text, on the CPU."""

CONFIG = """
corpus: {{train: {texts}/ptb.train.txt, valid: {texts}/ptb.valid.txt, test: {texts}/ptb.test.txt}}
model: {{embedding_size: 650, hidden_size: 650, layers: 2, tie_weights: true,
  dropout: {{input: 0.5, hidden: 0.5, output: 0.5}}}}
training: {{device: {where}, max_steps: 300, epochs: 1,
  optimizer: {{kind: sgd, learning_rate: 20}}, clip_norm: 0.25}}
checkpoint: {{path: {path}}}
"""


def scores(path: str, corpus: Path) -> dict[str, float]:
    """Return the perplexity of a text by place; print the rows."""
    found = {}
    for where in ("cuda", "cpu"):
        begun = time.monotonic()
        found[where] = rnnlm_cli.load(path, device=where).evaluate(str(corpus)).perplexity
        taken = time.monotonic() - begun
        what = f"{Path(path).stem}, {corpus.stem} on {where}"
        print(f"| {what} | {found[where]:.4f} | {taken:.1f} s |")
    return found


def agree(found: dict[str, float]) -> bool:
    """Whether both places have the same perplexity within rounding."""
    return abs(found["cuda"] / found["cpu"] - 1) < 1e-4


def short_training(texts: Path, folder: Path) -> bool:
    """Train 300 steps of 2 x 650 on the device; compare the scores."""
    config, path = folder / "short.yaml", folder / "short.pkl"
    written = CONFIG.format(texts=texts, where="cuda", path=path)
    config.write_text(written, encoding="utf-8")
    begun = time.monotonic()
    if run(["train", "--config", str(config)]) != 0:
        return False
    print(f"| 300 steps of 2 x 650 and a validation | | {time.monotonic() - begun:.1f} s |")
    return agree(scores(str(path), beginning(texts, folder)))


def beginning(texts: Path, folder: Path) -> Path:
    """Write the first lines of the test text, as many as a CPU reads in some seconds."""
    lines = (texts / "ptb.test.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    path = folder / "500-lines.txt"
    path.write_text("".join(lines[:500]), encoding="utf-8")
    return path


def notes(texts: Path, folder: Path, weights: Path) -> bool:
    """Import the notes' weights, and score them."""
    path, text = str(folder / "notes.pkl"), str(texts / "ptb.train.txt")
    if run(["import", "notes", str(weights), "--vocabulary", text, "--out", path]) != 0:
        return False
    begun = time.monotonic()
    whole = rnnlm_cli.load(path, device="cuda").evaluate(str(texts / "ptb.test.txt")).perplexity
    print(f"| notes, test text on cuda | {whole:.4f} | {time.monotonic() - begun:.1f} s |")
    return agree(scores(path, beginning(texts, folder))) and abs(whole - NOTES) < 1e-2


def outcomes(texts: Path, weights: list[Path]) -> Iterator[bool]:
    """Yield whether each check holds; one that fails prints its traceback."""
    with tempfile.TemporaryDirectory() as name:
        for check in (short_training, *([notes] if weights else [])):
            try:
                yield check(texts, Path(name), *(weights if check is notes else ()))
            except Exception:
                traceback.print_exc()
                yield False


def main() -> None:
    """Run both."""
    texts, *weights = (Path(name).resolve() for name in sys.argv[1:])
    device.cupy()
    print("| what | perplexity | time |\n| --- | --- | --- |")
    sys.exit(not all(list(outcomes(texts, weights))))


if __name__ == "__main__":
    main()
