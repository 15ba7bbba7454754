"""A directory as the Hugging Face Hub has it: weights, config, tokenizer and model card."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from functools import partial
from typing import Any

from rnnlm_cli.config import config_from_plain, config_to_plain, move_paths
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.errors import UsageError
from rnnlm_cli.exchange.files import read_safetensors
from rnnlm_cli.exchange.formats import safetensors
from rnnlm_cli.exchange.metadata import read_metadata
from rnnlm_cli.exchange.pytorch import from_pytorch
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.paths import last_name, rebase, relative_to

WEIGHTS, CONFIG, CARD = "model.safetensors", "config.json", "README.md"
TOKENIZER, TOKENIZER_CONFIG = "tokenizer.json", "tokenizer_config.json"

FILES = (CARD, CONFIG, TOKENIZER, TOKENIZER_CONFIG, WEIGHTS)
"""The names of all files, in the order of writing: the weights, without which there is no model,
come last."""


def hub_files(
    model: TrainedModel, directory: str, dtype: str | None, card: str
) -> dict[str, bytes | None]:
    """Return the content of each of ``FILES``; ``None`` for one that this model does not have.

    ``model.safetensors`` holds the whole model, so ``read_hub`` needs no other file. Names and
    layouts are those of PyTorch's example.

    Args:
        model: The model.
        directory: Of the files; paths are relative to it.
        dtype: The type of the weights; ``None`` for their own.
        card: The model card.

    Raises:
        UsageError: A package is not installed, or PyTorch has no such model.
    """
    model = without_directories(model, directory)
    tokenizer = model.codec.as_json(model.vocabulary).plain
    described: dict[str, Any] = {
        CONFIG: hub_config(model, directory, dtype),
        TOKENIZER: tokenizer,
        TOKENIZER_CONFIG: tokenizer and tokenizer_config(model, tokenizer),
    }
    texts = {name: as_text(values) for name, values in described.items()}
    content = safetensors(model, directory, dtype).content
    found = {CARD: card.encode(), WEIGHTS: content, **texts}
    return {name: found[name] for name in FILES}


def as_text(values: dict[str, Any] | None) -> bytes | None:
    """Return values as JSON with a line for each."""
    if values is None:
        return None
    return f"{json.dumps(values, ensure_ascii=False, indent=1)}\n".encode()


def hub_config(model: TrainedModel, directory: str, dtype: str | None) -> dict[str, Any]:
    """Return ``config.json``: sizes under the names that are usual there, and our whole config."""
    config: ModelConfig = model.config.model
    end = model.vocabulary.index.get(model.codec.line_end or "")
    return {
        "model_type": "rnnlm",
        "rnn_type": config.cell,
        "vocab_size": len(model.vocabulary),
        "embedding_size": config.embedding_size,
        "hidden_size": config.hidden_size,
        "num_hidden_layers": config.layers,
        "tie_word_embeddings": config.tie_weights,
        "residual": config.residual,
        "bos_token_id": end,  # a line begins after the end of one
        "eos_token_id": end,
        "unk_token_id": model.vocabulary.unknown_id,
        "torch_dtype": dtype or str(model.network.dtype),
        "rnnlm_version": model.origin.version,
        "rnnlm": move_paths(config_to_plain(model.config), partial(relative_to, folder=directory)),
    }


def without_directories(model: TrainedModel, directory: str) -> TrainedModel:
    """Return a model whose texts are in the directory itself, as if they were published with it."""

    def moved(path: str) -> str:
        return rebase(last_name(path), os.path.relpath(directory or os.curdir))

    plain = move_paths(config_to_plain(model.config), moved)
    return replace(model, config=config_from_plain(plain))


def tokenizer_config(model: TrainedModel, tokenizer: dict[str, Any]) -> dict[str, Any]:
    """Return ``tokenizer_config.json``: class and marks, for ``transformers``."""
    vocabulary, table = model.vocabulary, tokenizer["model"]["vocab"]
    pieces = table if isinstance(table, dict) else {piece: k for k, (piece, _) in enumerate(table)}
    written = {k: piece for piece, k in pieces.items()}
    end = vocabulary.index.get(model.codec.line_end or "")
    marks = {} if end is None else {"bos_token": written[end], "eos_token": written[end]}
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        **marks,
        "unk_token": written[vocabulary.unknown_id],
        "clean_up_tokenization_spaces": False,
    }


def read_hub(directory: str) -> TrainedModel:
    """Return the model in a directory that ``hub_files`` describes.

    Raises:
        UsageError: It has no weights, they come without the model's config and vocabulary, or a
            package is not installed.
        CheckpointError: They are not valid.
    """
    path = os.path.join(directory, WEIGHTS)
    if not os.path.isfile(path):
        raise UsageError(f"has no {WEIGHTS}; name a directory of rnnlm export", place=directory)
    tensors, texts = read_safetensors(path)
    if "vocabulary" not in texts:
        raise UsageError("was not written by rnnlm export, so it has no vocabulary", place=path)
    return from_pytorch(path, tensors, read_metadata(path, texts, directory))
