"""Weight files of the course notes (Saito, *Deep Learning from Scratch 2*, and notes on it).

A pickled list of float16 arrays: embedding ``(V, E)``; for each LSTM layer ``W_x (D, 4H)``,
``W_h (H, 4H)`` and ``b (4H,)`` with the gates in the order f, g, i, o; the output's ``W (H, V)``
and ``b (V,)``. A simple RNN has ``H`` in place of ``4H``. Ids are in order of first appearance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.exchange.array_pickle import read_arrays
from rnnlm_cli.exchange.assemble import WORDS, assemble, check_shapes, word_config
from rnnlm_cli.exchange.metadata import Described
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.text.vocabulary import Vocabulary


def import_notes(path: str, texts: Sequence[str], vocabulary: Vocabulary, out: str) -> TrainedModel:
    """Read weights in the format of the course notes.

    Args:
        path: The pickled list.
        texts: The texts of the vocabulary, for the configuration.
        vocabulary: Tokens in order of first appearance.
        out: The path of the new model.

    Raises:
        UsageError: There is no such file.
        CheckpointError: It is not such a list, or does not fit the vocabulary.
    """
    arrays = read_arrays(path)
    if len(arrays) < 6 or len(arrays) % 3:
        raise CheckpointError(
            f"{path}: holds {len(arrays)} arrays; expected 6 for one layer and 3 more per "
            "additional layer"
        )
    embedding, *layers, weight, bias = arrays
    if embedding.ndim != 2:
        raise CheckpointError(f"{path}: embed_W is {embedding.shape}; expected two dimensions")
    gates = gates_of(path, layers)
    hidden, tied = len(layers[1]), np.array_equal(weight, embedding.T)
    shapes = expected_shapes(len(layers) // 3, gates, len(vocabulary), embedding, hidden)
    check_shapes(path, dict(zip(shapes, arrays, strict=True)), shapes, len(vocabulary))
    params = {"embedding.weight": embedding, "output.bias": bias}
    if not tied:
        params["output.weight"] = weight.T
    for k, part in enumerate(layers):
        name = ("weight_ih", "weight_hh", "bias")[k % 3]
        params[f"layer{k // 3}.{name}"] = our_gates(part) if gates == 4 else part
    model = ModelConfig(
        cell="lstm" if gates == 4 else "rnn",
        embedding_size=embedding.shape[1],
        hidden_size=hidden,
        layers=len(layers) // 3,
        tie_weights=tied,
    )
    config = word_config(path, texts, vocabulary, model, out)
    return assemble(path, Described(config, WORDS, vocabulary), params)


def gates_of(path: str, layers: Sequence[Array]) -> int:
    """Return 4 for an LSTM's weights, 1 for a simple RNN's.

    Raises:
        CheckpointError: The shape fits neither.
    """
    w_hh = layers[1]
    for gates in (4, 1):
        if w_hh.ndim == 2 and w_hh.shape[1] == gates * w_hh.shape[0] > 0:
            return gates
    raise CheckpointError(
        f"{path}: array 3 is {w_hh.shape}; the recurrent weights of an LSTM are (H, 4H), of a "
        "simple RNN (H, H)"
    )


def expected_shapes(
    layers: int, gates: int, vocabulary: int, embedding: Array, hidden: int
) -> dict[str, tuple[int, ...]]:
    """Return the shape of each array, with the notes' names and in their order."""
    size = embedding.shape[-1]
    shapes: dict[str, tuple[int, ...]] = {"embed_W": (vocabulary, size)}
    for k in range(1, layers + 1):
        shapes[f"Wx of layer {k}"] = (size if k == 1 else hidden, gates * hidden)
        shapes[f"Wh of layer {k}"] = (hidden, gates * hidden)
        shapes[f"b of layer {k}"] = (gates * hidden,)
    return shapes | {"affine_W": (hidden, vocabulary), "affine_b": (vocabulary,)}


def our_gates(array: Array) -> Array:
    """Reorder gate columns from the notes' order f, g, i, o to the cell's order."""
    gates = dict(zip("fgio", np.split(array, 4, axis=-1), strict=True))
    return np.concatenate([gates[name] for name in CELLS["lstm"].gates], axis=-1)
