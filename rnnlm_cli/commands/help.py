"""``rnnlm help``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.options import Word


@click.command(
    epilog=examples(
        "all commands",
        "rnnlm help",
        "one command",
        "rnnlm help eval perplexity",
    )
)
@click.argument("command", type=Word(offers="commands"), nargs=-1)
@click.pass_context
def command(context: click.Context, command: tuple[str, ...]) -> None:
    """Show the help of a command, as its --help does."""
    found = context.find_root()
    for name in command:
        group = found.command
        if not isinstance(group, click.Group):
            found.fail(f"{found.command_path} has no commands")
        shown, inner, _ = group.resolve_command(found, [name])
        if inner is None:
            found.fail(f"No such command {name!r}")
        found = click.Context(inner, parent=found, info_name=shown)
    print_result(found.get_help())
