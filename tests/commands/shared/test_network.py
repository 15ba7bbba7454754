"""The speed of a network, as it is written."""

import click
import pytest

from rnnlm_cli.commands.shared.network import NetworkSpeed


@pytest.mark.parametrize(
    ("written", "rate", "latency"),
    [("10gbit", 1.25e9, 50e-6), ("800Mbit", 1e8, 50e-6), ("2.5gbit,0.2ms", 3.125e8, 2e-4)],
)
def test_a_rate_and_a_latency(written, rate, latency):
    assert NetworkSpeed().convert(written, None, None) == pytest.approx((rate, latency))


@pytest.mark.parametrize("written", ["", "10", "0gbit", "-1gbit", "1gbps", "1gbit,5s", "1gbit,"])
def test_what_is_refused(written):
    with pytest.raises(click.BadParameter, match="such as 1gbit"):
        NetworkSpeed().convert(written, None, None)
