"""Named arrays with metadata texts, as safetensors or NumPy's npz; word vectors as text."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rnnlm_cli.errors import CheckpointError, UsageError, quoted
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.system.optional import extra
from rnnlm_cli.system.whole_file import whole_file


def as_safetensors(tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> bytes:
    """Return the content of a safetensors file."""
    library = extra("safetensors.numpy", "export")
    content: bytes = library.save(dict(tensors), metadata=dict(metadata))
    return content


def as_npz(tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> bytes:
    """Return the content of an npz file; each metadata text is a zero-dimensional array."""
    file = io.BytesIO()
    texts = {name: np.array(text) for name, text in metadata.items()}
    arrays: dict[str, Any] = {**tensors, **texts}
    np.savez(file, **arrays)
    return file.getvalue()


DIGITS = {2: "%.5g", 4: "%.9g", 8: "%.17g"}
"""How a number is written so that it reads the same again, by its size in bytes."""


def as_word2vec(tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> bytes:
    """Return the embedding in word2vec's text form, as ``model.embeddings`` reads it.

    The first line has the number of tokens and of numbers for each; then each line has a token
    and its vector, separated by spaces, with as many digits as give the same numbers again.

    Raises:
        UsageError: A token is empty or has white space, which the form cannot hold.
    """
    tokens, weight = json.loads(metadata["vocabulary"]), tensors["encoder.weight"]
    for token in tokens:
        if token.split() != [token]:
            raise UsageError(
                f"the token {quoted(token)} is white space or has some, which a file of word "
                "vectors cannot hold",
                remedy="choose another format",
            )
    digits = DIGITS[weight.dtype.itemsize]
    form = " ".join(["%s", *[digits] * weight.shape[1]])
    lines = (form % (token, *row.tolist()) for token, row in zip(tokens, weight, strict=True))
    return "\n".join([f"{len(tokens)} {weight.shape[1]}", *lines, ""]).encode()


def write_content(path: str, content: bytes, replace: bool = True) -> None:
    """Write a file, and its directory if there is none.

    Raises:
        UsageError: The file already exists and ``replace`` is false.
        OSError: It cannot be written; an existing file is unchanged.
    """
    os.makedirs(Path(path).parent, exist_ok=True)
    with whole_file(path, replace) as file:
        file.write(content)


def read_safetensors(path: str) -> tuple[dict[str, Array], dict[str, str]]:
    """Read the tensors and the metadata of a file.

    Raises:
        UsageError: There is no such file, or the package is not installed.
        CheckpointError: It is not a valid safetensors file, or a tensor is not of floats.
    """
    library = extra("safetensors", "export")
    if not Path(path).is_file():
        raise UsageError(f"{path}: is not a file; name a safetensors file")
    try:
        with library.safe_open(path, framework="np") as file:
            metadata = dict(file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (library.SafetensorError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(f"{path}: not a valid safetensors file: {error}") from None
    for name, tensor in tensors.items():
        if tensor.dtype.kind != "f":
            raise CheckpointError(f"{path}: {name} is of {tensor.dtype}, not of floats")
    return tensors, metadata
