"""The network of each task: one row in a table."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from rnnlm_cli.config import Config
from rnnlm_cli.config.task import (
    Classification,
    Description,
    Language,
    TaskConfig,
    Translation,
)
from rnnlm_cli.errors import UsageError
from rnnlm_cli.model.classifier import Classifier
from rnnlm_cli.model.describer import Describer
from rnnlm_cli.model.encoder_decoder import EncoderDecoder, Form
from rnnlm_cli.model.initialization import Initializers, initializers
from rnnlm_cli.model.network import Network
from rnnlm_cli.model.rnnlm import Rnnlm
from rnnlm_cli.nn.engines.choose import AUTO, ENVIRONMENT, choose_engine
from rnnlm_cli.nn.engines.cuda import Cuda
from rnnlm_cli.nn.init import placeholder

Build = Callable[[Config, int, int, Initializers, str], Network]
"""Takes the configuration, the numbers of tokens and labels, initializers, and the engine."""


def language(config: Config, tokens: int, labels: int, init: Initializers, engine: str) -> Rnnlm:
    """A language model."""
    return Rnnlm(config.model, tokens, init, engine)


def classification(
    config: Config, tokens: int, labels: int, init: Initializers, engine: str
) -> Classifier:
    """A classifier of lines."""
    assert isinstance(config.task, Classification)
    return Classifier(config.model, config.task, tokens, labels, init, engine)


def description(
    config: Config, tokens: int, labels: int, init: Initializers, engine: str
) -> Describer:
    """A language model of lines, which begins at the state of a label."""
    return Describer(config.model, tokens, labels, init, engine)


def translation(
    config: Config, tokens: int, labels: int, init: Initializers, engine: str
) -> EncoderDecoder:
    """An encoder-decoder."""
    assert isinstance(config.task, Translation)
    task = config.task
    form = Form(task.reverse_source, task.peeky, task.attention == "dot")
    return EncoderDecoder(config.model, tokens, init, engine, form)


NETWORKS: dict[type[TaskConfig], Build] = {
    Language: language,
    Classification: classification,
    Description: description,
    Translation: translation,
}
"""The network for each kind of ``task``."""


def engine_of(config: Config, recorded: str = "") -> str:
    """Return the name of the engine that a training takes.

    Args:
        config: Of the training.
        recorded: As for ``choose_engine``.

    Raises:
        ValueError, UsageError: As for ``choose_engine``.
    """
    asked, device = config.training.engine, config.training.device
    return choose_engine(asked, recorded, device, cpu_only=config.cpu_only is not None)


def network_of(
    config: Config, tokens: int, labels: int, init: Initializers, engine: str
) -> Network:
    """Assemble the network of a task.

    Args:
        config: Task and model.
        tokens: ``V``.
        labels: The number of labels.
        init: Initializers of the weights.
        engine: A row of ``ENGINES``; ``auto`` outside a training, for the device that this process
            uses.

    Raises:
        UsageError: The engine is that of a device, which does not run such a model.
    """
    if engine == AUTO:
        engine = choose_engine(cpu_only=config.cpu_only is not None)
    if engine == Cuda.name and config.cpu_only is not None:
        remedy = "choose the device auto or cpu"
        if ENVIRONMENT in os.environ:
            remedy = f"unset {ENVIRONMENT}"
        raise UsageError(f"a model with {config.cpu_only} runs on the CPU only", remedy=remedy)
    return NETWORKS[type(config.task)](config, tokens, labels, init, engine)


def empty_network(
    config: Config, tokens: int, labels: int, dtype: npt.DTypeLike, engine: str = AUTO
) -> Network:
    """Assemble a network whose weights are loaded later; it takes no memory.

    Raises:
        UsageError: As for ``network_of``.
    """
    none = placeholder(dtype)
    return network_of(config, tokens, labels, Initializers(none, none, none), engine)


def random_network(
    config: Config,
    tokens: int,
    labels: int,
    rng: np.random.Generator,
    dtype: npt.DTypeLike = np.float32,
    engine: str = AUTO,
) -> Network:
    """Assemble a network with random weights, as ``model.initialization`` says.

    Raises:
        UsageError: As for ``network_of``.
    """
    init = initializers(config.model, rng, dtype)
    network = network_of(config, tokens, labels, init, engine)
    if config.model.forget_bias != 0:
        network.set_forget_bias(config.model)
    return network
