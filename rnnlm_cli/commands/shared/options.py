"""Types of options that several commands share."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import click

from rnnlm_cli.checks import Range
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.config import run_names
from rnnlm_cli.errors import is_unicode, quoted
from rnnlm_cli.system.text_encodings import UTF8 as DEFAULT_ENCODING
from rnnlm_cli.system.text_encodings import is_encoding, near_encodings
from rnnlm_cli.system.whole_file import existing_files, other_names

Command = Callable[..., Any]

Offers = Literal["values", "files", "models", "directories", "commands", "keys", "settings"]
"""What a shell completes: one of known words, a path, a command, a key, or ``KEY=VALUE``."""

ENCODINGS = [
    *("auto", "utf-8", "utf-16", "cp949", "euc_kr", "shift_jis", "euc_jp", "gb18030", "big5"),
    *("cp1252", "latin1", "cp1251", "koi8_r"),
]
"""The encodings to offer."""


class Utf8(click.types.StringParamType):
    """Text in UTF-8, in every locale; other bytes are refused.

    In the C locale Python keeps bytes that are not ASCII as surrogates; here they are decoded.
    """

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the text, or fail."""
        text = super().convert(value, param, ctx)
        if is_unicode(text):
            return text
        try:
            return os.fsencode(text).decode()
        except UnicodeError:
            self.fail(f"{quoted(text)} is not UTF-8", param, ctx)


class NonEmpty(Utf8):
    """Text that is not empty: a script's unset variable must not count as an omitted option."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the text, or fail."""
        if not value:
            omit = "" if isinstance(param, click.Argument) else " or omit the option"
            self.fail(f"must not be empty; give a value{omit}", param, ctx)
        return super().convert(value, param, ctx)


class PathName(NonEmpty):
    """The path of a file or a directory, which a shell completes.

    Whether it exists is checked where it is read. Text is checked alone here.
    """

    def __init__(self, *suffixes: str, offers: Offers = "files") -> None:
        """Say what to offer.

        Args:
            suffixes: Offer only files with one of these; by default all.
            offers: What else than files: ``models`` are those in ``checkpoints/`` too.
        """
        self.suffixes, self.offers = suffixes, offers
        self.name = "dir" if offers == "directories" else "file"


class Word(NonEmpty):
    """Text with known values, which a shell completes; others are allowed."""

    def __init__(self, values: Sequence[str] = (), offers: Offers = "values") -> None:
        """Name the values, or what else to offer."""
        self.values, self.offers = values, offers


class TextEncoding(Utf8):
    """An encoding of texts that Python knows, or ``auto``."""

    name = "encoding"
    values = ENCODINGS
    offers: Offers = "values"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the name, or fail."""
        name = super().convert(value, param, ctx)
        if not is_encoding(name):
            near = near_encodings(name)
            meant = f"; did you mean {' or '.join(near)}?" if near else ""
            known = "is not auto or an encoding that Python knows"
            self.fail(f"{quoted(name)} {known}{meant}", param, ctx)
        return name


def encoding_option(default: str = DEFAULT_ENCODING) -> Callable[[Command], Command]:
    """Return the option ``--encoding``; the help shows ``default``."""
    return click.option(
        "--encoding",
        type=TextEncoding(),
        metavar="NAME",
        help=f"Encoding of the text, such as cp949; auto finds it.  [default: {default}]",
    )


def number_in(limits: Range, kind: type[int] | type[float], value: Any) -> Any:
    """Return a number in a range.

    Raises:
        click.BadParameter: The value is not in the range.
    """
    try:
        number = kind(value)
    except (ValueError, OverflowError):
        number = None
    if number not in limits:
        raise click.BadParameter(f"{quoted(value)} is not {limits}")
    return number


class FiniteRange(Utf8):
    """A finite number in a range.

    The help does not show the range: the text of an option names a limit that users meet.
    """

    name = "x"

    def __init__(
        self,
        min: float = -math.inf,
        max: float | None = None,
        min_open: bool = False,
        max_open: bool = False,
    ) -> None:
        """Set the limits, each allowed itself unless it is open."""
        self.limits = Range(min, max, False, min_open, max_open)

    @classmethod
    def of(cls, limits: Range) -> FiniteRange:
        """Use the limits of the Python interface."""
        return cls(limits.low, limits.high, limits.low_open, limits.high_open)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, or fail."""
        return number_in(self.limits, float, value)


class WholeRange(Utf8):
    """A whole number in a range, which the help does not show."""

    name = "n"

    def __init__(self, min: int = 0, max: int | None = None) -> None:
        """Set the limits, each allowed itself."""
        self.limits = Range(min, max, whole=True)

    @classmethod
    def of(cls, limits: Range) -> WholeRange:
        """Use the limits of the Python interface."""
        return cls(int(limits.low), None if limits.high is None else int(limits.high))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, or fail."""
        return number_in(self.limits, int, value)


UTF8 = Utf8()
TEXT = NonEmpty()
FILE = PathName()
CONFIG = PathName(".yaml", ".yml")
MODEL = PathName(run_names.MODEL, offers="models")
MODEL_OR_LOG = PathName(run_names.MODEL, run_names.LOG, f"{run_names.LOG}.gz", offers="models")
HTML = PathName(".html", ".htm")
DIRECTORY = PathName(offers="directories")
PICTURE = PathName(".png", ".svg", ".pdf")
SETTING = Word(offers="settings")

overwrite_option = click.option("--overwrite", is_flag=True, help="Replace existing files.")

config_option = click.option(
    "--config", "config_path", type=CONFIG, metavar="FILE", required=True, help="The YAML config."
)

set_option = click.option(
    "--set",
    "overrides",
    type=SETTING,
    metavar="KEY=VALUE",
    multiple=True,
    help="Override a key, such as training.epochs=2; the value is YAML. Repeatable.",
)


def check_outputs(paths: Sequence[str | Path], overwrite: bool) -> None:
    """Refuse to replace files, before any work and before any of them is written.

    Args:
        paths: All files that a command is about to write.
        overwrite: Whether existing files may be replaced.

    Raises:
        UsageError: As ``existing_files``.
    """
    note_other_names(existing_files(paths, overwrite))


def note_other_names(paths: Sequence[str | Path]) -> None:
    """Print a note for each file to be replaced that has other names (hard links)."""
    for path in paths:
        if count := other_names(path):
            names = "another name" if count == 1 else f"{count} other names"
            note(f"{path}: has {names} (hard links), which will keep the old content")
