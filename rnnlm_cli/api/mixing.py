"""Models that are mixed with others."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlm_cli import checkpoint
from rnnlm_cli.api.arguments import Path, path_of
from rnnlm_cli.api.evaluation import read_one
from rnnlm_cli.api.reading import Reading, Trace
from rnnlm_cli.api.writing import Writing
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.mixture import Mixing
from rnnlm_cli.exchange.arpa import read_arpa
from rnnlm_cli.model.trained import TrainedModel


class MixedModel(Reading, Writing):
    """A model whose probabilities are the weighted means of those of several models.

    It scores and writes as a ``LanguageModel`` does.

    Attributes:
        model: The mixture; codec, vocabulary, configuration and history are those of the first
            model.
        weights: One per model, of sum 1: the first, the other networks, the n-gram model.
    """

    def __init__(self, model: TrainedModel, weights: list[float], networks: int) -> None:
        self.model, self.weights, self._networks = model, weights, networks

    def __repr__(self) -> str:
        count = "1 network" if self._networks == 1 else f"{self._networks} networks"
        ngram = " and an n-gram model" if len(self.weights) > self._networks else ""
        shown = ", ".join(f"{weight:.4f}" for weight in self.weights)
        return f"<MixedModel: {count}{ngram}, weights {shown}>"

    def trace(self, text: str) -> Trace:
        """Refuse: a mixture has no layers.

        Raises:
            UsageError: Always.
        """
        raise UsageError("a mixture has no layers to trace; trace one of its models")


def mix(
    first: TrainedModel,
    path: str,
    others: Sequence[tuple[str, TrainedModel]],
    ngram: Path | None,
    weights: Sequence[float] | None,
) -> MixedModel:
    """Mix models; see ``LanguageModel.mixed_with``."""
    scorer = None if ngram is None else read_arpa(path_of("ngram", ngram))
    mixing = Mixing(first, others, scorer)
    if weights is not None:
        found = mixing.checked(weights)
    elif first.config.corpus.valid is None:
        raise UsageError(
            "the model's configuration has no corpus.valid to fit the mixture on",
            remedy="give weights",
        )
    else:
        found = mixing.fitted(read_one(first, path, None, None, "valid"))
    return MixedModel(mixing.model(found), found, mixing.networks)


def loaded(model: Path) -> tuple[str, TrainedModel]:
    """Read a model; return it with its name."""
    name = path_of("others", model)
    return name, checkpoint.load(name).model
