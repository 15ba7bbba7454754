"""Which text a command reads."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from rnnlm_cli.commands.models import Chosen
from rnnlm_cli.commands.options import TEXT
from rnnlm_cli.splits import read_split, read_text, split_sources, with_texts_of
from rnnlm_cli.text.corpus import Corpus


def text_options(
    command: Callable[..., Any], default: str = "test, else valid, else train"
) -> Callable[..., Any]:
    """Add ``--corpus`` and ``--split``, of which one is enough; ``default`` is told in the help."""

    @wraps(command)
    def checked(*args: Any, corpus: str | None, split: str | None, **options: Any) -> Any:
        if corpus and split:
            raise click.UsageError("--corpus and --split exclude each other")
        return command(*args, corpus=corpus, split=split, **options)

    corpus_option = click.option(
        "--corpus", type=TEXT, metavar="FILE", help="Text to read; - is standard input."
    )
    split_option = click.option(
        "--split",
        type=click.Choice(["train", "valid", "test"]),
        help=f"One of the config's texts  [default: {default}]",
    )
    return corpus_option(split_option(checked))


def chosen_text(chosen: Chosen, corpus: str | None, split: str | None) -> Corpus:
    """Read the text that the options name, in the model's vocabulary.

    Raises:
        UsageError: There is none.
        CorpusError: It is empty or no UTF-8.
    """
    saved = chosen.saved
    if corpus:
        return read_text(saved.config, corpus, saved.vocabulary)
    return read_split(with_texts_of(saved.config, chosen.config), split, saved.vocabulary)


def chosen_sources(chosen: Chosen, corpus: str | None, split: str | None) -> list[str]:
    """Return the files of the text that the options name.

    Raises:
        UsageError: There is none.
    """
    if corpus:
        return [corpus]
    return split_sources(with_texts_of(chosen.saved.config, chosen.config), split)
