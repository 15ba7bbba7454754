"""An n-gram model of the training text that a configuration names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.config import Config
from rnnlm_cli.data.texts import TrainingTexts, read_training_texts
from rnnlm_cli.errors import CorpusError, UsageError, literal, quoted
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.ngrams.kneser_ney import Estimate, checked_thresholds, estimate
from rnnlm_cli.system.arrays import Array, Ids
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.spellings import BEGIN, END, others_names


@dataclass(frozen=True)
class TextModel:
    """An n-gram model with the words of a vocabulary.

    Attributes:
        texts: The training text, and the codec and the vocabulary of both.
        names: How n-gram models spell each word, by id; the last two may be ``</s>`` and are
            ``<s>``.
        line_end: The id that ends a line; ``None`` if no token does.
        estimate: The model.
    """

    texts: TrainingTexts
    names: Sequence[str]
    line_end: int | None
    estimate: Estimate

    def log_probs(self, text: Corpus) -> Array:
        """Return natural logs ``(N,)`` of the targets of a text."""
        found = self.estimate.model.log_probs(ids_of(text), self.line_end)
        natural: Array = found[text.given :] * np.log(10)
        return natural


def estimate_text(
    config: Config, order: int, prune: Sequence[int] = (), model: TrainedModel | None = None
) -> TextModel:
    """Estimate an n-gram model of a configuration's training text.

    Args:
        config: Names the text; codec and vocabulary are those of the model that it trains.
        order: The length of the longest n-grams.
        prune: See ``estimate``.
        model: Take codec and vocabulary of this model instead.

    Raises:
        UsageError: An argument is wrong; the model reads in both directions; or its vocabulary is
            that of another model.
        CorpusError: The text cannot be read, or has a token that ARPA files reserve.
    """
    checked_thresholds(order, prune)
    if config.model.direction == "bidirectional":
        raise UsageError(
            "model.direction: an n-gram model reads from left to right; use a config with forward"
        )
    if config.training.init_from is not None and model is None:
        raise UsageError(
            "training.init_from: the vocabulary is that of another model",
            remedy="name it with {checkpoint}",
        )
    known = None if model is None else (model.codec, model.vocabulary)
    texts = read_training_texts(config, known)
    vocabulary, line_end = texts.vocabulary, texts.codec.line_end
    names = list(others_names(vocabulary, line_end))
    end = None if line_end is None else vocabulary.index.get(line_end)
    if end is None:
        names.append(END)  # the format needs it
    check_names(names, vocabulary.tokens, line_end)
    found = estimate(ids_of(texts.train), end, len(names), order, prune)
    return TextModel(texts, [*names, BEGIN], end, found)


def ids_of(text: Corpus) -> Ids:
    """Return the ids ``(N,)`` of a text in memory."""
    return np.asarray(text.ids[:])


def check_names(names: Sequence[str], tokens: Sequence[str], line_end: str | None) -> None:
    """Refuse words that a format of words separated by spaces cannot tell apart.

    Raises:
        CorpusError: A word is reserved, or two have the same name.
    """
    seen = {BEGIN}
    for k, name in enumerate(names):
        if name in seen or not name or set(name) & set(" \t\n\r\0"):
            token = tokens[k] if k < len(tokens) else line_end
            raise CorpusError(
                f"the vocabulary has the token {literal(str(token))}, and an ARPA file cannot: it "
                f"is {quoted(name)} there, a mark or another token; replace it in the text"
            )
        seen.add(name)
