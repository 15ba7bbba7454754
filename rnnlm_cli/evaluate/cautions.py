"""Warnings where the figures of an evaluation mislead: one sentence each, with its remedy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rnnlm_cli.data.columns import Lines
from rnnlm_cli.data.pairs import Pairs
from rnnlm_cli.errors import quoted
from rnnlm_cli.evaluate.accuracy import Accuracy
from rnnlm_cli.evaluate.perplexity import Perplexity
from rnnlm_cli.model.bounds import score_warnings
from rnnlm_cli.model.trained import TrainedNetwork
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
    model: TrainedNetwork, text: Corpus, result: Perplexity, trained_on: bool = False
) -> list[str]:
    """Return the warnings about the perplexity of a text.

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
        *_text_warnings(model, [text], trained_on),
    ]


def label_cautions(
    model: TrainedNetwork, lines: Lines, result: Accuracy, trained_on: bool = False
) -> list[str]:
    """Return the warnings about the accuracy of a classifier; see ``cautions``."""
    return [
        *score_warnings(result.nats_per_line, len(model.labels), "line"),
        *unread_warning(model, lines),
        *_text_warnings(model, lines.columns, trained_on),
    ]


def translation_cautions(
    model: TrainedNetwork, pairs: Pairs, nats: float, trained_on: bool = False
) -> list[str]:
    """Return the warnings about the translation of a text; see ``cautions``.

    Args:
        model: The model.
        pairs: The text.
        nats: Cross-entropy of the targets.
        trained_on: Whether it is known to be the model's training text.
    """
    tokens = len(pairs)
    return [
        *score_warnings(nats / tokens, len(model.vocabulary)),
        *unknown_warning(_unknown_in(model, pairs), tokens, model.codec.finer_unit),
        *unread_warning(model, pairs.source),
        *_text_warnings(model, pairs.columns, trained_on),
    ]


def _text_warnings(
    model: TrainedNetwork, columns: Sequence[Corpus], trained_on: bool
) -> Iterator[str]:
    """Yield the warnings that a text calls for, whatever is measured."""
    if trained_on or has_training_counts(model, columns):
        yield TRAINED_ON
    for text in columns:
        yield from unsegmented_warning(text.name, text.facts, model.codec)


def unknown_warning(unknown: int, tokens: int, finer_unit: str | None) -> list[str]:
    """Return a warning if more than ``TOO_MANY`` of the targets are unknown, else an empty list.

    Args:
        unknown: Targets that are the unknown token, literally or in place of another.
        tokens: Number of targets.
        finer_unit: The unit to suggest, if there is one.
    """
    if unknown <= TOO_MANY * tokens:
        return []
    return [
        f"{unknown / tokens:.1%} of the targets are unknown tokens, which are easier to predict "
        f"than what they replace, so the perplexity means little; {_text_like_this(finer_unit)}"
    ]


def unread_warning(model: TrainedNetwork, lines: Lines) -> list[str]:
    """Return a warning if more than ``TOO_MANY`` tokens of lines that are read are unknown."""
    unknown, tokens = _unknown_in(model, lines), len(lines) - len(lines.starts)
    if unknown <= TOO_MANY * tokens:
        return []
    return [
        f"{unknown / tokens:.1%} of the tokens in {lines.name} are unknown, and the model reads "
        "all of them as one, so the figures say little about text of known tokens; "
        f"{_text_like_this(model.codec.finer_unit)}"
    ]


def _unknown_in(model: TrainedNetwork, text: Corpus) -> int:
    return int(count(text.ids, len(model.vocabulary))[model.vocabulary.unknown_id])


def _text_like_this(finer_unit: str | None) -> str:
    return "train on text like this" + (
        f", or with corpus.unit: {finer_unit}" if finer_unit else ""
    )


def has_training_counts(model: TrainedNetwork, columns: Sequence[Corpus]) -> bool:
    """Whether each type occurs as often in a text as in the training text.

    A vocabulary has the counts of the text that it comes from. So this reads no file, and the same
    lines in another order, on which the model was trained as well, are recognized too.

    Args:
        model: The model.
        columns: The text, or the columns of it that the model reads.
    """
    counts = model.vocabulary.counts
    if sum(map(len, columns)) != int(counts.sum()):
        return False
    found = np.sum([count(text.ids, len(counts)) for text in columns], axis=0)
    return np.array_equal(found, counts)


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
