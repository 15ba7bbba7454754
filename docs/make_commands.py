"""Write docs/commands.md from the help of the commands (``make docs``)."""

import re
import sys
from collections.abc import Iterator

import click

from rnnlm_cli.commands.main import cli
from rnnlm_cli.commands.shared.examples import examples_in

INTRODUCTION = """\
# Commands

Every command with its options, as `rnnlm help COMMAND` and `--help` show them. This page is written
from the help by `make docs`. [configuration.md](configuration.md) has the keys of a config.

- Results go to standard output, notes and progress bars to standard error.
- Exit codes: 0 done; 1 the content of a file, the disk or a training is at fault; 2 wrong usage, a
  config that is not valid, a file that is missing or already exists; 130 after Ctrl-C, 143 after
  SIGTERM. An error is one line.
- A shell completes commands, options, files and config keys by Tab: see `rnnlm completion`.
"""


def every_command(
    command: click.Command, context: click.Context
) -> Iterator[tuple[click.Command, click.Context]]:
    """Yield a command and, in order, those of a group."""
    yield command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from every_command(inner, click.Context(inner, context, name))


def commands(group: click.Group, path: str) -> Iterator[str]:
    """Yield every command as it is typed, those of a group before the group."""
    for name in group.list_commands(click.Context(group)):
        inner = group.get_command(click.Context(group), name)
        if isinstance(inner, click.Group):
            yield from commands(inner, f"{path} {name}")
        yield f"{path} {name}"


NAMES = re.compile(
    rf"(?:{'|'.join(commands(cli, 'rnnlm'))})(?![\w-])|--[a-z][\w-]*|(?<!/)\bNAME(?:\.\w+)+"
    r"|\b(?:corpus|model|training|checkpoint)\.\w+(?:=\w+)?"
)
"""What is code in a help text: commands, options, files of a training, keys."""


def code(text: str) -> str:
    """Return a text with its commands, options, keys and file names as code."""
    return re.sub(NAMES, r"`\g<0>`", escaped(text))


def escaped(text: str) -> str:
    """Escape what Markdown would read as markup."""
    return re.sub(r"([<>|*_])", r"\\\1", text)


def options(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield a table of the options, without those that every command has."""
    records = [
        record
        for parameter in command.params
        if isinstance(parameter, click.Option) and parameter.name != "version"
        if (record := parameter.get_help_record(context)) is not None
    ]
    if records:
        yield from ["| option | meaning |", "|---|---|"]
        for name, said in records:
            said = re.sub(r"\s*\[(required|default: .*)\]$", r" *\1*", code(said), flags=re.DOTALL)
            yield f"| `{name.replace('|', chr(92) + '|')}` | {said} |"
        yield ""


def section(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield the lines about one command."""
    top = context.parent is None or context.parent.parent is None
    yield from [f"{'##' if top else '###'} {context.command_path}", ""]
    pieces = " ".join(command.collect_usage_pieces(context))
    yield from [f"`{context.command_path} {pieces}`", ""]
    for paragraph in (command.help or "").split("\n\n"):
        yield from [code(" ".join(paragraph.split())), ""]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield f"- `{context.command_path} {name}`: {first_sentence(inner)}"
        yield ""
    else:
        yield from options(command, context)
    yield "```sh"
    for does, line in examples_in(command.epilog or ""):
        yield from [f"# {does}", line]
    yield from ["```", ""]


def first_sentence(command: click.Command) -> str:
    """Return the first line of a command's help."""
    return code((command.help or "").split("\n")[0])


def page() -> str:
    """Return the whole page."""
    root = cli.make_context("rnnlm", [], resilient_parsing=True)
    lines = [INTRODUCTION]
    for command, context in every_command(cli, root):
        lines += section(command, context)
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page())
