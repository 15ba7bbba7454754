"""A speech decoder that asks a language model word by word: rnnlm beside KenLM, and none.

    python benchmarks/decoding.py --ptb DIRECTORY [--checkpoint FILE] [--hidden 128] [--beam 100]

pyctcdecode 0.5 decodes made-up CTC logits of sentences of the Penn Treebank's test text: a frame for
each character with noise, and a blank after it. It prints word error rates and seconds per sentence with

    none      no language model
    rnnlm     ``rnnlm_cli.kenlm`` in the place of ``kenlm``; without --checkpoint an LSTM is trained
              for --seconds on the training text
    kenlm     a trigram model of the same text with absolute discounting, if ``kenlm`` is installed

pyctcdecode needs NumPy below 2, so ``make decoding`` gives it an environment of its own.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import math
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

import rnnlm_cli
import rnnlm_cli.kenlm
from rnnlm_cli.evaluate.word_errors import WordErrors, summed, word_errors

DISCOUNT = 0.75


def main() -> None:
    """Decode, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--ptb", type=Path, required=True, help="directory with ptb.train.txt")
    parser.add_argument("--checkpoint", help="the model; without, one is trained")
    parser.add_argument("--hidden", type=int, default=128, help="units of the one that is trained")
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=60, help="how long it is trained")
    parser.add_argument("--sentences", type=int, default=50)
    parser.add_argument("--beam", type=int, default=100)
    parser.add_argument("--noise", type=float, default=1.6, help="deviation of a logit")
    args = parser.parse_args()
    logging.disable(logging.WARNING)  # pyctcdecode tells that kenlm is missing
    sentences = read_sentences(args.ptb / "ptb.test.txt", args.sentences)
    labels = ["", " ", *sorted(set("".join(sentences)) - {" "})]
    rng = np.random.default_rng(1)
    logits = [made_up(sentence, labels, args.noise, rng) for sentence in sentences]
    with tempfile.TemporaryDirectory() as directory:
        run(args, Path(directory), sentences, labels, logits)


def run(
    args: argparse.Namespace,
    directory: Path,
    sentences: list[str],
    labels: list[str],
    logits: list[np.ndarray],
) -> None:
    """Decode with each language model."""
    checkpoint = args.checkpoint or trained(args, directory)
    words = [word for word in rnnlm_cli.load(checkpoint).tokens if word != "<eos>"]
    rows: list[tuple[str, ModuleType, str | None]] = [
        ("none", rnnlm_cli.kenlm, None),
        ("rnnlm", rnnlm_cli.kenlm, checkpoint),
    ]
    try:
        kenlm = importlib.import_module("kenlm")
        arpa = directory / "trigrams.arpa"
        write_trigrams(args.ptb / "ptb.train.txt", arpa)
        rows.append(("kenlm", kenlm, str(arpa)))
    except ImportError:
        print("kenlm is not installed: without its row")
    print(f"{len(sentences)} sentences, beam {args.beam}, noise {args.noise}")
    print("model   word error rate                        seconds per sentence")
    for name, module, path in rows:
        errors, seconds = decode(module, path, words, labels, sentences, logits, args.beam)
        parts = f"{errors.substitutions} + {errors.deletions} + {errors.insertions}"
        print(f"{name:6}  {errors.rate:6.1%}  ({parts} of {errors.words})".ljust(47), end="")
        print(f"{seconds / len(sentences):8.3f}", flush=True)


def decode(
    module: ModuleType,
    path: str | None,
    words: list[str],
    labels: list[str],
    sentences: list[str],
    logits: list[np.ndarray],
    beam: int,
) -> tuple[WordErrors, float]:
    """Return word errors and seconds, with one module in the place of ``kenlm``."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyctcdecode"]:
        del sys.modules[name]
    sys.modules["kenlm"] = module
    pyctcdecode: Any = importlib.import_module("pyctcdecode")
    decoder = pyctcdecode.build_ctcdecoder(
        labels, kenlm_model_path=path, unigrams=words if path else None
    )
    begin = time.perf_counter()
    found = [decoder.decode(one, beam_width=beam) for one in logits]
    seconds = time.perf_counter() - begin
    pairs = zip(sentences, found, strict=True)
    return summed(word_errors(wanted.split(), got.split()) for wanted, got in pairs), seconds


def read_sentences(path: Path, count: int) -> list[str]:
    """Return sentences of 5 to 25 words, all of them known, evenly from the whole text."""
    lines = [" ".join(line.split()) for line in path.read_text(encoding="utf-8").splitlines()]
    known = [line for line in lines if "<unk>" not in line and 5 <= len(line.split()) <= 25]
    return known[:: max(1, len(known) // count)][:count]


def made_up(sentence: str, labels: list[str], noise: float, rng: np.random.Generator) -> np.ndarray:
    """Return natural logs ``(2 n, labels)``: a frame per character, and a blank after each."""
    frames = [label for character in sentence for label in (labels.index(character), 0)]
    logits = rng.normal(0, noise, (len(frames), len(labels)))
    logits[np.arange(len(frames)), frames] += 6
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def trained(args: argparse.Namespace, directory: Path) -> str:
    """Train an LSTM for a while; return where it is."""
    path = str(directory / "model.pkl")
    corpus = {"train": str(args.ptb / "ptb.train.txt"), "valid": str(args.ptb / "ptb.valid.txt")}
    size = {"embedding_size": args.hidden, "hidden_size": args.hidden, "tie_weights": True}
    lm = rnnlm_cli.train(
        {
            "corpus": corpus,
            "model": {"cell": "lstm", "layers": args.layers, **size},
            "training": {"epochs": 4, "max_seconds": args.seconds, "stateful": True},
            "checkpoint": {"path": path},
        }
    )
    report = lm.evaluate(args.ptb / "ptb.test.txt", streams=20)
    print(f"{lm}: perplexity {report.perplexity:.1f} on the test text")
    return path


def write_trigrams(corpus: Path, path: Path) -> None:
    """Write a trigram model with absolute discounting (Ney et al., 1994) as an ARPA file."""
    counts = [Counter[tuple[str, ...]]() for _ in range(3)]
    for line in corpus.read_text(encoding="utf-8").splitlines():
        words = ["<s>", *line.split(), "</s>"]
        for k in range(1, len(words)):
            for order in range(1, min(k + 1, 3) + 1):
                counts[order - 1][tuple(words[k + 1 - order : k + 1])] += 1
    totals, types = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for of_order in counts:
        for ngram, count in of_order.items():
            totals[ngram[:-1]] += count
            types[ngram[:-1]] += 1
    probs: dict[tuple[str, ...], float] = {}
    lines: list[list[str]] = [[], [], []]
    uniform = 1 / (len(counts[0]) + 1)  # <unk> too, whose count may be 0
    for order, of_order in enumerate(counts):
        for ngram, count in of_order.items():
            context = ngram[:-1]
            lower = probs[ngram[1:]] if order else uniform
            rest = DISCOUNT * types[context] / totals[context]
            probs[ngram] = (count - DISCOUNT) / totals[context] + rest * lower
            backoff = DISCOUNT * types[ngram] / totals[ngram] if totals[ngram] else 1.0
            weight = f"\t{math.log10(backoff):.6f}" if order < 2 else ""
            lines[order].append(f"{math.log10(probs[ngram]):.6f}\t{' '.join(ngram)}{weight}")
    begin = math.log10(DISCOUNT * types[("<s>",)] / totals[("<s>",)])
    lines[0].append(f"-99\t<s>\t{begin:.6f}")
    with path.open("w", encoding="utf-8") as file:
        file.write("\\data\\\n" + "".join(f"ngram {k}={len(o)}\n" for k, o in enumerate(lines, 1)))
        for order, of_order_lines in enumerate(lines, 1):
            file.write(f"\n\\{order}-grams:\n" + "\n".join(of_order_lines) + "\n")
        file.write("\n\\end\\\n")


if __name__ == "__main__":
    main()
