"""The options ``--mix``, ``--interpolate`` and ``--mix-weights``: other models beside the first."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

import click

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.shared.adaptation import numbers_option
from rnnlm_cli.commands.shared.bars import Bar
from rnnlm_cli.commands.shared.bars import tokens as token_count
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.models import Chosen
from rnnlm_cli.commands.shared.options import MODEL, PathName
from rnnlm_cli.commands.shared.partners import needs, partners
from rnnlm_cli.commands.shared.texts import WantedText, chosen_text
from rnnlm_cli.commands.shared.waiting import announced
from rnnlm_cli.data.named import choose_split, with_texts_of
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.mixture import Mixing
from rnnlm_cli.exchange.arpa import read_arpa
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.corpus import Corpus

NOTABLE_SHARE = 0.1
"""Print a note if an n-gram model lacks more than this share of a text's tokens."""

MOST_MODELS = 64


class Others(NamedTuple):
    """Models to mix with the first one, as options name them."""

    paths: tuple[str, ...]
    arpa: str | None
    weights: tuple[float, ...] | None

    @property
    def names(self) -> list[str]:
        """The files, networks first."""
        return [*self.paths, *([] if self.arpa is None else [self.arpa])]

    def mixing(self, chosen: Chosen) -> Mixing | None:
        """Read the models; ``None`` if there are none.

        Raises:
            UsageError: A file is missing, models cannot be mixed, or the weights do not fit.
            CheckpointError, CorpusError: A file is not valid.
        """
        if not self.names:
            return None
        others = []
        for path in self.paths:
            with announced(f"reading {path}"):
                others.append((path, checkpoint.load(path).model))
            note_lines(chosen, *others[-1])
        ngram = None
        if self.arpa is not None:
            with announced(f"reading {self.arpa}"):
                ngram = read_arpa(self.arpa)
        mixing = Mixing(chosen.saved, others, ngram)
        if self.weights is not None:
            mixing.checked(self.weights)
        return mixing

    def mixed(self, chosen: Chosen) -> Chosen:
        """Return the first model mixed with the others; without any, itself.

        Weights that are not given are fitted on the validation text, and printed.
        """
        mixing = self.mixing(chosen)
        if mixing is None:
            return chosen
        weights = self.weights
        if weights is None:
            text = validation_text(chosen)
            with Bar(len(mixing) * (len(text) - text.given), token_count) as progress:
                weights = tuple(mixing.fitted(text, progress.update))
            shown = ",".join(f"{weight:.4f}" for weight in weights)
            note(f"weights fitted on {text.name}: --mix-weights {shown}")
        return chosen._replace(saved=mixing.model(weights))


def mixture_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--mix``, ``--interpolate`` and ``--mix-weights``; the command gets ``others``."""

    @partners(needs("--mix-weights", "--mix --interpolate"))
    @wraps(command)
    def gathered(
        *args: Any,
        mix: tuple[str, ...],
        interpolate: str | None,
        mix_weights: tuple[float, ...] | None,
        **options: Any,
    ) -> Any:
        return command(*args, others=Others(mix, interpolate, mix_weights), **options)

    mix_option = click.option(
        "--mix",
        type=MODEL,
        metavar="FILE",
        multiple=True,
        help="Mix with another model of the same tokens. Repeatable.",
    )
    interpolate_option = click.option(
        "--interpolate",
        type=PathName(".arpa", ".arpa.gz"),
        metavar="FILE.arpa",
        help="Mix with an n-gram model; see rnnlm ngram.",
    )
    weights_option = numbers_option(
        "--mix-weights",
        "W,W[,W...]",
        2,
        "Weights in the mixture: the model's, those of --mix, that of --interpolate; they are "
        "divided by their sum.  [default: fitted on the validation text]",
        MOST_MODELS,
    )
    return mix_option(interpolate_option(weights_option(gathered)))


def validation_text(chosen: Chosen) -> Corpus:
    """Return the text that a mixture is fitted on.

    Raises:
        UsageError: The model's config names none.
    """
    config = with_texts_of(chosen.saved.config, chosen.config)
    try:
        choose_split(config, "valid")
    except UsageError:
        raise UsageError(
            "the model's configuration has no corpus.valid to fit the mixture on",
            remedy="give its weights with {mix_weights}",
        ) from None
    return chosen_text(chosen, WantedText(split="valid"))


def note_lines(chosen: Chosen, path: str, model: TrainedModel) -> None:
    """Print a note if a model is read in another way than it was trained."""
    trained, read = model.config.training.lines, chosen.saved.config.training.lines
    if trained != read:
        note(f"{path}: was trained with training.lines: {trained}, and is read with {read}")


def note_strangers(mixing: Mixing, text: Corpus) -> None:
    """Print a note if the n-gram model lacks many tokens of a text."""
    share = mixing.share_of_strangers(text)
    if share > NOTABLE_SHARE:
        note(
            f"{share:.0%} of the text's tokens are not in the n-gram model; does it fit this text?"
        )
