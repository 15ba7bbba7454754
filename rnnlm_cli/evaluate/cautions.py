"""Warnings where the figures of an evaluation mislead: one sentence each, with its remedy."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.errors import quoted
from rnnlm_cli.evaluate.perplexity import Perplexity
from rnnlm_cli.model.bounds import score_warnings
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.facts import unsegmented_warning
from rnnlm_cli.text.storage import count

TOO_MANY = 0.2
"""Above this share of unknown targets there is a warning. The test text of the Penn Treebank, where
rare words were replaced by the unknown token, has 0.06. With a fifth, every fifth target is not a
word, but any of those that the model does not know."""

TRAINED_ON = (
    "the model was trained on this text, so the figures say nothing about new text; evaluate "
    "another text, or hold out a part of it when training: corpus.valid: 0.05"
)


def cautions(
    model: TrainedModel, text: Corpus, result: Perplexity, trained_on: bool = False
) -> list[str]:
    """Return the warnings about an evaluation.

    Args:
        model: The model.
        text: The text.
        result: The result of the evaluation.
        trained_on: Whether the text is known to be the model's training text; if not, its content
            tells.
    """
    return [
        *score_warnings(result.nats_per_token, len(model.vocabulary)),
        *unknown_warning(result.unknown, result.tokens, model.codec.finer_unit),
        *training_text_warning(model, text, trained_on),
        *unsegmented_warning(text.name, text.facts, model.codec),
    ]


def unknown_warning(unknown: int, tokens: int, finer_unit: str | None) -> list[str]:
    """Return a warning if more than ``TOO_MANY`` of the targets are unknown, else an empty list.

    Args:
        unknown: Targets that are the unknown token, literally or in place of another.
        tokens: Number of targets.
        finer_unit: The unit to suggest, if there is one.
    """
    if unknown <= TOO_MANY * tokens:
        return []
    finer = f", or with corpus.unit: {finer_unit}" if finer_unit else ""
    return [
        f"{unknown / tokens:.1%} of the targets are unknown tokens, which are easier to predict "
        f"than what they replace, so the perplexity means little; train on text like this{finer}"
    ]


def training_text_warning(model: TrainedModel, text: Corpus, trained_on: bool = False) -> list[str]:
    """Return a warning if a model is evaluated on its training text, else an empty list."""
    if not trained_on and not has_training_counts(model, text):
        return []
    return [TRAINED_ON]


def has_training_counts(model: TrainedModel, text: Corpus) -> bool:
    """Whether each type occurs as often in a text as in the training text.

    A vocabulary has the counts of the text that it comes from. So this reads no file, and the same
    lines in another order, on which the model was trained as well, are recognized too.
    """
    counts = model.vocabulary.counts
    return len(text) == int(counts.sum()) and np.array_equal(count(text.ids, len(counts)), counts)


def lower_bound_note(oov: int) -> list[str]:
    """Return a note that unknown tokens make figures per unit of the text too low, if any are."""
    if not oov:
        return []
    return [
        f"{_strangers(oov)} scored as the unknown token, so bits per character, "
        "bits per byte and perplexity per word are lower bounds"
    ]


def unknown_note(oov: int, unknown: str, first: str = "") -> list[str]:
    """Return a note that tokens are read as the unknown token, if any are.

    >>> unknown_note(2, "<unk>", "zebra")
    ["2 tokens are not in the vocabulary and read as <unk>; the first is 'zebra'"]
    """
    example = f"; the first is {quoted(first)}" if first else ""
    return [f"{_strangers(oov)} read as {unknown}{example}"] * bool(oov)


def _strangers(oov: int) -> str:
    return f"{'1 token is' if oov == 1 else f'{oov:,} tokens are'} not in the vocabulary and"
