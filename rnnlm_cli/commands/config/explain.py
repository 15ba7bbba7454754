"""``rnnlm config explain``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.options import Word
from rnnlm_cli.config.manual import explained


@click.command(
    epilog=examples(
        "one key",
        "rnnlm config explain training.on_nan",
        "a section: each of its keys",
        "rnnlm config explain model.dropout",
        "every key",
        "rnnlm config explain",
    )
)
@click.argument("key", type=Word(offers="keys"), required=False)
def command(key: str | None) -> None:
    """Explain a key: its meaning, values, default and rules.

    KEY is written with dots, as for --set. Of a section, and without KEY of the whole config, every
    key is listed with its values, its default and its meaning. `resume` says whether a key may
    change when a training is resumed.
    """
    print_result(explained(key or ""))
