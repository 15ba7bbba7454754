"""The names and layouts of PyTorch's own word-level language model example.

``encoder`` is an ``nn.Embedding``, ``rnn`` an ``nn.LSTM``, ``nn.GRU`` or ``nn.RNN``, ``decoder`` an
``nn.Linear``. PyTorch stores weights transposed and has two biases per layer; only their sum
matters, except for the ``n`` rows of a GRU. Gates are in the same order as here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from rnnlm_cli.config import Config
from rnnlm_cli.config.model import AdaptiveSoftmax, ModelConfig
from rnnlm_cli.errors import CheckpointError, UsageError
from rnnlm_cli.exchange.assemble import assemble, check_shapes, word_config
from rnnlm_cli.exchange.metadata import Described
from rnnlm_cli.model import CELLS
from rnnlm_cli.model.layers import output_size, top_size
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.cells.base import Cell, gate_columns
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.text.vocabulary import Vocabulary


def to_pytorch(model: TrainedModel) -> dict[str, Array]:
    """Return a model's weights with PyTorch's names, contiguous, in the model's precision.

    A projection between unequal tied sizes, which the example lacks, is ``projection.weight`` and
    ``projection.bias``.

    Raises:
        UsageError: The model is bidirectional (PyTorch's bidirectional layers see their target),
            its output layer is adaptive or has direct connections, or PyTorch has no layer with its
            cell.
    """
    model.require_left_to_right("be a model of PyTorch's example")
    check_output_layer(model.config.model)
    cell, hidden = exchanged_cell(model.config.model), model.config.model.hidden_size
    params = model.network.weights()
    tensors = {"encoder.weight": params["embedding.weight"]}
    for k in range(model.config.model.layers):
        layer = f"layer{k}"
        second_bias = np.zeros_like(params[f"{layer}.bias"])
        for gate in cell.inner:
            second_bias[gate_columns(cell, gate, hidden)] = params[f"{layer}.bias_h{gate}"]
        tensors[f"rnn.weight_ih_l{k}"] = params[f"{layer}.weight_ih"].T
        tensors[f"rnn.weight_hh_l{k}"] = params[f"{layer}.weight_hh"].T
        tensors[f"rnn.bias_ih_l{k}"] = params[f"{layer}.bias"]
        tensors[f"rnn.bias_hh_l{k}"] = second_bias
    if "projection.weight" in params:
        tensors["projection.weight"] = params["projection.weight"].T
        tensors["projection.bias"] = params["projection.bias"]
    tensors["decoder.weight"] = params.get("output.weight", params["embedding.weight"])
    tensors["decoder.bias"] = params["output.bias"]
    return {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}


def exchanged_cell(config: ModelConfig) -> Cell:
    """Return a model's cell.

    Raises:
        UsageError: PyTorch has no such layer.
    """
    cell = CELLS[config.cell]
    if cell.pytorch is None:
        known = ", ".join(name for name, cell in CELLS.items() if cell.pytorch is not None)
        raise UsageError(f"PyTorch has no cell like {config.cell}; these can be exchanged: {known}")
    return cell


def check_output_layer(config: ModelConfig) -> None:
    """Refuse an output layer that is not a single matrix.

    Raises:
        UsageError: The output layer is adaptive, or has direct connections.
    """
    if config.direct.order is not None:
        raise UsageError("PyTorch has no layer for the direct connections of model.direct.order")
    if isinstance(config.output_layer, AdaptiveSoftmax):
        raise UsageError("a model with an adaptive output layer has no decoder.weight to exchange")


def from_pytorch(path: str, tensors: Mapping[str, Array], rest: Described) -> TrainedModel:
    """Build a model from weights with PyTorch's names.

    Raises:
        UsageError: The configuration is bidirectional, or has an adaptive output layer, direct
            connections or a cell that PyTorch does not have.
        CheckpointError: A tensor is missing, unexpected, of another shape or not finite.
    """
    config, vocabulary = rest.config, rest.vocabulary
    if config.model.direction == "bidirectional":
        raise UsageError(f"{path}: bidirectional models are not exchanged with PyTorch")
    check_output_layer(config.model)
    cell, hidden = exchanged_cell(config.model), config.model.hidden_size
    check_shapes(path, tensors, dict(shapes_of(config.model, len(vocabulary))), len(vocabulary))
    if config.model.tie_weights and not np.array_equal(
        tensors["encoder.weight"], tensors["decoder.weight"]
    ):
        raise CheckpointError(
            f"{path}: its metadata ties encoder.weight and decoder.weight, but they differ; make "
            "them equal, or set tie_weights to false in the metadata"
        )
    with np.errstate(over="ignore"):  # assemble checks for infinities
        dtype = np.dtype(config.training.dtype)
        tensors = {name: tensor.astype(dtype) for name, tensor in tensors.items()}
    params = {
        "embedding.weight": tensors["encoder.weight"],
        "output.weight": tensors["decoder.weight"],
        "output.bias": tensors["decoder.bias"],
    }
    for k in range(config.model.layers):
        second_bias = tensors[f"rnn.bias_hh_l{k}"].copy()
        for gate in cell.inner:
            columns = gate_columns(cell, gate, hidden)
            params[f"layer{k}.bias_h{gate}"] = second_bias[columns].copy()
            second_bias[columns] = 0
        with np.errstate(over="ignore", invalid="ignore"):
            params[f"layer{k}.bias"] = tensors[f"rnn.bias_ih_l{k}"] + second_bias
        params[f"layer{k}.weight_ih"] = tensors[f"rnn.weight_ih_l{k}"].T
        params[f"layer{k}.weight_hh"] = tensors[f"rnn.weight_hh_l{k}"].T
    if "projection.weight" in tensors:
        params["projection.weight"] = tensors["projection.weight"].T
        params["projection.bias"] = tensors["projection.bias"]
    return assemble(path, rest, params)


def shapes_of(config: ModelConfig, vocabulary: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the name and the shape of every tensor of a model."""
    size, hidden, width = config.embedding_size, config.hidden_size, output_size(config)
    rows = len(CELLS[config.cell].gates) * hidden
    yield "encoder.weight", (vocabulary, size)
    for k in range(config.layers):
        yield f"rnn.weight_ih_l{k}", (rows, size if k == 0 else hidden)
        yield f"rnn.weight_hh_l{k}", (rows, hidden)
        yield f"rnn.bias_ih_l{k}", (rows,)
        yield f"rnn.bias_hh_l{k}", (rows,)
    if width != top_size(config):
        yield "projection.weight", (width, hidden)
        yield "projection.bias", (width,)
    yield "decoder.weight", (vocabulary, width)
    yield "decoder.bias", (vocabulary,)


def guess_config(
    path: str,
    tensors: Mapping[str, Array],
    texts: Sequence[str],
    vocabulary: Vocabulary,
    out: str,
) -> Config:
    """Derive the configuration from the weights, for a file without one.

    An ``nn.RNN`` is assumed to use ``tanh``.

    Raises:
        CheckpointError: The names or shapes are not those of the example.
    """
    encoder, w_hh = tensors.get("encoder.weight"), tensors.get("rnn.weight_hh_l0")
    if encoder is None or w_hh is None or encoder.ndim != 2 or w_hh.ndim != 2:
        raise CheckpointError(
            f"{path}: lacks encoder.weight or rnn.weight_hh_l0; expected the names of PyTorch's "
            "word_language_model"
        )
    rows, hidden = w_hh.shape
    cells: dict[int, Any] = {
        len(cell.gates) * hidden: name for name, cell in CELLS.items() if cell.pytorch is not None
    }
    if rows not in cells or encoder.shape[1] == 0:
        raise CheckpointError(
            f"{path}: rnn.weight_hh_l0 is {w_hh.shape}; an LSTM's is (4H, H), a GRU's (3H, H), an "
            "RNN's (H, H)"
        )
    model = ModelConfig(
        cell=cells[rows],
        embedding_size=encoder.shape[1],
        hidden_size=hidden,
        layers=sum(name.startswith("rnn.weight_hh_l") for name in tensors),
        tie_weights=np.array_equal(encoder, tensors.get("decoder.weight", ())),
    )
    return word_config(path, texts, vocabulary, model, out)
