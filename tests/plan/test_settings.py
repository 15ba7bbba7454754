"""The keys that end a training and order its text."""

import pytest

from rnnlm_cli.plan.draft import values_of
from rnnlm_cli.plan.network import Trial
from rnnlm_cli.plan.settings import length_settings


@pytest.mark.parametrize(("steps", "shuffled"), [(90, False), (100, False), (101, True)])
def test_a_text_that_is_read_more_than_once_is_shuffled(steps, shuffled):
    settings = length_settings(Trial(None, parameters=1000, blocks=100, steps=steps, seconds=1.0))
    values = values_of(settings)["training"]
    assert values.get("partial_shuffle", False) == shuffled
