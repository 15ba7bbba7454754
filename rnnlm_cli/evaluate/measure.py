"""What an evaluation reports: its name, its unit, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.evaluate.perplexity import perplexity
from rnnlm_cli.model.history import EpochRecord


@dataclass(frozen=True)
class Measure:
    """A figure that is derived from a mean loss.

    Attributes:
        name: As tables and plots call it.
        unit: Of the mean that training reduces and by which validations are compared.
        better: Which of two means is the better one.

    >>> PSEUDO_PERPLEXITY.key(), PSEUDO_PERPLEXITY.key("valid")
    ('pseudo_perplexity', 'valid_pseudo_perplexity')
    >>> PERPLEXITY.improves(2.0, best=3.0), PERPLEXITY.improves(3.0, best=3.0)
    (True, False)
    """

    name: str
    unit: str
    better: Literal["lower", "higher"]

    def figure(self, nats: float, tokens: int = 1) -> float:
        """Return the figure itself, from a sum of losses: ``exp(nats / tokens)``."""
        return perplexity(nats, tokens)

    def improves(self, mean: float, best: float) -> bool:
        """Whether a mean is better than the best so far."""
        return mean < best if self.better == "lower" else mean > best

    def key(self, split: str = "") -> str:
        """Return the key that the figure has in logs and JSON, on one of the texts or on any."""
        return "_".join([*([split] if split else []), self.name.replace("-", "_")])

    def values(self, epoch: EpochRecord) -> dict[str, Any]:
        """Return an epoch's record as the log and JSON have it."""
        return {
            "epoch": epoch.epoch,
            "part": epoch.part,
            self.key("train"): epoch.train,
            self.key("valid"): epoch.valid,
            "learning_rate": epoch.learning_rate,
            "best": epoch.best,
        }


PERPLEXITY = Measure("perplexity", "nats per token", "lower")
PSEUDO_PERPLEXITY = Measure("pseudo-perplexity", "nats per token", "lower")
"""From both sides no probability of a text comes out, so that the figure is no perplexity."""

MEASURES = (PERPLEXITY, PSEUDO_PERPLEXITY)


def measure_of(config: ModelConfig) -> Measure:
    """Return what a model's training and evaluation report."""
    return PSEUDO_PERPLEXITY if config.direction == "bidirectional" else PERPLEXITY
