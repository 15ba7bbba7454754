"""Shared by the pictures of what a model learned: which text they read, and what they write."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click

from rnnlm_cli.commands.shared.models import Chosen, choose_model, model_options
from rnnlm_cli.commands.shared.options import PICTURE, UTF8, WholeRange, check_outputs
from rnnlm_cli.commands.shared.options import overwrite_option as overwrite
from rnnlm_cli.commands.shared.partners import excludes, partners
from rnnlm_cli.commands.shared.pictures import note_picture
from rnnlm_cli.commands.shared.texts import (
    WantedText,
    chosen_pieces,
    reading_limits,
    text_options,
)
from rnnlm_cli.errors import UsageError, shortened
from rnnlm_cli.learned.excerpt import Excerpt, read_excerpt
from rnnlm_cli.report.charts import Sheet, paint_sheet, texts_of
from rnnlm_cli.report.figure import check_picture, paint
from rnnlm_cli.report.page import Page, paint_page
from rnnlm_cli.text.reader import InlineText, read_pieces

Command = Callable[..., Any]

TYPED = "the text"
"""What a text is called that is an argument."""


def picture_options(name: str) -> Callable[[Command], Command]:
    """Add ``--out``, by default ``NAME.png``, ``--overwrite`` and ``--json``.

    Before the command runs it is checked that the picture can be written.
    """

    def decorate(command: Command) -> Command:
        @wraps(command)
        def checked(*args: Any, out: str, overwrite: bool, **options: Any) -> Any:
            check_picture(out)
            check_outputs([out], overwrite)
            return command(*args, out=out, overwrite=overwrite, **options)

        out_option = click.option(
            "--out",
            type=PICTURE,
            metavar="FILE",
            default=f"{name}.png",
            show_default=True,
            help="Picture, PNG, SVG or PDF.",
        )
        json_option = click.option(
            "--json", "as_json", is_flag=True, help="Print all figures as one JSON object."
        )
        return out_option(overwrite(json_option(checked)))

    return decorate


def excerpt_options(tokens: int, most: int, why: str) -> Callable[[Command], Command]:
    """Add the argument TEXT, the options of a model and of a text, and ``--tokens``.

    Args:
        tokens: The default of ``--tokens``.
        most: Its maximum.
        why: Its help.
    """

    def decorate(command: Command) -> Command:
        argument = click.argument("text", type=UTF8, required=False)
        count = click.option(
            "--tokens", type=WholeRange(2, most), default=tokens, show_default=True, help=why
        )
        alone = partners(excludes("text", "--corpus --split --encoding", because="it is the text"))
        return argument(model_options(text_options(count(alone(command)))))

    return decorate


def with_excerpt(command: Command) -> Command:
    """Give a command ``chosen`` and ``excerpt`` instead of what ``excerpt_options`` adds.

    ``excerpt()`` reads the text. Put it below all other decorators: their checks come first.
    """

    @wraps(command)
    def looking(
        text: str | None,
        checkpoint_path: str | None,
        config_path: str | None,
        wanted: WantedText,
        tokens: int,
        **options: Any,
    ) -> Any:
        chosen = choose_model(checkpoint_path, config_path)
        excerpt = partial(chosen_excerpt, chosen, text, wanted, tokens)
        return command(chosen=chosen, excerpt=excerpt, **options)

    return looking


def chosen_excerpt(chosen: Chosen, text: str | None, wanted: WantedText, tokens: int) -> Excerpt:
    """Return the beginning of the text that is given or named.

    Raises:
        UsageError: No text is named, it has no token, or the argument names a file.
        CorpusError: The text is empty or not in its encoding.
    """
    if text is None:
        pieces = chosen_pieces(chosen, wanted).pieces
    elif os.path.isfile(text):
        raise UsageError(
            "is a file, and the argument is the text itself",
            place=shortened(text),
            remedy="name a file with {corpus}",
        )
    else:
        pieces = read_pieces(InlineText(TYPED, text), reading_limits(chosen.saved, None))
    return read_excerpt(chosen.saved, pieces, tokens)


def model_name(chosen: Chosen) -> str:
    """Return what a model is called in a picture."""
    return Path(chosen.path).name


def draw_page(out: str, page: Page, replace: bool) -> None:
    """Write a page of colored text, and say so."""
    text = "".join(words.text for words in page.words)
    missing = paint(
        out,
        lambda figure: paint_page(figure, page),
        replace,
        text=text,
        layout=None,
        dark=False,
    )
    note_picture(out, missing)


def draw_sheet(out: str, sheet: Sheet, replace: bool) -> None:
    """Write a sheet of charts, and say so."""
    missing = paint(out, lambda figure: paint_sheet(figure, sheet), replace, text=texts_of(sheet))
    note_picture(out, missing)
