"""``rnnlm interactive``."""

from __future__ import annotations

import secrets
import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import Any

import click

from rnnlm_cli.checkpoint import SavedModel
from rnnlm_cli.commands.generate import stream
from rnnlm_cli.commands.messages import note
from rnnlm_cli.commands.models import choose_model, known_ids, model_options
from rnnlm_cli.errors import CorpusError, RnnlmError, UsageError
from rnnlm_cli.generate.filters import Filters
from rnnlm_cli.generate.text import Ending, after_sentences, look_up_start, never

HELP = """type a start, and the text goes on from it; Ctrl-C stops it, Ctrl-D leaves
/length 100             tokens to generate
/sentences 1            end after so many ends of lines; 0 goes on to the length
/temperature 0.8        below 1 safer, above 1 bolder, 0 always the likeliest
/top-k 40  /top-p 0.9  /min-p 0.05     draw from the likeliest only
/repetition-penalty 1.2  /no-repeat-ngram 3
/skip "<unk>"           never draw these tokens; none without one
/seed 1                 the same text each time; without a number a new one each time
/settings               show what is set
/help  /quit"""


@dataclass(frozen=True)
class Settings:
    """What can be changed between two texts."""

    length: int = 100
    sentences: int = 0
    seed: int | None = None
    skip: tuple[str, ...] = ()
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    no_repeat_ngram: int = 0

    def filters(self, saved: SavedModel) -> Filters:
        """Return what changes the odds."""
        shared = {field.name for field in fields(Filters)} - {"skip"}
        values = {name: getattr(self, name) for name in shared}
        return Filters(skip=known_ids(saved.vocabulary, self.skip, "/skip"), **values)


RANGES: dict[str, tuple[Callable[[str], Any], float, float]] = {
    "length": (int, 0, 1e9),
    "sentences": (int, 0, 1e9),
    "seed": (int, 0, 2**63),
    "temperature": (float, 0, 1e6),
    "top_k": (int, 0, 1e9),
    "top_p": (float, 1e-9, 1),
    "min_p": (float, 0, 1),
    "repetition_penalty": (float, 1e-6, 1e6),
    "no_repeat_ngram": (int, 0, 1e9),
}
"""The type of each setting, and the least and the largest value."""


@click.command(
    epilog="Example: rnnlm interactive; then type: you say, or /temperature 0.8, or /help"
)
@model_options
@click.option("--allow-unknown", is_flag=True, help="Start words may be unknown to the model.")
def command(checkpoint_path: str | None, config_path: str | None, allow_unknown: bool) -> None:
    """Type a start, see the text stream; again and again.

    The up arrow brings earlier lines back, Ctrl-C stops a text, Ctrl-D leaves. A line that begins
    with a slash changes a setting: /temperature 0.8; /help lists them. Standard input may be a
    file.
    """
    saved = choose_model(checkpoint_path, config_path).saved
    saved.require_left_to_right("write text from left to right; rnnlm fill fills its blanks")
    if sys.stdin is None:
        raise UsageError("standard input is closed; there is nothing to read")
    on_terminal = sys.stdin.isatty()
    if on_terminal:
        give_history()
        note("type a start; /help tells more")
    settings: Settings | None = Settings()
    while settings is not None:
        try:
            line = input("> " if on_terminal else "").strip()
        except EOFError:
            if on_terminal:
                note("")
            return
        except UnicodeDecodeError as error:
            raise CorpusError(f"standard input: not UTF-8 ({error}); type or pipe UTF-8") from None
        except KeyboardInterrupt:  # it stops a text, and here there is none
            note("")
            continue
        settings = answer(saved, settings, line, allow_unknown)


def give_history() -> None:
    """Let the arrow keys edit the line and bring earlier ones back, where the system can."""
    with suppress(ImportError):
        import readline  # noqa: F401 (importing it is what does it)


def answer(
    saved: SavedModel, settings: Settings, line: str, allow_unknown: bool
) -> Settings | None:
    """Do what a line asks for; return the settings for the next, ``None`` to leave."""
    try:
        if line.startswith("/"):
            return change(settings, line)
        if line:
            write(saved, settings, look_up_start(saved, line, allow_unknown, "the start"))
    except RnnlmError as error:
        note(f"Error: {error}")
    return settings


def change(settings: Settings, line: str) -> Settings | None:
    """Carry out a line that begins with a slash.

    Raises:
        UsageError: There is no such setting, or its value is out of range.
    """
    try:
        name, *values = shlex.split(line[1:])
    except ValueError as error:  # a quotation mark without its partner, or nothing
        raise UsageError(f"{line}: {error}; /help lists what there is") from None
    key = name.replace("-", "_")
    if name in ("quit", "exit"):
        return None
    if name == "help":
        note(HELP)
    elif name == "settings":
        for field in fields(Settings):
            note(f"/{field.name.replace('_', '-')} {getattr(settings, field.name)}")
    elif name == "skip":
        return replace(settings, skip=tuple(values))
    elif name == "seed" and not values:
        return replace(settings, seed=None)
    elif key in RANGES and len(values) == 1:
        return replace(settings, **{key: checked(name, values[0])})
    else:
        raise UsageError(f"{line}: is no setting with its value; /help lists what there is")
    return settings


def checked(name: str, value: str) -> Any:
    """Return the value of a setting.

    Raises:
        UsageError: It is no number, or out of range.
    """
    kind, least, largest = RANGES[name.replace("-", "_")]
    try:
        number = kind(value)
    except ValueError:
        number = None
    if number is None or not least <= number <= largest:
        what = "a whole number" if kind is int else "a number"
        raise UsageError(f"/{name} {value}: takes {what} from {least:g} to {largest:g}")
    return number


def write(saved: SavedModel, settings: Settings, tokens: list[str]) -> None:
    """Write a text; Ctrl-C ends it."""
    ends: Ending = never
    if settings.sentences:
        line_end = saved.vocabulary.tokens[saved.line_start()]
        ends = after_sentences(settings.sentences, line_end)
    seed = secrets.randbelow(1_000_000) if settings.seed is None else settings.seed
    filters = settings.filters(saved).in_order()
    try:
        stream(saved, tokens, settings.length, [seed], filters, ends)
    except KeyboardInterrupt:
        click.echo()
    note(f"(seed {seed})")
