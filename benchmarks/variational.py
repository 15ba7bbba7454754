"""What an n-gram model gains from text that a network writes.

Deoras, Mikolov, Kombrink, Karafiat and Khudanpur (2011), "Variational approximation of long-span
language models for LVCSR": of all n-gram models, the one that is estimated from a network's own
text comes nearest to the network, so a decoder can use some of what the network knows in its first
pass. Perplexities of modified Kneser-Ney models of the training text, of the generated text, of
both texts counted together, and of the first two mixed, with weights fitted on the validation text:
word by word, and as one model (``ngrams/mixed.py``). Prints a table in Markdown.

    python benchmarks/variational.py --checkpoint FILE [--tokens 1000000 2000000] [--order 3]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

import numpy as np

from rnnlm_cli import checkpoint
from rnnlm_cli.data.texts import read_split
from rnnlm_cli.evaluate.interpolation import fit_weights, mixture
from rnnlm_cli.evaluate.perplexity import perplexity_of
from rnnlm_cli.learned.approximation import STREAMS, whole_lines, written
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.ngrams.kneser_ney import estimate
from rnnlm_cli.ngrams.mixed import mixed
from rnnlm_cli.ngrams.tables import BackoffTables
from rnnlm_cli.system.arrays import Array, Ids

SPLITS = "valid", "test"


def main() -> None:
    """Write, estimate, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--checkpoint", required=True, help="a model of a text with all splits")
    parser.add_argument("--tokens", type=int, nargs="+", default=[1_000_000], help="to generate")
    parser.add_argument("--order", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    model = checkpoint.load(args.checkpoint).model
    begin = time.process_time()
    ids = written(model, max(args.tokens), args.seed)
    print(f"{ids.size:,} tokens, {time.process_time() - begin:.0f} s", file=sys.stderr)
    measure(model, ids, args.tokens, args.order)


def measure(model: TrainedModel, ids: Ids, sizes: Sequence[int], order: int) -> None:
    """Print a row per model.

    Args:
        model: Names the texts.
        ids: ``(T, STREAMS)`` the generated text.
        sizes: How many tokens of it to use.
        order: The length of the longest n-grams.
    """
    end = model.line_start()
    texts = [read_split(model.config, s, model.codec, model.vocabulary) for s in SPLITS]
    held_out = [np.asarray(text.ids[:]) for text in texts]
    train = np.asarray(read_split(model.config, "train", model.codec, model.vocabulary).ids[:])

    def estimated(text: Ids) -> BackoffTables:
        return estimate(text, end, len(model.vocabulary), order).model

    def scores(tables: BackoffTables) -> list[Array]:
        return [natural(tables, one, end) for one in held_out]

    print("| | valid | test |\n|---|---|---|")
    ngrams = estimated(train)
    own = scores(ngrams)
    row(f"{order}-grams of the training text", own)
    for size in sizes:
        text = whole_lines(ids[: size // STREAMS], end)
        others = estimated(text)
        theirs = scores(others)
        name = f"{len(text):,} generated tokens"
        row(name, theirs)
        row(
            f"the training text and {name}, counted together",
            scores(estimated(np.concatenate([train, text]))),
        )
        pairs = [np.stack(pair) for pair in zip(own, theirs, strict=True)]
        weights = fit_weights(pairs[0])
        shown = f"{weights[0]:.2f} and {weights[1]:.2f}"
        row(f"both models, {shown}", [mixture(pair, weights) for pair in pairs])
        one = mixed(ngrams, others, weights[0])
        row(f"as one model, {len(one.tables[-1]):,} {order}-grams", scores(one))


def natural(tables: BackoffTables, text: Ids, end: int) -> Array:
    """Return natural logs of the targets of a text, whose first token is given."""
    logs: Array = tables.log_probs(text, end)[1:] * np.log(10)
    return logs


def row(name: str, scores: Sequence[Array]) -> None:
    """Print the perplexities of the validation text and the test text."""
    shown = " | ".join(f"{perplexity_of(one):.2f}" for one in scores)
    print(f"| {name} | {shown} |", flush=True)


if __name__ == "__main__":
    main()
