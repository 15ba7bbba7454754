"""Which text a command reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any, NamedTuple

import click

from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.models import Chosen
from rnnlm_cli.commands.shared.options import TEXT
from rnnlm_cli.commands.shared.partners import excludes, needs, partners
from rnnlm_cli.config import Config
from rnnlm_cli.data.texts import (
    all_pieces,
    files_of,
    limits_of,
    part_of_text,
    read_split,
    read_text,
    split_sources,
    with_field,
    with_texts_of,
    with_texts_of_checkpoint,
)
from rnnlm_cli.errors import UsageError
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.facts import returns_note, text_notes
from rnnlm_cli.text.reader import (
    STANDARD_INPUT,
    Limits,
    Piece,
    Source,
    display_name,
    left_out_of,
    names_of,
    read_pieces,
)
from rnnlm_cli.text.sources.formats import holds_records


class GivenText(NamedTuple):
    """A text that a user names."""

    path: str
    field: str | None  # of each record; None for that of the model's config

    def read_with(self, config: Config) -> Config:
        """Return a model's configuration for reading this text; note if records are not read."""
        config = with_field(config, self.field)
        if config.corpus.field is None and holds_records(self.path):
            note(
                f"{self.path}: is read line by line, since corpus.field of the model's config is "
                "null; give --field NAME to read its records"
            )
        return config


def text_options(
    command: Callable[..., Any], default: str = "test, else valid, else train"
) -> Callable[..., Any]:
    """Add ``--corpus`` with ``--field``, and ``--split``; the help shows ``default``.

    The command gets the first two as one: ``corpus``, a ``GivenText`` or ``None``.
    """

    @partners(excludes("--corpus", "--split"), needs("--field", "--corpus"))
    @wraps(command)
    def checked(*args: Any, corpus: str | None, field: str | None, **options: Any) -> Any:
        text = None if corpus is None else GivenText(corpus, field)
        return command(*args, corpus=text, **options)

    corpus_option = click.option(
        "--corpus",
        type=TEXT,
        metavar="FILE",
        help="Text to read: a file, a directory, a pattern, or - for standard input.",
    )
    field_option = click.option(
        "--field",
        type=TEXT,
        metavar="NAME",
        help="Field that is the text, in FILE.jsonl, .csv, .tsv or .parquet.  [default: as in the "
        "model's config]",
    )
    split_option = click.option(
        "--split",
        type=click.Choice(["train", "valid", "test"]),
        help=f"One of the config's texts.  [default: {default}]",
    )
    return corpus_option(field_option(split_option(checked)))


def chosen_text(
    chosen: Chosen, corpus: GivenText | None, split: str | None, noted: bool = True
) -> Corpus:
    """Read the text that the options name, in the model's vocabulary.

    Args:
        chosen: The model.
        corpus: The text that is named itself.
        split: One of the config's texts.
        noted: Print notes on standard error about what is odd in the text.

    Raises:
        UsageError: No text is named.
        CorpusError: The text is empty or not UTF-8.
    """
    saved = chosen.saved
    if corpus:
        config = corpus.read_with(saved.config)
        text = read_text(config, corpus.path, saved.codec, saved.vocabulary)
    else:
        config = config_of_texts(chosen, split, noted)
        text = read_split(config, split, saved.codec, saved.vocabulary)
    for line in text_notes(text.name, text.facts, saved.codec) if noted else ():
        note(line)
    return text


def config_of_texts(chosen: Chosen, split: str | None, noted: bool = True) -> Config:
    """Return the config that names the text to read.

    Raises:
        UsageError: No text is named, or only a checkpoint names it and it is not a regular file.
    """
    config = with_texts_of(chosen.saved.config, chosen.config)
    if chosen.texts_of is None:
        return config
    return with_texts_of_checkpoint(config, chosen.texts_of, split, note if noted else unsaid)


def unsaid(line: str) -> None:
    """Omit a note: it was printed before."""


class ChosenPieces(NamedTuple):
    """A text that is read while it is processed."""

    name: str
    pieces: Iterator[Piece]
    live: bool  # standard input: each line is answered as it arrives


def chosen_pieces(chosen: Chosen, corpus: GivenText | None, split: str | None) -> ChosenPieces:
    """Return the text that the options name, to be read once.

    Raises:
        UsageError: No text is named, or it is a part of standard input.
    """
    if corpus:
        sources = files_of(corpus.read_with(chosen.saved.config), corpus.path)
        pieces = noted_pieces(sources, reading_limits(chosen.saved))
        return ChosenPieces(names_of(sources), pieces, sources == [STANDARD_INPUT])
    config = config_of_texts(chosen, split)
    codec = chosen.saved.codec
    limits = codec.reading_limits(limits_of(config))
    names, part = split_sources(config, split)
    sources = files_of(config, names)
    name = names_of(sources)
    if part is None:
        return ChosenPieces(name, noted_pieces(sources, limits), sources == [STANDARD_INPUT])
    if STANDARD_INPUT in sources:
        raise UsageError(
            f"corpus.{part}: is a part of standard input, which cannot be read twice; give a text "
            "with --corpus"
        )
    pieces = part_of_text(config, codec, part, lambda: all_pieces(sources, limits))
    return ChosenPieces(name, pieces, False)


def reading_limits(saved: TrainedModel) -> Limits:
    """Return the limits for reading a text that a user names."""
    return saved.codec.reading_limits(limits_of(saved.config))


def noted_pieces(sources: Sequence[Source], limits: Limits) -> Iterator[Piece]:
    """Read texts one after another; print notes on what is left out, and on odd line ends."""
    for line in left_out_of(sources):
        note(line)
    for source in sources:
        lines = returns = 0
        for piece in read_pieces(source, limits):
            lines += piece.ends_line
            returns += piece.text.count("\r")
            yield piece
        for line in returns_note(display_name(source), lines, returns):
            note(line)
