"""The formats in which a model's weights are exported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from rnnlm_cli.errors import UsageError
from rnnlm_cli.exchange.files import as_npz, as_safetensors, as_word2vec
from rnnlm_cli.exchange.metadata import metadata
from rnnlm_cli.exchange.onnx_graph import OPSET, as_onnx
from rnnlm_cli.exchange.pytorch import to_pytorch
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Array

DTYPES = ("float16", "float32")
"""Types that weights may be stored in instead of their own."""


class Exported(NamedTuple):
    """A file's content, and what it holds, in words."""

    content: bytes
    holds: str


def safetensors(model: TrainedModel, directory: str, dtype: str | None) -> Exported:
    """All weights with PyTorch's names, as safetensors."""
    tensors = tensors_of(model, dtype)
    return Exported(as_safetensors(tensors, metadata(model, directory)), f"{len(tensors)} tensors")


def npz(model: TrainedModel, directory: str, dtype: str | None) -> Exported:
    """All weights with PyTorch's names, as NumPy's npz."""
    tensors = tensors_of(model, dtype)
    return Exported(as_npz(tensors, metadata(model, directory)), f"{len(tensors)} tensors")


def word2vec(model: TrainedModel, directory: str, dtype: str | None) -> Exported:
    """The embedding, as word2vec's text; every model has it."""
    vectors = in_type({"encoder.weight": model.network.embedding.weight.weights}, dtype)
    rows, columns = vectors["encoder.weight"].shape
    content = as_word2vec(vectors, metadata(model, directory))
    return Exported(content, f"{rows:,} vectors of {columns:,} numbers")


def onnx(model: TrainedModel, directory: str, dtype: str | None) -> Exported:
    """The whole network, as an ONNX graph."""
    content = as_onnx(model, tensors_of(model, dtype), directory)
    return Exported(content, f"a graph, operators of version {OPSET}")


FORMATS: dict[str, Callable[[TrainedModel, str, str | None], Exported]] = {
    "safetensors": safetensors,
    "npz": npz,
    "onnx": onnx,
    "word2vec": word2vec,
}
"""The function for each format that is one file. It takes the model, the file's directory (paths in
the metadata are relative to it) and the type of the weights, ``None`` for their own; a new format
is a function and a row."""


def tensors_of(model: TrainedModel, dtype: str | None) -> dict[str, Array]:
    """Return a model's weights with PyTorch's names, in a type.

    Raises:
        UsageError: As ``to_pytorch`` and ``in_type``.
    """
    return in_type(to_pytorch(model), dtype)


def in_type(tensors: Mapping[str, Array], dtype: str | None) -> dict[str, Array]:
    """Return arrays in another type; ``None`` leaves them as they are.

    Raises:
        UsageError: A value is too large for the type.
    """
    if dtype is None:
        return dict(tensors)
    with np.errstate(over="ignore"):
        found = {name: tensor.astype(dtype, copy=False) for name, tensor in tensors.items()}
    for name, tensor in found.items():
        if not np.isfinite(tensor).all():
            raise UsageError(
                f"{name} has values beyond {np.finfo(dtype).max:g}, the largest one",
                field="dtype",
                place=dtype,
                remedy="omit {dtype}",
            )
    return found
