"""Claims of the course notes about trained models: what the trainings of ``claims.py`` learned."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

import rnnlm_cli
from rnnlm_cli import LanguageModel

Figures = dict[str, float]
ROOT = Path(__file__).parents[1]
STEPS = 30
"""Steps that a gradient goes back."""


def hello(seed: int, where: Path) -> Figures:
    """Claim 8: the sentence of the notes, learned from one line in a second."""
    lm = rnnlm_cli.train(
        ROOT / "configs" / "hello.yaml",
        overrides={"training.seed": seed, "checkpoint.path": str(where / f"hello-{seed}.pkl")},
        overwrite=True,
    )
    found = {"perplexity": lm.evaluate(ROOT / "corpora" / "hello.txt").perplexity}
    for start in ("you say", "you say goodbye and i say", "say"):
        for word in ("goodbye", "hello"):
            found[f"{word} after {start}"] = float(10 ** lm.state(start).read(word)[0])
    return found


def words_alone(train: list[str], valid: list[str], types: int) -> Figures:
    """Return the perplexity of word frequencies alone, and the share of unknown tokens."""
    texts = [
        [word for line in text for word in [*line.split(), "<eos>"]] for text in (train, valid)
    ]
    known = {word for word, _ in Counter(texts[0]).most_common(types - 1)}
    read, held_out = ([word if word in known else "<unk>" for word in text] for text in texts)
    counts = Counter(read)
    nats = -sum(math.log(counts[word] / len(read)) for word in held_out)
    unknown = held_out.count("<unk>") / len(held_out)
    return {"perplexity": math.exp(nats / len(held_out)), "unknown": unknown}


def flow(lm: LanguageModel, text: list[str]) -> Figures:
    """Claims 2 and 5: how far a gradient gets back while a trained model reads."""
    (h, *_) = lm.gradient_flow(text, steps=STEPS).layers
    return {"factor": float(h.factor or 0), "10 back": h.norms[9], "30 back": h.norms[STEPS - 1]}


def memory(lm: LanguageModel, text: list[str]) -> Figures:
    """Claim 2: how many tokens back still matter."""
    found = lm.memory(text=text, context=50, targets=1_000)
    added = {f"added by {one.tokens}": one.truncated for one in found.distances[:-1]}
    return {"looks back": found.looks_back, "nats": found.nats, **added}


def one_word(lm: LanguageModel, text: list[str]) -> Figures:
    """Claim 1: the perplexity if each word is predicted from one word, at the zero state."""
    model = lm.model
    tokens = [token for line in text for token in [*line.split(), "<eos>"]]
    ids = model.vocabulary.ids_of(tokens)
    with model.network.running():
        log_probs, _ = model.network.next_log_probs(
            ids[np.newaxis, :-1], model.network.initial_state(len(ids) - 1)
        )
    aims = log_probs.reshape(len(ids) - 1, -1)[np.arange(len(ids) - 1), ids[1:]]
    return {"one word": math.exp(-float(aims.astype(np.float64).mean()))}


def generation(lm: LanguageModel, text: list[str]) -> Figures:
    """Claim 10: 1,000 words from ``you``, with and without words that are skipped."""
    skipped = ("N", "<unk>", "$")

    def share(skip: tuple[str, ...]) -> float:
        texts = lm.generate("you", length=100, seed=1, samples=10, skip=skip)
        words = [word for text in texts for word in text.split()]
        return sum(word in skipped for word in words) / len(words)

    asked = lm.state("you say")
    stepwise = lm.state("you").read("say")[1]
    apart = max(
        float(abs(one[part] - other[part]).max())
        for one, other in zip(asked.layers, stepwise.layers, strict=True)
        for part in one
    )
    return {"kept": share(()), "skipped": share(skipped), "state set": apart}


def back(lm: LanguageModel, text: list[str]) -> Figures:
    """Look back by gradient and by loss."""
    return {**flow(lm, text), **memory(lm, text)}


def everything(lm: LanguageModel, text: list[str]) -> Figures:
    """Look back, and generate."""
    return {**back(lm, text), **generation(lm, text)}


LOOKS: dict[str, Callable[[LanguageModel, list[str]], Figures]] = {
    **dict.fromkeys(("LSTM, Adam", "GRU, Adam", "RNN, Adam", "GRU", "forget bias 1"), back),
    "LSTM": everything,
    "one word": one_word,
}
"""What is looked at in a model, by the name of its run."""
