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
    tag_of,
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


def network_of(
    config: Config, tokens: int, labels: int, init: Initializers, engine: str
) -> Network:
    """Assemble the network of a task.

    Raises:
        UsageError: The engine is that of a device, which does not run such a model.
    """
    only_cpu = None
    if not isinstance(config.task, Language):
        only_cpu = f"task.kind: {tag_of(type(config.task))}"
    elif config.model.direct.order is not None:
        only_cpu = "model.direct.order"
    if only_cpu is not None and choose_engine(engine) == Cuda.name:
        remedy = f"unset {ENVIRONMENT}" if ENVIRONMENT in os.environ else "choose the device cpu"
        raise UsageError(f"a model with {only_cpu} runs on the CPU only", remedy=remedy)
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
