"""The option ``--network``: the speed of a network in words."""

from __future__ import annotations

import re
from typing import Any

import click

from rnnlm_cli.commands.shared.options import Utf8
from rnnlm_cli.errors import quoted
from rnnlm_cli.train.scaling import Network

MOST_MACHINES = 1024
"""Maximum of ``--machines``."""

RATES = {"mbit": 1e6 / 8, "gbit": 1e9 / 8}
TIMES = {"us": 1e-6, "ms": 1e-3}

LATENCY = 50e-6
"""Seconds until a small message has arrived, if that is not given: TCP over Ethernet."""

FORM = re.compile(
    r"(\d+(?:\.\d+)?)({})(?:,(\d+(?:\.\d+)?)({}))?".format("|".join(RATES), "|".join(TIMES))
)


class NetworkSpeed(Utf8):
    """Bits per second, and the latency if it is not the usual one."""

    name = "network"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the network, or fail.

        >>> NetworkSpeed().convert("1gbit,0.2ms", None, None)
        Network(bytes_per_second=125000000.0, latency=0.0002)
        """
        found = FORM.fullmatch(value.lower())
        if found is None or not float(found[1]):
            self.fail(
                f"{quoted(value)} is not the speed of a network, such as 1gbit or 800mbit, or "
                "10gbit,50us with its latency",
                param,
                ctx,
            )
        latency = LATENCY if found[3] is None else float(found[3]) * TIMES[found[4]]
        return Network(float(found[1]) * RATES[found[2]], latency)
