"""Recurrent neural network language models in NumPy: train, evaluate, generate."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

    from rnnlm_cli.api import LanguageModel

__version__ = "0.1.0"


def load(path: str | os.PathLike[str]) -> LanguageModel:
    """Read a trained model; see ``rnnlm_cli.api.LanguageModel``.

    Raises:
        UsageError: The file does not exist, or the model is bidirectional.
        CheckpointError: The file is not a valid checkpoint.
    """
    from rnnlm_cli.api import LanguageModel

    return LanguageModel.load(path)
