"""A model as an ONNX graph, for ONNX Runtime and everything else that runs such graphs.

::

    ids (steps, streams), h0, c0, h1, c1, ...  ->  log_probs (steps, streams, V), next_h0, ...

One node per recurrent layer: ONNX's RNN, LSTM or GRU. Each state is ``(1, streams, H)``, zero at
first; the states after the last step are outputs, in the order of the inputs, to go on from.

The file is written by the package ``onnx``. An encoder of our own for ten messages of protobuf
would be no longer, but only that package's checker knows whether what it writes is ONNX.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
import numpy as np

from rnnlm_cli import __version__
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.errors import UsageError
from rnnlm_cli.exchange.metadata import metadata
from rnnlm_cli.exchange.pytorch import exchanged_cell
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.system.optional import extra

OPSET, IR_VERSION = 17, 8
"""Version of the operators, and of the file format that came with it. ONNX Runtime reads it from
1.12 (2022) on; no later operator would make the graph smaller."""

MOST_BYTES = 2_000_000_000
"""Maximum bytes of weights: a file of protobuf has less than 2 GiB."""


class Operator(NamedTuple):
    """A recurrent operator of ONNX.

    Attributes:
        gates: The order of its gates in the rows of the weights, by the cell's names.
        attributes: What makes it compute the cell's equations.
    """

    gates: tuple[str, ...]
    attributes: Mapping[str, Any] = {}


OPERATORS = {
    "RNN": Operator(("h",)),
    "LSTM": Operator(("i", "o", "f", "g")),
    "GRU": Operator(("z", "r", "n"), {"linear_before_reset": 1}),
}
"""The operator for each layer of PyTorch; the names are the same."""


def as_onnx(model: TrainedModel, tensors: Mapping[str, Array], directory: str) -> bytes:
    """Return the content of an ONNX file.

    Weights may be stored as float16; the graph converts them, and computes in float32.

    Args:
        model: The model.
        tensors: Its weights, from ``to_pytorch``.
        directory: Of the file; paths in the metadata are relative to it.

    Raises:
        UsageError: The package is not installed, the weights are too large, or ONNX has no operator
            for the cell.
    """
    shared = {"decoder.weight"} if model.config.model.tie_weights else set()
    size = sum(tensor.nbytes for name, tensor in tensors.items() if name not in shared)
    if size > MOST_BYTES:
        raise UsageError(
            f"the weights have {size:,} bytes, and an ONNX file holds at most {MOST_BYTES:,}",
            remedy="choose another format",
        )
    package = extra("onnx", "onnx")
    helper, config = package.helper, model.config.model
    graph = _Graph(package)
    outputs = graph.build(config, exchanged_cell(config), tensors)
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "rnnlm",
            graph.inputs,
            [_value(package, name, shape) for name, shape in outputs],
            graph.weights,
        ),
        producer_name="rnnlm",
        producer_version=__version__,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    helper.set_model_props(made, properties(model, directory))
    content: bytes = made.SerializeToString(deterministic=True)
    return content


def properties(model: TrainedModel, directory: str) -> dict[str, str]:
    """Return the metadata: all of the model but its weights, and how to use the graph, as JSON."""
    return {
        **metadata(model, directory),
        "format": "onnx",
        "opset": str(OPSET),
        "line_end": msgspec.json.encode(model.codec.line_end).decode(),
        "separator": msgspec.json.encode(model.codec.separator).decode(),
    }


def _value(package: Any, name: str, shape: list[int | str], of_ids: bool = False) -> Any:
    kind = package.TensorProto.INT64 if of_ids else package.TensorProto.FLOAT
    return package.helper.make_tensor_value_info(name, kind, shape)


class _Graph:
    """The nodes, inputs and weights of a graph while it is built from below."""

    def __init__(self, package: Any) -> None:
        self.nodes: list[Any] = []
        self.inputs: list[Any] = []
        self.weights: list[Any] = []
        self._package = package

    def build(
        self, config: ModelConfig, cell: Cell, tensors: Mapping[str, Array]
    ) -> list[tuple[str, list[int | str]]]:
        """Add all nodes; return the names and shapes of the outputs."""
        self.inputs.append(_value(self._package, "ids", ["steps", "streams"], of_ids=True))
        embedding = self._weight("embedding", tensors["encoder.weight"])
        x = self._node("Gather", [embedding, "ids"], "embedded")  # (T, B, E)
        after = list[str]()
        for k in range(config.layers):
            y, states = self._layer(config, cell, tensors, k, x)
            size = config.embedding_size if k == 0 else config.hidden_size
            residual = config.residual and size == config.hidden_size
            x = self._node("Add", [x, y], f"skipped{k}") if residual else y  # (T, B, H)
            after += states
        if "projection.weight" in tensors:
            x = self._linear("projection", tensors, x, None)  # (T, B, E)
        tied = embedding if config.tie_weights else None
        logits = self._linear("decoder", tensors, x, tied)  # (T, B, V)
        self._node("LogSoftmax", [logits], "log_probs", axis=-1)
        vocabulary = len(tensors["decoder.bias"])
        state: list[int | str] = [1, "streams", config.hidden_size]
        return [
            ("log_probs", ["steps", "streams", vocabulary]),
            *((name, state) for name in after),
        ]

    def _layer(
        self, config: ModelConfig, cell: Cell, tensors: Mapping[str, Array], k: int, x: str
    ) -> tuple[str, list[str]]:
        """Add a recurrent layer; return the names of ``y (T, B, H)`` and of the states after."""
        assert cell.pytorch is not None  # to_pytorch has refused the others
        operator, hidden = OPERATORS[cell.pytorch], config.hidden_size

        def rows(name: str) -> Array:
            gates = np.split(tensors[f"rnn.{name}_l{k}"], len(cell.gates))
            return np.concatenate([gates[cell.gates.index(gate)] for gate in operator.gates])

        bias = np.concatenate([rows("bias_ih"), rows("bias_hh")])
        weights = [
            self._weight(f"layer{k}.weight_ih", rows("weight_ih")[np.newaxis]),  # (1, G*H, D)
            self._weight(f"layer{k}.weight_hh", rows("weight_hh")[np.newaxis]),  # (1, G*H, H)
            self._weight(f"layer{k}.bias", bias[np.newaxis]),  # (1, 2*G*H)
        ]
        states = [f"{state}{k}" for state in cell.states]
        shape: list[int | str] = [1, "streams", hidden]
        self.inputs += [_value(self._package, state, shape) for state in states]
        after = [f"next_{state}" for state in states]
        lengths = ""  # all streams have all steps
        self.nodes.append(
            self._package.helper.make_node(
                cell.pytorch,
                [x, *weights, lengths, *states],
                [f"directions{k}", *after],
                name=f"layer{k}",
                hidden_size=hidden,
                **operator.attributes,
            )
        )
        axis = self._constant(f"axis{k}", np.array([1]))  # of the directions: there is one
        return self._node("Squeeze", [f"directions{k}", axis], f"y{k}"), after

    def _linear(self, name: str, tensors: Mapping[str, Array], x: str, shared: str | None) -> str:
        """Add ``x W^T + b``; ``shared`` is the name of a weight that the graph already has."""
        weight = shared or self._weight(f"{name}.weight", tensors[f"{name}.weight"])
        bias = self._weight(f"{name}.bias", tensors[f"{name}.bias"])
        columns = self._node("Transpose", [weight], f"{name}.columns", perm=[1, 0])
        product = self._node("MatMul", [x, columns], f"{name}.product")
        return self._node("Add", [product, bias], f"{name}.sum")

    def _weight(self, name: str, value: Array) -> str:
        """Store a weight; return the name of its values in float32."""
        if value.dtype != np.float16:
            return self._constant(name, value.astype(np.float32, copy=False))
        stored = self._constant(f"{name}.float16", value)
        return self._node("Cast", [stored], name, to=self._package.TensorProto.FLOAT)

    def _constant(self, name: str, value: Array) -> str:
        self.weights.append(self._package.numpy_helper.from_array(value, name))
        return name

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        make = self._package.helper.make_node
        self.nodes.append(make(kind, inputs, [output], name=output, **attributes))
        return output
