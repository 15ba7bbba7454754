"""Builds the layers above the embedding from a configuration: recurrent stack and output."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy.typing as npt

from rnnlm_cli.config import model as schema
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.model.initialization import Initializers
from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.cells.mogrifier import Mogrifier
from rnnlm_cli.nn.engines.base import Engine
from rnnlm_cli.nn.init import Initializer, is_placeholder
from rnnlm_cli.nn.layers.attention import DotAttention
from rnnlm_cli.nn.layers.base import Layer
from rnnlm_cli.nn.layers.bidirectional import Bidirectional
from rnnlm_cli.nn.layers.dropout import Dropout
from rnnlm_cli.nn.layers.linear import Linear
from rnnlm_cli.nn.layers.peek import Peek
from rnnlm_cli.nn.layers.penalties import ActivationPenalty, SlownessPenalty
from rnnlm_cli.nn.layers.recurrent import Recurrent
from rnnlm_cli.nn.layers.residual import Residual
from rnnlm_cli.nn.layers.stack import Stack
from rnnlm_cli.nn.outputs.adaptive import AdaptiveSoftmaxOutput
from rnnlm_cli.nn.outputs.base import OutputLayer
from rnnlm_cli.nn.outputs.compiled import CompiledSoftmaxOutput
from rnnlm_cli.nn.outputs.cuda import CudaSampledOutput, CudaSoftmaxOutput
from rnnlm_cli.nn.outputs.direct import DirectConnections
from rnnlm_cli.nn.outputs.plain import PlainSoftmax
from rnnlm_cli.nn.outputs.sampled import SampledSoftmaxOutput
from rnnlm_cli.nn.outputs.softmax import SoftmaxOutput
from rnnlm_cli.nn.param import Param

SOFTMAXES: dict[str, type[PlainSoftmax]] = {
    "plain": PlainSoftmax,
    "blocked": SoftmaxOutput,
    "compiled": CompiledSoftmaxOutput,
    "cuda": CudaSoftmaxOutput,
}
"""The softmax class for each engine."""

SAMPLED: dict[type[PlainSoftmax], type[SampledSoftmaxOutput]] = {
    CudaSoftmaxOutput: CudaSampledOutput
}
"""The sampled softmax beside each softmax class, where it is not ``SampledSoftmaxOutput``."""


def build_stack(config: ModelConfig, init: Initializers, engine: Engine) -> Stack:
    """Return all layers between embedding and output: ``(T, B, E)`` to ``(T, B, D)``.

    ``D`` is ``output_size``. A bidirectional stack reads ``(2, T, B, E)``.
    """
    layers: dict[str, Layer]
    if config.direction == "bidirectional":
        both = [Stack(recurrent_layers(config, init.recurrent, engine)) for _ in range(2)]
        layers = {"bidirectional": Bidirectional(*both)}
    else:
        layers = recurrent_layers(config, init.recurrent, engine)
    return with_top(layers, config, init, top_size(config))


def build_decoder(
    config: ModelConfig,
    init: Initializers,
    engine: Engine,
    dtype: npt.DTypeLike,
    peeky: bool,
    attention: bool,
) -> Stack:
    """Return the layers of a decoder between embedding and output.

    The top recurrent layer's ``h`` is followed by the context that attention adds, and by the
    vector that a peeky decoder sees.

    Args:
        config: As for ``build_stack``.
        init: Of the weights.
        engine: Runs the cells.
        dtype: Of the weights.
        peeky: Give the encoder's last ``h`` to the lowest layer and to the output layer.
        attention: Look at the encoder's states.
    """
    size = config.hidden_size
    peek = Peek(size, dtype) if peeky else None
    layers = recurrent_layers(config, init.recurrent, engine, peek)
    if attention:
        layers["attention"] = DotAttention()
    if peeky:
        layers["peek_output"] = Peek(size, dtype)
    return with_top(layers, config, init, decoder_size(config, peeky, attention))


def with_top(layers: dict[str, Layer], config: ModelConfig, init: Initializers, size: int) -> Stack:
    """Return a stack: layers whose top has this size, and what is between them and the output."""
    if config.tie_weights and config.embedding_size != size:
        layers["projection"] = Linear(size, config.embedding_size, init.output)
    add_dropout(layers, "dropout_output", config.dropout.output, config.dropout.variational)
    if config.activation_penalty > 0:
        layers["activation_penalty"] = ActivationPenalty(config.activation_penalty)
    return Stack(layers)


def full_softmax(
    config: schema.FullSoftmax,
    size: int,
    vocabulary: int,
    shared: Param | None,
    init: Initializer,
    softmax: type[PlainSoftmax],
    direct: DirectConnections | None,
) -> OutputLayer:
    """The softmax over all tokens."""
    weight = shared or Param(init((vocabulary, size), size))
    return softmax(weight, config.label_smoothing, direct)


def sampled_softmax(
    config: schema.SampledSoftmax,
    size: int,
    vocabulary: int,
    shared: Param | None,
    init: Initializer,
    softmax: type[PlainSoftmax],
    direct: DirectConnections | None,
) -> OutputLayer:
    """The softmax over all tokens, trained on samples."""
    kind = SAMPLED.get(softmax, SampledSoftmaxOutput)
    return kind(shared or Param(init((vocabulary, size), size)), config.samples)


def adaptive_softmax(
    config: schema.AdaptiveSoftmax,
    size: int,
    vocabulary: int,
    shared: Param | None,
    init: Initializer,
    softmax: type[PlainSoftmax],
    direct: DirectConnections | None,
) -> OutputLayer:
    """The adaptive softmax; it shares no weight."""
    return AdaptiveSoftmaxOutput(
        size, vocabulary, config.cutoffs, config.shrink, init, softmax, direct
    )


OUTPUT_LAYERS: dict[type[schema.OutputConfig], Callable[..., OutputLayer]] = {
    schema.FullSoftmax: full_softmax,
    schema.AdaptiveSoftmax: adaptive_softmax,
    schema.SampledSoftmax: sampled_softmax,
}
"""The function for each kind of configuration."""


def build_output(
    config: ModelConfig,
    top: int,
    vocabulary: int,
    shared: Param,
    init: Initializer,
    engine: Engine,
) -> OutputLayer:
    """Return the output layer; with ``tie_weights`` it shares the embedding's weight.

    Args:
        config: Its kind, and whether weights are tied.
        top: The size of the layer below, a projection apart.
        vocabulary: ``V``.
        shared: The embedding's weight.
        init: Of its own weight.
        engine: Which softmax.
    """
    direct = None
    if config.direct.order is not None:
        order, size, dtype = config.direct.order, config.direct.size, shared.value.dtype
        empty = is_placeholder(shared.value)
        direct = DirectConnections(order, size, vocabulary, dtype, empty)
    return OUTPUT_LAYERS[type(config.output_layer)](
        config.output_layer,
        config.embedding_size if config.tie_weights else top,
        vocabulary,
        shared if config.tie_weights else None,
        init,
        SOFTMAXES[engine.name],
        direct,
    )


def top_size(config: ModelConfig) -> int:
    """Return the output size of the top recurrent layer, both directions together."""
    return config.hidden_size * (2 if config.direction == "bidirectional" else 1)


def decoder_size(config: ModelConfig, peeky: bool, attention: bool) -> int:
    """Return the size of a decoder's top recurrent layer with what is added to it."""
    return config.hidden_size * (1 + peeky + attention)


def output_size(config: ModelConfig) -> int:
    """Return ``D``, the input size of the output layer: ``E`` with tied weights."""
    return config.embedding_size if config.tie_weights else top_size(config)


def cell_of(config: ModelConfig) -> Cell:
    """Return the cell that a configuration asks for."""
    if config.cell == "mogrifier":
        return Mogrifier(config.mogrifier.rounds, config.mogrifier.rank)
    return CELLS[config.cell]


def recurrent_layers(
    config: ModelConfig, init: Initializer, engine: Engine, peek: Peek | None = None
) -> dict[str, Layer]:
    """Return the recurrent layers of one direction, with the dropout below and between them.

    Args:
        config: Cell, sizes and dropout.
        init: Of the weights.
        engine: Runs the cells.
        peek: Adds a vector to the input of the lowest layer.
    """
    drop = config.dropout
    recurrent_dropout = drop.hidden if drop.variational else 0.0
    layers: dict[str, Layer] = {}
    add_dropout(layers, "dropout_input", drop.input, drop.variational)
    size = config.embedding_size
    if peek is not None:
        layers["peek_input"] = peek
        size += peek.size
    for k in range(config.layers):
        if k > 0:
            add_dropout(layers, f"dropout{k}", drop.hidden, drop.variational)
        cell = Recurrent(
            cell_of(config),
            engine,
            size,
            config.hidden_size,
            init,
            recurrent_dropout,
            drop.weight,
        )
        keeps_size = size == config.hidden_size
        layers[f"layer{k}"] = Residual(cell) if config.residual and keeps_size else cell
        size = config.hidden_size
    if config.slowness_penalty > 0:
        layers["slowness_penalty"] = SlownessPenalty(config.slowness_penalty)
    return layers


def recurrent_stacks(config: ModelConfig) -> tuple[str, ...]:
    """Return the prefix of ``layer0`` in the parameters' names, for each direction."""
    if config.direction == "bidirectional":
        return ("bidirectional.forward.", "bidirectional.backward.")
    return ("",)


def part_of(name: str) -> str:
    """Return the part, as in ``model.freeze``, that a parameter belongs to.

    The projection before the output layer belongs to it.

    >>> [part_of(n) for n in ("encoder.embedding.weight", "bidirectional.forward.layer0.bias")]
    ['embedding', 'layer1']
    >>> [part_of(name) for name in ("projection.weight", "output.tail1.bias")]
    ['output', 'output']
    """
    if found := re.search(r"(?:^|\.)layer(\d+)\.", name):
        return f"layer{int(found[1]) + 1}"
    return "embedding" if "embedding." in name else "output"


def add_dropout(layers: dict[str, Layer], name: str, rate: float, variational: bool) -> None:
    """Add a dropout layer on top if the rate is above zero."""
    if rate > 0:
        layers[name] = Dropout(rate, variational)
