"""How much faster several machines train: a model of a step, of computing and of the network.

With ``N`` ranks each computes ``B/N`` of the ``B`` streams. The time of that is a straight line in
the streams, because updating the weights takes as long for a few as for many; it is measured at two
numbers of them. Then a rank sends, of ``D`` bytes of dense gradients and ``R`` bytes of rows per
rank (see ``others.py``),

    2 (N-1)/N D + (N-1) R  bytes per step, or the dense part per K steps with average_every: K,

which take their bytes over the bandwidth. Each of the messages after one another takes the latency:
``2 (N-1)`` for dense gradients added in the order of the ranks, as each sends its parts to all and
then passes the sums on in a ring; ``2 log2 N`` with ``reduction: fastest``; as many as ``N-1`` for
rows, whose sizes are exchanged before; and ``log2 N`` for each of the small exchanges. While ranks
send, nothing is computed. The bytes are the least that any algorithm for all ranks needs (Patarasu
and Yuan, 2009); for the model of latency and bandwidth see Thakur, Rabenseifner and Gropp (2005).
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from msgspec import structs

from rnnlm_cli.config import Config
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.nn.gradient import Dense, Rows
from rnnlm_cli.train.loop import Trainer
from rnnlm_cli.train.parallel import FASTEST
from rnnlm_cli.train.session import Session
from rnnlm_cli.train.speed import measured_trainer

ADDED = 1 << 24
"""Bytes to add up to find out how fast gradients are added."""

SMALL_EXCHANGES = 2
"""Exchanges of a few bytes per step: the sizes of rows, and whether one is to stop."""

HALF = 0.5
"""Machines no longer pay of which less than this share of their speed is used."""


class Network(NamedTuple):
    """A network between machines; each sends and receives at once."""

    bytes_per_second: float
    latency: float  # seconds until a small message has arrived


class Step(NamedTuple):
    """A step of one process, as it is measured."""

    streams: int
    seconds: float
    dense: int  # bytes of gradients that have all values
    rows: int  # bytes of gradients that are sent as rows


class Work(NamedTuple):
    """What a training does in a step.

    Attributes:
        whole: A step with all its streams.
        least: A step with as few as a machine may have; the same if there are no others.
        tokens: Tokens of a step.
        averaged: Bytes that are averaged by ``average_every``: weights, and the optimizer's arrays.
        adding: Bytes of gradients that are copied and added per second.
        every: ``training.average_every``.
        fixed: Whether gradients are added in the order of the ranks.
    """

    whole: Step
    least: Step
    tokens: int
    averaged: int
    adding: float
    every: int = 1
    fixed: bool = True


class Scaled(NamedTuple):
    """A step on several machines.

    Attributes:
        machines: How many.
        streams: Of the machine that has most.
        computing: Seconds of computing, and of adding gradients.
        network: Seconds of sending.
        tokens_per_second: Of all machines.
        times: How much faster than one of them.
        sent: Bytes that each sends per step.
    """

    machines: int
    streams: int
    computing: float
    network: float
    tokens_per_second: float
    times: float
    sent: float

    @property
    def seconds(self) -> float:
        """Of the step."""
        return self.computing + self.network

    @property
    def efficiency(self) -> float:
        """The share of the machines' speed that is used."""
        return self.times / self.machines


def line(work: Work, streams: float) -> tuple[float, float]:
    """Return seconds and bytes of rows of a step with some streams, on one machine."""
    more = work.whole.streams - work.least.streams
    share = 1.0 if more == 0 else (streams - work.least.streams) / more
    if more == 0 or work.whole.seconds <= work.least.seconds:
        share = streams / work.whole.streams  # in proportion
        return work.whole.seconds * share, work.whole.rows * share
    seconds = work.least.seconds + share * (work.whole.seconds - work.least.seconds)
    return max(seconds, 0.0), max(work.least.rows + share * (work.whole.rows - work.least.rows), 0)


def scaled(work: Work, network: Network, machines: int, grows: bool = False) -> Scaled:
    """Return a step on several machines.

    Args:
        work: The step.
        network: Between them.
        machines: How many; at most as many as streams, unless these grow.
        grows: Whether each machine has as many streams as one alone has now.
    """
    streams = work.whole.streams if grows else -(-work.whole.streams // machines)
    computing, rows = line(work, streams)
    tokens = work.tokens * (machines if grows else 1)
    alone = work.tokens / line(work, work.whole.streams)[0]
    if machines == 1:
        return Scaled(1, streams, computing, 0.0, alone, 1.0, 0.0)
    log = math.ceil(math.log2(machines))
    small = SMALL_EXCHANGES * log
    if work.every > 1:
        dense, rows, messages = work.averaged / work.every, 0.0, float(small + log)
    else:
        dense, messages = float(work.whole.dense), float(small + (machines - 1 if rows else log))
    ring = 2 * (machines - 1) if work.fixed else 2 * log
    messages += (ring if dense else 0) / work.every
    sent = 2 * (machines - 1) / machines * dense + (machines - 1) * rows
    computing += (dense + machines * rows) / work.adding
    sending = sent / network.bytes_per_second + messages * network.latency
    speed = tokens / (computing + sending)
    return Scaled(machines, streams, computing, sending, speed, speed / alone, sent)


def numbers_up_to(most: int) -> list[int]:
    """Return the powers of two up to a number, and it.

    >>> numbers_up_to(12)
    [1, 2, 4, 8, 12]
    """
    return sorted({*(1 << k for k in range(most.bit_length())), most})


def still_pays(table: Sequence[Scaled]) -> int:
    """Return the most machines of a table of which half the speed is used."""
    return max(one.machines for one in table if one.efficiency >= HALF or one.machines == 1)


def expected_work(
    session: Session, machines: int, tokens_per_second: float | None = None
) -> Work | None:
    """Measure the steps of a prepared training for a few seconds.

    Args:
        session: The training.
        machines: The most machines that it is to run on.
        tokens_per_second: The speed of one of them, if they are not like this one.

    Returns:
        What it does; ``None`` if it diverges at once.
    """
    work = _measured_work(session.config, session.texts, machines)
    if work is None or tokens_per_second is None:
        return work
    factor = work.tokens / tokens_per_second / work.whole.seconds
    whole, least = (one._replace(seconds=one.seconds * factor) for one in (work.whole, work.least))
    return work._replace(whole=whole, least=least)


def _measured_work(config: Config, texts: TrainingTexts, machines: int) -> Work | None:
    training = config.training
    streams = training.batch_size
    least = max(1, streams // machines)
    one, whole = _measured(config, texts, streams)
    few = _measured(config, texts, least)[1] if least < streams else whole
    if whole is None or few is None:
        return None
    weights = sum(param.value.nbytes for param in one.model.trained.values())
    return Work(
        whole,
        few,
        streams * training.bptt,
        weights * (1 + one.optimizer.arrays_per_parameter),
        adding_rate(),
        training.average_every,
        training.reduction != FASTEST,
    )


def _measured(config: Config, texts: TrainingTexts, streams: int) -> tuple[Trainer, Step | None]:
    """Measure a step with some streams; the gradients of the last one show what would be sent."""
    training = structs.replace(config.training, batch_size=streams)
    trainer, seconds = measured_trainer(structs.replace(config, training=training), texts)
    if seconds is None:
        return trainer, None
    found = [param.gradient for param in trainer.model.trained.values()]
    dense = sum(one.values.nbytes for one in found if isinstance(one, Dense))
    rows = sum(one.values.nbytes + one.rows.nbytes for one in found if isinstance(one, Rows))
    return trainer, Step(streams, seconds, dense, rows)


def adding_rate() -> float:
    """Return how many bytes of gradients this machine copies and adds per second."""
    values, others = np.ones((2, ADDED // 4), np.float32)
    begin = time.perf_counter()
    for _ in range(2):
        np.copyto(others, values)
        others += values
    return 2 * ADDED / (time.perf_counter() - begin)
