"""The names of a training's files."""

import doctest

from rnnlm_cli.config import run_names


def test_the_examples_in_the_documentation():
    result = doctest.testmod(run_names)
    assert result.attempted == 2
    assert result.failed == 0
