"""The perplexity of an n-gram model by itself."""

from __future__ import annotations

from rnnlm_cli.config import Config
from rnnlm_cli.data.texts import read_split
from rnnlm_cli.evaluate.perplexity import Perplexity, of_log_probs
from rnnlm_cli.evaluate.stream import Counted
from rnnlm_cli.ngrams.text_model import TextModel, ids_of
from rnnlm_cli.text.corpus import Corpus


def evaluate_ngram(model: TextModel, text: Corpus) -> Perplexity:
    """Measure an n-gram model on the targets that a network is measured on.

    Args:
        model: The model.
        text: The text in its vocabulary.
    """
    counted = Counted(ids_of(text)[text.given :], model.log_probs(text))
    return of_log_probs(text, model.texts.vocabulary, counted)


def held_out_figures(model: TextModel, config: Config) -> dict[str, Perplexity]:
    """Measure an n-gram model on the validation text and the test text, if a config names them.

    Raises:
        UsageError, CorpusError: The test text is missing, empty or not in its encoding.
    """
    codec, vocabulary = model.texts.codec, model.texts.vocabulary
    found = {} if model.texts.valid is None else {"valid": model.texts.valid}
    if config.corpus.test is not None:
        found["test"] = read_split(config, "test", codec, vocabulary)
    return {split: evaluate_ngram(model, text) for split, text in found.items()}
