"""``rnnlm interactive``."""

from __future__ import annotations

import secrets
import shlex
import sys
from collections.abc import Mapping
from typing import Any

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.lines_in import piped, typed
from rnnlm_cli.commands.shared.messages import as_option, note, print_result, require_output
from rnnlm_cli.commands.shared.models import choose_model, known_ids, model_options
from rnnlm_cli.commands.shared.options import WholeRange, encoding_option
from rnnlm_cli.commands.shared.partners import excludes, partners
from rnnlm_cli.commands.shared.sampling import sampling_options
from rnnlm_cli.commands.shared.writing import stream
from rnnlm_cli.errors import RnnlmError, UsageError, shortened
from rnnlm_cli.generate.filters import Filters
from rnnlm_cli.generate.limits import LENGTH, SEED, check_room
from rnnlm_cli.generate.start import look_up_start
from rnnlm_cli.generate.text import ending
from rnnlm_cli.model.trained import TrainedModel

HELP = """type a start, and the model continues it; Ctrl-C stops the text, Ctrl-D leaves
/begin: no start, the text begins at the beginning of a line
/settings: show the settings; a setting without a value returns to its default
/help, /quit"""


LONGEST_SETTING = 10_000
"""Maximum characters of a setting: the time of ``shlex.split`` grows with the square of a word."""

Settings = Mapping[str, Any]
"""Values by name, as in ``SETTINGS``."""


@click.command(add_help_option=False)
@click.option("--length", type=WholeRange.of(LENGTH), default=100, help="Tokens to generate.")
@click.option(
    "--sentences",
    type=WholeRange(min=0),
    default=0,
    help="Stop after this many lines; 0: stop at the length only.",
)
@click.option(
    "--seed",
    type=WholeRange.of(SEED),
    help="The same text each time; by default the seed is random.",
)
@sampling_options
def SETTINGS() -> None:  # noqa: N802 (a constant: a table of options, never run)
    """Settings that can change between texts; the line ``/top-k 40`` is read as ``--top-k 40``."""


def with_settings(*args: str) -> Settings:
    """Return the settings that these options give, with defaults for the others.

    Raises:
        click.UsageError: A value is not allowed.
    """
    return SETTINGS.make_context("", list(args)).params


@click.command(
    epilog=examples(
        "the newest model; then type: you say, or /temperature 0.8, or /help",
        "rnnlm interactive",
        "the model of a config",
        "rnnlm interactive --config configs/hello.yaml",
    )
)
@model_options
@click.option(
    "--allow-unknown", is_flag=True, help="Allow start words that the model does not know."
)
@encoding_option("utf-8; the terminal's, at a terminal")
@partners(excludes("--checkpoint", "--config", because="each names the model"))
def command(
    checkpoint_path: str | None,
    config_path: str | None,
    allow_unknown: bool,
    encoding: str | None,
) -> None:
    """Type a start, see the text stream, repeat.

    The up arrow recalls earlier lines, Ctrl-C stops a text, Ctrl-D leaves. A line that begins with
    a slash changes a setting, such as /temperature 0.8; /help lists them. Standard input may be a
    file or a pipe.
    """
    saved = choose_model(checkpoint_path, config_path).saved
    saved.require_left_to_right("write text from left to right; rnnlm fill fills its blanks")
    if sys.stdin is None:
        raise UsageError("standard input is closed; there is nothing to read")
    require_output()
    if encoding and sys.stdin.isatty():
        raise UsageError(
            "is for a file or a pipe; a terminal has its own", field="encoding", place=encoding
        )
    settings = with_settings()
    for line in typed() if sys.stdin.isatty() else piped(encoding):
        changed = answer(saved, settings, line.strip(), allow_unknown)
        if changed is None:
            return
        settings = changed


def answer(
    saved: TrainedModel, settings: Settings, line: str, allow_unknown: bool
) -> Settings | None:
    """Carry out a line; return the settings for the next one, or ``None`` to leave."""
    try:
        if line == "/begin":
            write(saved, settings, look_up_start(saved, None))
        elif line.startswith("/"):
            return change(settings, line)
        elif line:
            write(saved, settings, look_up_start(saved, line, allow_unknown))
    except RnnlmError as error:
        note(f"Error: {error.said(as_setting)}")
    return settings


def as_setting(argument: str) -> str:
    """Return the name of a library argument in this command."""
    if argument == "start":
        return "the start"
    option = as_option(argument)
    return option if option == "--allow-unknown" else f"/{option[2:]}"


def change(settings: Settings, line: str) -> Settings | None:
    """Carry out a line that begins with a slash.

    Raises:
        UsageError: There is no such setting, or its value is out of range.
    """
    if len(line) > LONGEST_SETTING:
        raise UsageError(f"{shortened(line)}: a setting has at most {LONGEST_SETTING:,} characters")
    try:
        name, *values = shlex.split(line[1:]) or [""]
    except ValueError as error:  # a quotation mark that is not closed
        raise UsageError(f"{shortened(line)}: {error}; /help lists the settings") from None
    if name in ("quit", "exit"):
        return None
    if name == "help":
        note("\n".join([HELP, *map(explained, SETTINGS.params)]))
    elif name == "settings":
        for parameter in SETTINGS.params:
            value = settings[str(parameter.name)]
            shown = shlex.join(value) if parameter.multiple else "" if value is None else value
            note(f"/{parameter.opts[0][2:]} {shown}".rstrip())
    else:
        return with_change(settings, line, name.replace("-", "_"), values)
    return settings


def explained(parameter: click.Parameter) -> str:
    """Return a line of help for a setting.

    >>> explained(SETTINGS.params[0])
    '/length: Tokens to generate.'
    """
    assert isinstance(parameter, click.Option)
    return f"{as_setting(str(parameter.name))}: {parameter.help}"


def with_change(settings: Settings, line: str, name: str, values: list[str]) -> Settings:
    """Return the settings with one of them changed, or set to its default without values.

    Raises:
        UsageError: There is no such setting, or its value is out of range.
    """
    option = next((p for p in SETTINGS.params if p.name == name), None)
    if option is None or (len(values) > 1 and not option.multiple):
        raise UsageError(
            f"{shortened(line)}: not a setting with its value; /help lists the settings"
        )
    try:
        changed = with_settings(*(f"{option.opts[0]}={value}" for value in values))
    except click.UsageError as error:
        raise UsageError(f"{shortened(line)}: {error.message}") from None
    return {**settings, name: changed[name]}


def write(saved: TrainedModel, settings: Settings, tokens: list[str]) -> None:
    """Write a text; Ctrl-C ends it."""
    chosen = dict(settings)
    length, sentences, seed = (chosen.pop(name) for name in ("length", "sentences", "seed"))
    ends = ending(saved, (), sentences or None)
    if seed is None:
        seed = secrets.randbelow(1_000_000)
    chosen["skip"] = known_ids(saved, chosen["skip"], "/skip")
    filters = Filters(**chosen)
    if not sentences:
        check_room(saved, filters, tokens, length)
    try:
        stream(saved, tokens, length, seed, filters.in_order(), ends)
    except KeyboardInterrupt:
        print_result("")
    note(f"(seed {seed})")
