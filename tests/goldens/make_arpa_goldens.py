"""Write an ARPA file and what the ``kenlm`` package makes of it.

Run by ``make goldens``, which installs kenlm into an environment of its own. Weights are random:
what is compared is how n-grams and back-off weights are looked up and summed.
"""

import json
from pathlib import Path

import kenlm
import numpy as np

ORDER, HERE = 4, Path(__file__).parent


def ngrams(order: int, lines: list[list[str]]) -> list[tuple[str, ...]]:
    """All n-grams of a length."""
    found = {tuple(line[k : k + order]) for line in lines for k in range(len(line) - order + 1)}
    return sorted(found)


def write_arpa(path: Path, rng: np.random.Generator) -> None:
    """Write the n-grams of a random text."""
    lines = [["<s>", *rng.choice(list("abcdef"), rng.integers(1, 8)), "</s>"] for _ in range(12)]
    tables = [ngrams(order, lines) for order in range(1, ORDER + 1)]
    tables[0] = sorted({*tables[0], ("<unk>",)})
    with path.open("w", encoding="utf-8") as file:
        file.write("\\data\\\n")
        file.writelines(f"ngram {k}={len(table)}\n" for k, table in enumerate(tables, 1))
        for order, table in enumerate(tables, 1):
            file.write(f"\n\\{order}-grams:\n")
            for ngram in table:
                logprob = -99 if ngram == ("<s>",) else -3 * rng.random()
                backoff = f"\t{-rng.random():.6f}" if order < ORDER and ngram[-1] != "</s>" else ""
                file.write(f"{logprob:.6f}\t{' '.join(ngram)}{backoff}\n")
        file.write("\n\\end\\\n")


def main() -> None:
    """Write both files."""
    rng = np.random.default_rng(0)
    path = HERE / "random.arpa"
    write_arpa(path, rng)
    model = kenlm.Model(str(path))
    sentences = [" ".join(rng.choice(list("abcdefgh"), rng.integers(0, 10))) for _ in range(60)]
    scores = [[score for score, _, _ in model.full_scores(line)] for line in sentences]
    golden = [{"sentence": s, "log10": v} for s, v in zip(sentences, scores, strict=True)]
    (HERE / "kenlm.json").write_text(json.dumps(golden, indent=0) + "\n", encoding="utf-8")


main()
