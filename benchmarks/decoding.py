"""A speech decoder that asks a language model word by word: rnnlm beside KenLM, and none.

    python benchmarks/decoding.py --ptb DIRECTORY [--checkpoint FILE] [--beam 100]
    python benchmarks/decoding.py --ptb DIRECTORY --untrained --layers 2 --hidden 650 --sentences 10

pyctcdecode 0.5 decodes made-up CTC logits of sentences of the Penn Treebank's test text: a frame
for each character with noise, and a blank after it. It prints word error rates and seconds with

    none      no language model
    words     the model's vocabulary alone: its probabilities have no weight
    rnnlm     rnnlm_cli.kenlm in the place of kenlm; without --checkpoint an LSTM is trained on the
              training text for --seconds; --untrained has random weights, to measure time alone
    kenlm     a trigram model of the same text with absolute discounting, if kenlm is installed

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
from rnnlm_cli.checkpoint import save
from rnnlm_cli.config import make_config
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.evaluate.word_errors import WordErrors, summed, word_errors
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.corpus import Reading, read_training_corpus

DISCOUNT = 0.75


def main() -> None:
    """Decode, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--ptb", type=Path, required=True, help="directory with ptb.train.txt")
    parser.add_argument("--checkpoint", help="the model; without, one is trained")
    parser.add_argument("--hidden", type=int, default=128, help="units of the one that is trained")
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--untrained", action="store_true", help="random weights")
    parser.add_argument("--seconds", type=int, default=60, help="how long it is trained")
    parser.add_argument("--sentences", type=int, default=50)
    parser.add_argument("--beam", type=int, default=100)
    parser.add_argument("--alpha", type=float, default=0.5, help="weight of the language model")
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
    checkpoint = args.checkpoint or made_model(args, directory)
    words = [word for word in rnnlm_cli.load(checkpoint).tokens if word != "<eos>"]
    rows: list[tuple[str, ModuleType, str | None, float]] = [
        ("none", rnnlm_cli.kenlm, None, 0.0),
        ("words", rnnlm_cli.kenlm, checkpoint, 0.0),
        ("rnnlm", rnnlm_cli.kenlm, checkpoint, args.alpha),
    ]
    try:
        kenlm = importlib.import_module("kenlm")
        arpa = directory / "trigrams.arpa"
        write_trigrams(args.ptb / "ptb.train.txt", arpa)
        rows.append(("kenlm", kenlm, str(arpa), args.alpha))
    except ImportError:
        print("kenlm is not installed: without its row")
    print(f"{len(sentences)} sentences, beam {args.beam}, alpha {args.alpha}, noise {args.noise}")
    print("model   word error rate                        seconds per sentence")
    for name, module, path, alpha in rows:
        decoder = decoder_with(module, path, alpha, words, labels)
        errors, seconds = decode(decoder, sentences, logits, args.beam)
        parts = f"{errors.substitutions} + {errors.deletions} + {errors.insertions}"
        print(f"{name:6}  {errors.rate:6.1%}  ({parts} of {errors.words})".ljust(47), end="")
        print(f"{seconds / len(sentences):8.3f}", flush=True)


def decoder_with(
    module: ModuleType, path: str | None, alpha: float, words: list[str], labels: list[str]
) -> Any:
    """Return pyctcdecode's decoder, with one module in the place of ``kenlm``."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyctcdecode"]:
        del sys.modules[name]
    sys.modules["kenlm"] = module
    pyctcdecode: Any = importlib.import_module("pyctcdecode")
    unigrams = words if path else None
    return pyctcdecode.build_ctcdecoder(labels, path, unigrams, alpha=alpha)


def decode(
    decoder: Any, sentences: list[str], logits: list[np.ndarray], beam: int
) -> tuple[WordErrors, float]:
    """Return word errors and seconds."""
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


def made_model(args: argparse.Namespace, directory: Path) -> str:
    """Make an LSTM and train it for a while; return where it is."""
    path = str(directory / "model.pkl")
    corpus = {"train": str(args.ptb / "ptb.train.txt"), "valid": str(args.ptb / "ptb.valid.txt")}
    size = {"embedding_size": args.hidden, "hidden_size": args.hidden, "tie_weights": True}
    plain = {
        "corpus": corpus,
        "model": {"cell": "lstm", "layers": args.layers, **size},
        "training": {"epochs": 4, "max_seconds": args.seconds},
        "checkpoint": {"path": path},
    }
    if args.untrained:
        config = make_config(plain, [])
        vocabulary, _, _ = read_training_corpus([corpus["train"]], Reading())
        network = Rnnlm.random(config.model, len(vocabulary), np.random.default_rng(1))
        save(path, TrainedModel(config, codec_of(config), vocabulary, network))
        return path
    lm = rnnlm_cli.train(plain)
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
