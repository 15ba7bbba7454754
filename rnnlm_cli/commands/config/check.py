"""``rnnlm config check``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.options import CONFIG, set_option
from rnnlm_cli.config import Config, load_config


@click.command(
    epilog=examples(
        "a config",
        "rnnlm config check configs/hello.yaml",
        "with other values",
        "rnnlm config check configs/hello.yaml --set model.cell=gru --set training.epochs=10",
    )
)
@click.argument("file", type=CONFIG)
@set_option
def command(file: str, overrides: tuple[str, ...]) -> None:
    """Say whether a config is valid, or what is wrong with it.

    Checks keys, values, and the rules between keys, as rnnlm train does before any work; the first
    mistake is an error (exit code 2) with file, line, key, and what is allowed. The texts are not
    read: rnnlm train --dry-run does that too. A config with training.init_from is checked together
    with what it takes from that checkpoint.
    """
    load_config(file, overrides, "--set", model_of_checkpoint)
    print_result(f"{file}: valid")


def model_of_checkpoint(init_from: str, path: str) -> Config:
    """Return the configuration that gives what a config does not write; see ``ModelOf``."""
    from rnnlm_cli.train.tuning import model_to_continue  # loads NumPy, which few configs need

    return model_to_continue(resume=False)(init_from, path)
