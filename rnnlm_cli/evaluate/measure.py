"""The figure that an evaluation reports: its name, its unit, and which direction is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from rnnlm_cli.evaluate.perplexity import perplexity
from rnnlm_cli.model.history import EpochRecord, TextFigures


@dataclass(frozen=True)
class Measure:
    """A figure derived from a mean loss.

    Attributes:
        name: Its name in tables and plots.
        unit: The unit of the mean, which training reduces and by which validations are compared.
        better: Whether a lower or a higher mean is better.
        form: How the figure is printed.
        of_text: Whether the mean is that of a text's tokens, and can be given per character too.

    >>> PSEUDO_PERPLEXITY.key(), PSEUDO_PERPLEXITY.key("valid")
    ('pseudo_perplexity', 'valid_pseudo_perplexity')
    >>> PERPLEXITY.improves(2.0, best=3.0), PERPLEXITY.improves(3.0, best=3.0)
    (True, False)
    """

    name: str
    unit: str
    better: Literal["lower", "higher"]
    form: str = ".2f"
    of_text: bool = True

    def figure(self, nats: float, tokens: int = 1) -> float:
        """Return the figure from a sum of losses: ``exp(nats / tokens)``."""
        return perplexity(nats, tokens)

    @property
    def of_training(self) -> Measure:
        """The figure of the training text, whose losses are cross-entropies in any case."""
        return self

    def improves(self, mean: float, best: float) -> bool:
        """Whether a mean is better than ``best``."""
        return mean < best if self.better == "lower" else mean > best

    def ties(self, mean: float, best: float) -> bool:
        """Whether the later of two models with these means is kept although it is not better."""
        return False

    def key(self, split: str = "") -> str:
        """Return the figure's key in logs and JSON, with the split as prefix if given."""
        name = self.of_training.name if split == "train" else self.name
        return "_".join([*([split] if split else []), name.replace("-", "_")])

    def text_values(self, figures: TextFigures | None, split: str = "") -> dict[str, Any]:
        """Return the figures per unit of the text with their keys; None without figures.

        There are none if the mean is not of a text.
        """
        if not self.of_text:
            return {}
        names = {
            "bits_per_character": f"{split}_bits_per_character".lstrip("_"),
            "bits_per_byte": f"{split}_bits_per_byte".lstrip("_"),
            "perplexity_per_word": f"{self.key(split)}_per_word",
        }
        return {key: getattr(figures, name, None) for name, key in names.items()}

    def values(self, epoch: EpochRecord) -> dict[str, Any]:
        """Return an epoch's record with the keys of the log and JSON."""
        return {
            "epoch": epoch.epoch,
            "part": epoch.part,
            "step": epoch.step,
            self.key("train"): epoch.train,
            self.key("valid"): epoch.valid,
            **self.text_values(epoch.train_figures, "train"),
            **self.text_values(epoch.valid_figures, "valid"),
            "learning_rate": epoch.learning_rate,
            "best": epoch.best,
        }


PERPLEXITY = Measure("perplexity", "nats per token", "lower")
PSEUDO_PERPLEXITY = Measure("pseudo-perplexity", "nats per token", "lower")
"""Of a bidirectional model, whose token probabilities do not multiply to that of a text."""


class Share(Measure):
    """A share of lines that are right; the mean that is compared is that of those that are not."""

    def figure(self, nats: float, tokens: int = 1) -> float:
        """Return the share from the number of lines that are wrong: ``1 - wrong / lines``."""
        return 1 - nats / tokens

    def ties(self, mean: float, best: float) -> bool:
        """Of equal shares the later: it has trained longer, and few lines give many equal ones."""
        return mean == best

    @property
    def of_training(self) -> Measure:
        """Perplexity: of the labels, from 1 (sure and right) to their number (guessing)."""
        return PERPLEXITY


ACCURACY = Share("accuracy", "wrong labels per line", "lower", ".2%", of_text=False)
"""Of a classifier."""

MEASURES = (ACCURACY, PERPLEXITY, PSEUDO_PERPLEXITY)
"""All of them; a log's is the first one with a figure in it."""
