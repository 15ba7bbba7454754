"""The Python interface: train a model, load one, and use it as an object.

``rnnlm_cli`` hands all of it on::

    import rnnlm_cli

    lm = rnnlm_cli.train("configs/hello.yaml")
    lm = rnnlm_cli.load("checkpoints/hello.pkl")

Scores are log10, as in the ``kenlm`` package, whose names and meanings ``score``, ``full_scores``
and ``perplexity`` have, so that a program written for it needs one other line::

    model = kenlm.Model("model.arpa")        # before
    model = rnnlm_cli.load("model.pkl")      # now

A model for another task has a class of its own, with ``load`` and ``train``: ``Classifier``,
``Describer`` and ``Translator``.

>>> lm
<LanguageModel checkpoints/hello.pkl: lstm, 1 layer of 16, 9 tokens, 2,409 parameters>
>>> lm.tokens[:3]
['say', 'you', 'goodbye']
>>> "hello" in lm
True
"""

from rnnlm_cli.api.estimating import Ngram, ngram
from rnnlm_cli.api.evaluation import Evaluation
from rnnlm_cli.api.filling import Filled
from rnnlm_cli.api.language_model import LanguageModel, evaluate, load
from rnnlm_cli.api.mixing import MixedModel
from rnnlm_cli.api.reading import Score, Trace
from rnnlm_cli.api.state import State
from rnnlm_cli.api.tasks import Classifier, Describer, Labelled
from rnnlm_cli.api.training import train
from rnnlm_cli.api.translating import Translated, Translator
from rnnlm_cli.report.curves import Curves, read_curves

__all__ = [
    "Classifier",
    "Curves",
    "Describer",
    "Evaluation",
    "Filled",
    "Labelled",
    "LanguageModel",
    "MixedModel",
    "Ngram",
    "Score",
    "State",
    "Trace",
    "Translated",
    "Translator",
    "evaluate",
    "load",
    "ngram",
    "read_curves",
    "train",
]
