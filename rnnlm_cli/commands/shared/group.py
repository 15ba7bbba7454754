"""A group whose commands are imported only when called, so that help is fast."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

from rnnlm_cli.commands.shared.messages import print_result


class LazyGroup(click.Group):
    """Each command is the attribute ``command`` of a module; its one-line help is given here.

    Without a command the help is shown.
    """

    def __init__(self, *, lazy: Mapping[str, tuple[str, str]], **options: Any) -> None:
        """Name the commands.

        Args:
            lazy: Module and short help by name.
            options: Options of ``click.Group``.
        """
        super().__init__(**options)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order given."""
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self._lazy:
            return None
        module = importlib.import_module(self._lazy[cmd_name][0])
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self._lazy.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Show the help if there are no arguments."""
        if not args:
            print_result(ctx.get_help())
            ctx.exit()
        return super().parse_args(ctx, args)
