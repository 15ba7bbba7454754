"""Building a model from the arrays of another program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from rnnlm_cli.config import Config, config_from_plain, config_to_plain
from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.exchange.metadata import Described
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.vocabulary import Vocabulary

WORDS: Codec = WordCodec(end_of_line="<eos>", normalize=None)
"""How the course notes and PyTorch's example split a text."""


def word_config(
    path: str, texts: Sequence[str], vocabulary: Vocabulary, model: ModelConfig, out: str
) -> Config:
    """Return a configuration for weights that came without one.

    Raises:
        CheckpointError: A configuration may not have the sizes of the weights.
    """
    corpus = CorpusConfig(train=list(texts), unknown=vocabulary.unknown, normalize=None)
    config = Config(corpus=corpus, model=model, checkpoint=CheckpointConfig(path=out))
    try:
        return config_from_plain(config_to_plain(config))
    except msgspec.ValidationError as error:
        raise CheckpointError(f"{path}: a model cannot have these sizes: {error}") from None


def check_shapes(
    path: str,
    arrays: Mapping[str, Array],
    shapes: Mapping[str, tuple[int, ...]],
    vocabulary: int,
) -> None:
    """Refuse arrays that are not the expected ones.

    Raises:
        CheckpointError: One is missing, unexpected, or has another shape.
    """
    for name in sorted(arrays.keys() ^ shapes.keys()):
        kind = "lacks" if name in shapes else "holds an unexpected"
        raise CheckpointError(f"{path}: {kind} {name}; expected {', '.join(shapes)}")
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise CheckpointError(
                f"{path}: {name} is {arrays[name].shape} instead of {shape}; the vocabulary has "
                f"{vocabulary:,} tokens"
            )


def assemble(path: str, rest: Described, params: Mapping[str, Array]) -> TrainedModel:
    """Build a model from arrays with checked shapes, in the configuration's precision.

    Raises:
        CheckpointError: A value is not finite.
    """
    dtype = np.dtype(rest.config.training.dtype)
    network = Rnnlm.empty(rest.config.model, len(rest.vocabulary), dtype)
    for name, param in network.params.items():
        with np.errstate(over="ignore"):  # checked below
            param.value = np.ascontiguousarray(params[name], dtype)
        if not np.isfinite(param.value).all():
            raise CheckpointError(f"{path}: {name} holds values that are not finite")
    return TrainedModel(
        rest.config, rest.codec, rest.vocabulary, network, [*rest.history], rest.origin
    )
