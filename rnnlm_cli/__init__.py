"""Recurrent neural network language models in NumPy: train, evaluate, generate.

The Python interface; ``rnnlm_cli.api`` describes it::

    lm = rnnlm_cli.train("configs/hello.yaml")
    lm = rnnlm_cli.load("checkpoints/hello.pkl")
    report = lm.evaluate("corpora/hello.txt")

Whatever a user can cause is an ``RnnlmError`` of one of the kinds below.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rnnlm_cli.errors import (
    CheckpointError,
    ConfigError,
    CorpusError,
    DivergedError,
    RnnlmError,
    TrainingError,
    UsageError,
)

if TYPE_CHECKING:
    from rnnlm_cli.api import (
        Classifier,
        Curves,
        Describer,
        Evaluation,
        Filled,
        Labelled,
        LanguageModel,
        MixedModel,
        Ngram,
        Score,
        State,
        Trace,
        Translated,
        Translator,
        evaluate,
        load,
        ngram,
        read_curves,
        train,
    )
    from rnnlm_cli.train.poll import Stopped

__version__ = "0.1.0"

__all__ = [
    "CheckpointError",
    "Classifier",
    "ConfigError",
    "CorpusError",
    "Curves",
    "Describer",
    "DivergedError",
    "Evaluation",
    "Filled",
    "Labelled",
    "LanguageModel",
    "MixedModel",
    "Ngram",
    "RnnlmError",
    "Score",
    "State",
    "Stopped",
    "Trace",
    "TrainingError",
    "Translated",
    "Translator",
    "UsageError",
    "__version__",
    "evaluate",
    "load",
    "ngram",
    "read_curves",
    "train",
]

# Two functions have the names of packages. Importing a package binds its name here, but only the
# first time: so it is done now, and undone.
for _name in ("evaluate", "train"):
    import_module(f"{__name__}.{_name}")
    del globals()[_name]
del _name


if not TYPE_CHECKING:  # to which a name that does not exist is an error

    def __getattr__(name: str) -> Any:
        """Import what needs NumPy when it is first asked for."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        room = "rnnlm_cli.train.poll" if name == "Stopped" else "rnnlm_cli.api"
        found = globals()[name] = getattr(import_module(room), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
