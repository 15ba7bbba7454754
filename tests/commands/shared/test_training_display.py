from types import SimpleNamespace

import pytest

from rnnlm_cli.commands.shared.training_display import waiting_line


def run_of(seconds, valid=1_000):
    """A training of 10,000 tokens that is half through its second epoch."""
    return SimpleNamespace(
        trainer=SimpleNamespace(progress=SimpleNamespace(epoch=1, block=5, seconds=seconds)),
        blocks=range(10),
        texts=SimpleNamespace(train=range(10_000), valid=range(valid)),
    )


@pytest.mark.parametrize(
    ("seconds", "final", "line"),
    [
        (300.0, False, "validating: 1,000 tokens, about 20 s"),
        (300.0, True, "exact perplexity of the best model: 1,000 tokens, about 20 s"),
        (29.0, False, ""),
    ],
)
def test_a_wait_is_announced_where_it_is_long(seconds, final, line):
    assert waiting_line(run_of(seconds), final) == line
