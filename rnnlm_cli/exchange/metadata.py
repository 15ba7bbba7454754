"""All of a model but its weights, as texts beside the weights in a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import msgspec
import numpy as np

from rnnlm_cli import __version__
from rnnlm_cli.checkpoint.model_file import restore_codec
from rnnlm_cli.config import Config, config_from_plain, config_to_plain, move_paths
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.model.history import EpochRecord
from rnnlm_cli.model.origin import UNKNOWN_ORIGIN, Origin
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.paths import rebase, relative_to
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.vocabulary import Vocabulary


class Described(NamedTuple):
    """All of a model but its weights."""

    config: Config
    codec: Codec
    vocabulary: Vocabulary
    history: Sequence[EpochRecord] = ()
    origin: Origin = UNKNOWN_ORIGIN


def metadata(model: TrainedModel, directory: str) -> dict[str, str]:
    """Return all of a model but its weights as JSON texts.

    Args:
        model: The model.
        directory: Of the file; paths are relative to it.
    """
    config = move_paths(config_to_plain(model.config), partial(relative_to, folder=directory))
    vocabulary = model.vocabulary
    values = {
        "config": config,
        "vocabulary": vocabulary.tokens,
        "counts": vocabulary.counts.tolist(),
        "unknown": vocabulary.unknown,
        "codec": model.codec.to_plain(),
        "origin": model.origin,
    }
    texts = {key: msgspec.json.encode(value).decode() for key, value in values.items()}
    history = json.dumps(msgspec.to_builtins(model.history))  # an infinite figure stays infinite
    return {"format": "pt", "rnnlm": __version__, **texts, "history": history}


def read_metadata(path: str, texts: Mapping[str, str], directory: str) -> Described:
    """Return what ``metadata`` wrote.

    A file of a version that wrote no codec has one that has learned nothing; without history and
    origin there is none.

    Raises:
        CheckpointError: They are missing or invalid.
    """
    try:
        plain = msgspec.json.decode(texts["config"])
        config = config_from_plain(move_paths(plain, partial(rebase, folder=directory)))
        tokens = msgspec.json.decode(texts["vocabulary"], type=list[str])
        counts = msgspec.json.decode(texts["counts"], type=list[int])
        vocabulary = Vocabulary(
            tokens, np.array(counts, np.int64), msgspec.json.decode(texts["unknown"], type=str)
        )
        codec = codec_of(config)
        if "codec" in texts:
            codec = restore_codec(msgspec.json.decode(texts["codec"]), config)
        history = msgspec.convert(json.loads(texts.get("history", "[]")), list[EpochRecord])
        origin = msgspec.json.decode(texts.get("origin", "{}"), type=Origin)
        sound = (
            len(set(tokens)) == len(tokens) == len(counts)
            and vocabulary.unknown in vocabulary
            and vocabulary.unknown == config.corpus.unknown != config.corpus.end_of_line
            and min(counts, default=0) >= 0
        )
    except (
        LookupError,
        AttributeError,
        OverflowError,
        ValueError,
        RecursionError,
        msgspec.MsgspecError,
    ) as error:
        raise CheckpointError(f"{path}: its metadata is not that of rnnlm: {error}") from None
    except CheckpointError as error:
        raise CheckpointError(f"{path}: its metadata: {error}") from None
    if not sound:
        raise CheckpointError(f"{path}: its metadata's vocabulary is inconsistent")
    return Described(config, codec, vocabulary, history, origin)
