"""A group whose commands are imported only when called, so that help is fast."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.errors import quoted
from rnnlm_cli.system.launcher import launched

F = TypeVar("F", bound=Callable[..., Any])


def by_all_ranks(function: F) -> F:
    """Mark what a command does as the work of all processes that ``mpiexec`` starts.

    Any other command is one process's: rank 0 runs it, and the other ranks do nothing.
    """
    function.__dict__["by_all_ranks"] = True
    return function


def is_by_all_ranks(command: click.Command) -> bool:
    """Whether a command is marked by ``by_all_ranks``."""
    return bool(getattr(command.callback, "by_all_ranks", False))


def _nothing(name: str) -> click.Command:
    """Return a command that takes anything and does nothing."""
    takes = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(name, takes, lambda: None, add_help_option=False)


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
        self.listed = {name: text for name, (_, text) in lazy.items()}
        """The one-line help of each command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order given."""
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self._lazy:
            return None
        module = importlib.import_module(self._lazy[cmd_name][0])
        command: click.Command = module.command
        follows = (launched() or (0,))[0] > 0
        one_process_s = not isinstance(command, click.Group) and not is_by_all_ranks(command)
        return _nothing(cmd_name) if follows and one_process_s else command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.listed.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a misspelled one is an error that names the nearest."""
        if args[0] not in self._lazy and not args[0].startswith("-") and not ctx.resilient_parsing:
            near = difflib.get_close_matches(args[0], self._lazy, n=1)
            meant = f" (did you mean {near[0]}?)" if near else ""
            ctx.fail(f"No such command {quoted(args[0])}{meant}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error while its options are split names that command, too."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            name = ctx.invoked_subcommand
            if error.ctx is None and name and (command := self.get_command(ctx, name)):
                error.ctx = click.Context(command, parent=ctx, info_name=name)
            raise

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Show the help if there are no arguments; print nothing while a shell completes."""
        if not args and not ctx.resilient_parsing:
            print_result(ctx.get_help())
            ctx.exit()
        return super().parse_args(ctx, args)
