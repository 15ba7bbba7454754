"""Write a random text, and what KenLM's ``lmplz`` estimates from it.

Run with ``lmplz`` on the path, built from https://github.com/kpu/kenlm: its Python package has no
estimator.
"""

import subprocess
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
ASKED = {
    "kneser-ney.arpa": ["-o", "3"],
    "kneser-ney-pruned.arpa": ["-o", "4", "--prune", "0", "0", "1"],
    "kneser-ney-fallback.arpa": ["-o", "3", "--discount_fallback"],
}
TINY = 6
"""Lines of the text without enough n-grams for discounts."""


def text(rng: np.random.Generator) -> str:
    """A text of a Markov chain over words of very different frequency; some lines are empty.

    The last new word occurs once: of the last word, lmplz counts the occurrences where it should
    count the words before it.
    """
    words = [f"w{k}" for k in range(40)]
    chances = rng.dirichlet(1 / np.arange(1, 41), size=40)
    lines = []
    for _ in range(150):
        word, line = 0, []
        for _ in range(rng.integers(0, 9)):
            word = int(rng.choice(40, p=chances[word]))
            line.append(words[word])
        lines.append(" ".join(line))
    for last in (TINY, len(lines)):
        lines[last - 1] += f" last{last}"
    return "".join(f"{line}\n" for line in lines)


def main() -> None:
    """Write all files."""
    whole = text(np.random.default_rng(0))
    (HERE / "kneser-ney.txt").write_text(whole, encoding="utf-8")
    tiny = "".join(whole.splitlines(True)[:TINY])
    for name, options in ASKED.items():
        given = tiny if "fallback" in name else whole
        command = ["lmplz", "-S", "1G", *options]
        found = subprocess.run(command, input=given.encode(), stdout=subprocess.PIPE, check=True)
        (HERE / name).write_bytes(found.stdout)


if __name__ == "__main__":
    main()
