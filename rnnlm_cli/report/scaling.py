"""How much faster several machines train, as plain values and as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnlm_cli.report.table import byte_count, figure, grid
from rnnlm_cli.train.scaling import Network, Scaled, Work, numbers_up_to, scaled, still_pays

OFTEN = 8
"""The ``training.average_every`` that is compared with averaging gradients at each step."""

HEADER = (
    "machines",
    "streams each",
    "computing",
    "network",
    "tokens/s",
    "times faster",
    "efficiency",
    "sent per step",
)


def scaling_values(work: Work, network: Network, machines: int) -> dict[str, Any]:
    """Return the steps on some numbers of machines.

    Args:
        work: The step of one machine.
        network: Between the machines.
        machines: The most machines.
    """
    same, grown = _tables(work, network, machines)
    return {
        "bytes_per_second": network.bytes_per_second,
        "latency": network.latency,
        "same_batch": list(map(_values, same)),
        "growing_batch": list(map(_values, grown)),
        "pays_up_to": still_pays(same),
    }


def scaling_table(work: Work, network: Network, machines: int) -> str:
    """Format them, and say where more machines stop paying."""
    streams = work.whole.streams
    same, grown = _tables(work, network, machines)
    best = max(same, key=lambda one: one.times)
    lines = [
        f"expected on up to {machines:,} machines like this one, at "
        f"{figure(network.bytes_per_second * 8e-9, ',.3g')} Gbit/s with a latency of "
        f"{network.latency * 1e6:,.0f} us",
        "",
        f"the same training, training.batch_size: {streams:,}",
        *grid([HEADER, *map(_cells, same)]),
        f"fastest with {_machines(best.machines)}; with more than {_machines(still_pays(same))} "
        "less than half of their speed is used",
    ]
    if machines > streams:
        lines.append(f"each machine needs a stream, so {streams:,} is the most")
    lines += _remedies(work, network, same[-1])
    lines += [
        "",
        f"another training: {streams:,} streams on each machine, so training.batch_size grows",
        *grid([HEADER, *map(_cells, grown)]),
    ]
    return "\n".join(lines)


def _tables(work: Work, network: Network, machines: int) -> tuple[list[Scaled], list[Scaled]]:
    fewer = min(machines, work.whole.streams)
    same = [scaled(work, network, number) for number in numbers_up_to(fewer)]
    grown = [scaled(work, network, number, grows=True) for number in numbers_up_to(machines)]
    return same, grown


def _remedies(work: Work, network: Network, last: Scaled) -> list[str]:
    """Say what would make the most machines faster."""
    found = []
    if work.every == 1:
        other = scaled(work._replace(every=OFTEN), network, last.machines)
        if other.times > last.times:
            found.append(
                f"with training.average_every: {OFTEN}, which is another training, "
                f"{_machines(last.machines)} would be {other.times:,.1f} times as fast as one"
            )
    if work.fixed:
        other = scaled(work._replace(fixed=False), network, last.machines)
        if other.times > 1.05 * last.times:
            found.append(
                f"with training.reduction: fastest {_machines(last.machines)} would be "
                f"{other.times:,.1f} times as fast as one"
            )
    return found


def _machines(number: int) -> str:
    return f"{number:,} machine{'s' * (number != 1)}"


def _values(one: Scaled) -> dict[str, Any]:
    return {
        "machines": one.machines,
        "streams": one.streams,
        "computing_seconds": one.computing,
        "network_seconds": one.network,
        "tokens_per_second": one.tokens_per_second,
        "times_faster": one.times,
        "efficiency": one.efficiency,
        "bytes_sent": one.sent,
    }


def _cells(one: Scaled) -> Sequence[str]:
    return (
        f"{one.machines:,}",
        f"{one.streams:,}",
        _milliseconds(one.computing),
        _milliseconds(one.network) if one.machines > 1 else "-",
        figure(one.tokens_per_second, ",.0f"),
        f"{one.times:,.2f}",
        f"{one.efficiency:.0%}",
        byte_count(one.sent) if one.machines > 1 else "-",
    )


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:,.{1 if seconds < 0.1 else 0}f} ms"
