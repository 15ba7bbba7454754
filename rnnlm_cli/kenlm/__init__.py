"""The module ``kenlm``, for speech and handwriting decoders: the same names, a recurrent model.

A decoder that asks a ``kenlm.Model`` word by word asks this one, with another line at its top::

    import sys
    import rnnlm_cli.kenlm

    sys.modules["kenlm"] = rnnlm_cli.kenlm      # before the decoder is imported

    model = rnnlm_cli.kenlm.Model("checkpoints/ptb.pkl")
    state, after = rnnlm_cli.kenlm.State(), rnnlm_cli.kenlm.State()
    model.BeginSentenceWrite(state)
    log10_prob = model.BaseScore(state, "the", after)

Scores are log10. ``<s>`` is a context and no word; ``</s>`` is the token that ends the model's
lines. What differs, since a recurrent network has read everything before a word: ``ngram_length``
counts all of it, and ``order`` is that of no n-gram.

The names and their meanings are those of KenLM (Heafield, 2011), ``python/kenlm.pyx``.

>>> import copy
>>> model = Model("checkpoints/hello.pkl")
>>> state, after = State(), State()
>>> model.BeginSentenceWrite(state)
>>> model.BaseFullScore(state, "shout", after).oov, "shout" in model, "hello" in model
(True, False, True)
>>> copy.copy(after) == after, after == state
(True, False)
"""

from rnnlm_cli.kenlm.config import ARPALoadComplain, Config, LoadMethod
from rnnlm_cli.kenlm.model import LanguageModel, Model
from rnnlm_cli.kenlm.state import FullScoreReturn, State

__all__ = [
    "ARPALoadComplain",
    "Config",
    "FullScoreReturn",
    "LanguageModel",
    "LoadMethod",
    "Model",
    "State",
]
