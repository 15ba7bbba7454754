"""From another program's arrays to a model of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from rnnlm_cli.config import Config, config_from_plain, config_to_plain
from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.vocabulary import Vocabulary

WORDS: Codec = WordCodec(end_of_line="<eos>")
"""How the notes and PyTorch's example cut a text."""


def word_config(
    path: str, texts: Sequence[str], vocabulary: Vocabulary, model: ModelConfig, out: str
) -> Config:
    """Return a configuration for a model that came without one.

    Raises:
        CheckpointError: The sizes read off the weights are none that a configuration may have.
    """
    corpus = CorpusConfig(train=list(texts), unknown=vocabulary.unknown)
    config = Config(corpus=corpus, model=model, checkpoint=CheckpointConfig(path=out))
    try:
        return config_from_plain(config_to_plain(config))
    except msgspec.ValidationError as error:
        raise CheckpointError(f"{path}: no model can have its sizes: {error}") from None


def check_shapes(
    path: str,
    arrays: Mapping[str, Array],
    shapes: Mapping[str, tuple[int, ...]],
    vocabulary: int,
) -> None:
    """Refuse arrays that are not the expected ones.

    Raises:
        CheckpointError: One is missing, too many, or of another shape.
    """
    for name in sorted(arrays.keys() ^ shapes.keys()):
        kind = "lacks" if name in shapes else "holds an unexpected"
        raise CheckpointError(f"{path}: {kind} {name}; expected are {', '.join(shapes)}")
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise CheckpointError(
                f"{path}: {name} is {arrays[name].shape} instead of {shape}; the vocabulary has "
                f"{vocabulary:,} tokens"
            )


def assemble(
    path: str, config: Config, vocabulary: Vocabulary, params: Mapping[str, Array]
) -> TrainedModel:
    """Make a model of checked arrays, in the configuration's precision.

    Raises:
        CheckpointError: A value is not finite.
    """
    dtype = np.dtype(config.training.precision)
    network = Rnnlm.empty(config.model, len(vocabulary), dtype)
    for name, param in network.params.items():
        with np.errstate(over="ignore"):  # found below
            param.value = np.ascontiguousarray(params[name], dtype)
        if not np.isfinite(param.value).all():
            raise CheckpointError(f"{path}: {name} holds values that are not finite")
    return TrainedModel(config, codec_of(config), vocabulary, network)
