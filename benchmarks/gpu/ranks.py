"""Two processes on one CUDA device: the same training as one process, within rounding.

Argument: the directory of Penn Treebank's texts. It needs mpi4py and an ``mpiexec``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

CONFIG = """
corpus: {{train: {texts}/ptb.valid.txt, valid: 0.1}}
model: {{embedding_size: 100, hidden_size: 100}}
training: {{device: cuda, max_steps: 40, epochs: 1, batch_size: 20,
  optimizer: {{kind: sgd, learning_rate: 5}}, clip_norm: 1}}
checkpoint: {{path: {path}}}
"""

OPEN_MPI = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
}
"""It refuses root and more ranks than cores unless it is told; other programs do not read this."""


def valid(ranks: int, texts: Path, folder: Path) -> float:
    """Train with some ranks; return the perplexity of the validation text."""
    config, path = folder / f"{ranks}.yaml", folder / f"{ranks}.pkl"
    config.write_text(CONFIG.format(texts=texts, path=path), encoding="utf-8")
    train = [sys.executable, "-m", "rnnlm_cli", "train", "--config", str(config)]
    start = ["mpiexec", "-n", str(ranks)] if ranks > 1 else []
    subprocess.run([*start, *train], env={**os.environ, **OPEN_MPI}, check=True)
    lines = path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()
    found: float = next(
        record["valid_perplexity"]
        for record in map(json.loads, lines)
        if "valid_perplexity" in record
    )
    return found


def main() -> None:
    """Compare one rank with two."""
    texts = Path(sys.argv[1]).resolve()
    print("| ranks on one device | perplexity |\n| --- | --- |", flush=True)
    with tempfile.TemporaryDirectory() as name:
        found = {ranks: valid(ranks, texts, Path(name)) for ranks in (1, 2)}
    for ranks, perplexity in found.items():
        print(f"| {ranks} | {perplexity:.6f} |", flush=True)
    sys.exit(abs(found[2] / found[1] - 1) > 1e-4)


if __name__ == "__main__":
    main()
