"""Optimizers: one class and one row in the table each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnlm_cli.config import optimizer as schema
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.nn.param import Param
from rnnlm_cli.train.optimizers.adam import Adam, AdamW
from rnnlm_cli.train.optimizers.averaged import Averaged
from rnnlm_cli.train.optimizers.base import Optimizer
from rnnlm_cli.train.optimizers.ntasgd import NtAsgd
from rnnlm_cli.train.optimizers.sgd import Momentum, Sgd

OPTIMIZERS: dict[type[schema.OptimizerConfig], type[Optimizer[Any]]] = {
    schema.Sgd: Sgd,
    schema.Momentum: Momentum,
    schema.Adam: Adam,
    schema.AdamW: AdamW,
    schema.NtAsgd: NtAsgd,
}
"""The optimizer class for each configuration section, which its constructor takes."""


AnyOptimizer = Optimizer[schema.OptimizerConfig]


def optimizer_of(params: Mapping[str, Param], training: TrainingConfig, steps: int) -> AnyOptimizer:
    """Return the optimizer of a training of ``steps`` steps, averaged if it asks for that."""
    optimizer = build_optimizer(params, training.optimizer)
    if isinstance(training.averaging, schema.NoAverage):
        return optimizer
    return Averaged(optimizer, params, training.averaging, steps)


def build_optimizer(params: Mapping[str, Param], config: schema.OptimizerConfig) -> AnyOptimizer:
    """Return the optimizer that a configuration asks for."""
    return OPTIMIZERS[type(config)](params, config)
