"""``rnnlm config schema``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.config.json_schema import schema_text


@click.command(
    epilog=examples(
        "for an editor: beside a config whose first line names it, as rnnlm init writes both",
        "rnnlm config schema > rnnlm.schema.json",
    )
)
def command() -> None:
    """Print the JSON Schema of a config.

    With it, an editor completes keys, shows their meaning, and marks mistakes. It describes each
    key; rules between keys, such as that a bidirectional model writes no sample, are checked by
    rnnlm config check. The first line of a config tells an editor where the schema is:

    # yaml-language-server: $schema=rnnlm.schema.json
    """
    print_result(schema_text(), end="")
