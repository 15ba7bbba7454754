"""Which text a command reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import click

from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.models import Chosen
from rnnlm_cli.commands.shared.options import TEXT
from rnnlm_cli.commands.shared.partners import excludes, partners
from rnnlm_cli.config import Config
from rnnlm_cli.data.texts import (
    is_training_text,
    limits_of,
    part_of_text,
    read_split,
    read_text,
    split_sources,
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
    all_pieces,
    display_name,
    read_pieces,
)


def text_options(
    command: Callable[..., Any], default: str = "test, else valid, else train"
) -> Callable[..., Any]:
    """Add ``--corpus`` and ``--split``, which exclude each other; the help shows ``default``."""
    checked = partners(excludes("--corpus", "--split"))(command)
    corpus_option = click.option(
        "--corpus", type=TEXT, metavar="FILE", help="Text to read; - is standard input."
    )
    split_option = click.option(
        "--split",
        type=click.Choice(["train", "valid", "test"]),
        help=f"One of the config's texts.  [default: {default}]",
    )
    return corpus_option(split_option(checked))


def chosen_text(
    chosen: Chosen, corpus: str | None, split: str | None, noted: bool = True
) -> Corpus:
    """Read the text that the options name, in the model's vocabulary.

    Args:
        chosen: The model.
        corpus: A path, or ``-``.
        split: One of the config's texts.
        noted: Print notes on standard error about what is odd in the text.

    Raises:
        UsageError: No text is named.
        CorpusError: The text is empty or not UTF-8.
    """
    saved = chosen.saved
    if corpus:
        text = read_text(saved.config, corpus, saved.codec, saved.vocabulary)
    else:
        config = config_of_texts(chosen, split, noted)
        text = read_split(config, split, saved.codec, saved.vocabulary)
    for line in text_notes(text.name, text.facts, saved.codec) if noted else ():
        note(line)
    return text


def reads_training_text(chosen: Chosen, corpus: str | None, split: str | None) -> bool:
    """Whether the options name a model's training text; not a part that was held out.

    Raises:
        UsageError: No text is named.
    """
    config = chosen.saved.config
    if corpus:
        return is_training_text(config, [corpus])
    sources, part = split_sources(with_texts_of(config, chosen.config), split)
    return part != "valid" and is_training_text(config, sources)


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


def chosen_pieces(chosen: Chosen, corpus: str | None, split: str | None) -> ChosenPieces:
    """Return the text that the options name, to be read once.

    Raises:
        UsageError: No text is named, or it is a part of standard input.
    """
    if corpus:
        pieces = noted_pieces([corpus], reading_limits(chosen.saved))
        return ChosenPieces(display_name(corpus), pieces, corpus == STANDARD_INPUT)
    config = config_of_texts(chosen, split)
    codec = chosen.saved.codec
    limits = codec.reading_limits(limits_of(config))
    sources, part = split_sources(config, split)
    name = ", ".join(map(display_name, sources))
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


def noted_pieces(sources: Iterable[str], limits: Limits) -> Iterator[Piece]:
    """Read texts one after another; print a note at the end of one whose line ends look wrong."""
    for source in sources:
        lines = returns = 0
        for piece in read_pieces(source, limits):
            lines += piece.ends_line
            returns += piece.text.count("\r")
            yield piece
        for line in returns_note(display_name(source), lines, returns):
            note(line)
