"""What happens inside a network while it reads: states and gates of every step."""

from __future__ import annotations

from typing import NamedTuple

from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.model.initialization import Initializers
from rnnlm_cli.model.layers import build_stack, recurrent_stacks
from rnnlm_cli.model.rnnlm import Rnnlm
from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.nn.device import to_host
from rnnlm_cli.nn.engines.traced import Traced
from rnnlm_cli.nn.init import placeholder
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, Ids


class LayerTrace(NamedTuple):
    """One recurrent layer, step by step; ``T`` steps, ``H`` hidden units.

    A ``Tracer`` has the same with an axis ``B`` of streams after the first.

    Attributes:
        name: As in the names of the parameters: ``layer0``, ``bidirectional.backward.layer0``.
        states: ``(T, H)`` each, by the cell's names: ``h``, and ``c`` of an LSTM.
        gates: ``(T, H)`` each, by the cell's names: ``i``, ``f``, ``g``, ``o`` of an LSTM, ``r``,
            ``z``, ``n`` of a GRU, ``h`` of an Elman network.
    """

    name: str
    states: dict[str, Array]
    gates: dict[str, Array]


class Tracer:
    """A network that keeps what its recurrent layers do while it reads, part by part.

    The layers are built once more around the same weights, with an engine that keeps all of it.
    """

    def __init__(self, network: Rnnlm, config: ModelConfig) -> None:
        """Build the layers.

        Args:
            network: The network.
            config: What it was built from.
        """
        self._engine, none = Traced(), placeholder(network.dtype)
        self._network, self._config = network, config
        self._stack = build_stack(config, Initializers(none, none, none), self._engine)
        for name, param in self._stack.params.items():
            param.value = network.params[name].weights

    def read(self, ids: Ids, state: State | None = None) -> tuple[list[LayerTrace], State]:
        """Read ids; return what each recurrent layer did, bottom first, and the state after.

        Args:
            ids: ``(T, B)``, or ``(2, T, B)`` for a bidirectional network. What its second half
                does, which reads from the end, is returned in the order of the text too.
            state: The state before; ``None`` for the zero state.

        Returns:
            Arrays ``(T, B, H)``.
        """
        steps, streams = ids.shape[-2:]
        stack, passes = self._stack, self._engine.passes
        passes.clear()
        with self._engine.running():
            x, _ = self._network.embedding.begin(steps, streams).forward(ids, ())
            before = stack.initial_state(streams) if state is None else state
            _, after = stack.begin(steps, streams).forward(to_host(x), to_host(before))
        names = [
            (prefix, f"{prefix}layer{k}")
            for prefix in recurrent_stacks(self._config)
            for k in range(self._config.layers)
        ]
        found = []
        for (prefix, name), done in zip(names, passes, strict=True):
            order = slice(None, None, -1 if prefix.endswith("backward.") else 1)
            states, gates = (
                {key: values[order] for key, values in part.items()}
                for part in (done.states, done.gates)
            )
            found.append(LayerTrace(name, states, gates))
        return found, after


def trace_layers(network: Rnnlm, config: ModelConfig, ids: Ids) -> list[LayerTrace]:
    """Read ids from the zero state, and return what each recurrent layer did, bottom first.

    Args:
        network: The network.
        config: What it was built from.
        ids: ``(T,)``, or ``(2, T)`` for a bidirectional network (see ``Tracer.read``).
    """
    layers, _ = Tracer(network, config).read(ids[..., None])
    return [
        LayerTrace(name, *({key: values[:, 0] for key, values in part.items()} for part in parts))
        for name, *parts in layers
    ]


def state_arrays(config: ModelConfig, state: State) -> list[dict[str, Array]]:
    """Return the state of one stream by names: of each recurrent layer, ``(H,)`` each.

    Args:
        config: What the network was built from; one that reads from the left.
        state: Of the network; layers without a state have an empty part in it.
    """
    names = CELLS[config.cell].states
    layers = state if config.direct.order is None else state[:-1]  # the last has the last tokens
    return [
        {name: array[0].copy() for name, array in zip(names, part, strict=True)}
        for part in to_host(layers)
        if part
    ]
