"""What happens inside a network while it reads: states and gates of every step."""

from __future__ import annotations

from typing import NamedTuple

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.model.initialization import Initializers
from rnnlm_cli.model.layers import build_stack, recurrent_stacks
from rnnlm_cli.model.rnnlm import Rnnlm
from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.nn.engines.traced import Traced
from rnnlm_cli.nn.init import placeholder
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, Ids


class LayerTrace(NamedTuple):
    """One recurrent layer, step by step; ``T`` steps, ``H`` hidden units.

    Attributes:
        name: As in the names of the parameters: ``layer0``, ``bidirectional.backward.layer0``.
        states: ``(T, H)`` each, by the cell's names: ``h``, and ``c`` of an LSTM.
        gates: ``(T, H)`` each, by the cell's names: ``i``, ``f``, ``g``, ``o`` of an LSTM, ``r``,
            ``z``, ``n`` of a GRU, ``h`` of an Elman network.
    """

    name: str
    states: dict[str, Array]
    gates: dict[str, Array]


def trace_layers(network: Rnnlm, config: ModelConfig, ids: Ids) -> list[LayerTrace]:
    """Read ids from the zero state, and return what each recurrent layer did, bottom first.

    The layers are built once more around the same weights, with an engine that keeps all of it.

    Args:
        network: The network.
        config: What it was built from.
        ids: ``(T,)``, or ``(2, T)`` for a bidirectional network. What its second half does, which
            reads from the end, is returned in the order of the text too.
    """
    engine, none = Traced(), placeholder(network.dtype)
    stack = build_stack(config, Initializers(none, none, none), engine)
    for name, param in stack.params.items():
        param.value = network.params[name].value
    steps = ids.shape[-1]
    with engine.running():
        x, _ = network.embedding.begin(steps, 1).forward(ids[..., None], ())
        stack.begin(steps, 1).forward(x, stack.initial_state(1))
    names = [
        (prefix, f"{prefix}layer{k}")
        for prefix in recurrent_stacks(config)
        for k in range(config.layers)
    ]
    found = []
    for (prefix, name), done in zip(names, engine.passes, strict=True):
        order = slice(None, None, -1 if prefix.endswith("backward.") else 1)
        states, gates = (
            {key: values[order, 0] for key, values in part.items()}
            for part in (done.states, done.gates)
        )
        found.append(LayerTrace(name, states, gates))
    return found


def state_arrays(config: ModelConfig, state: State) -> list[dict[str, Array]]:
    """Return the state of one stream by names: of each recurrent layer, ``(H,)`` each.

    Args:
        config: What the network was built from; one that reads from the left.
        state: Of the network; layers without a state have an empty part in it.
    """
    names = CELLS[config.cell].states
    return [
        {name: array[0].copy() for name, array in zip(names, part, strict=True)}
        for part in state
        if part
    ]
