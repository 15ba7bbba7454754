"""Which text a command reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any, NamedTuple

import click

from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.models import AnyChosen, Chosen
from rnnlm_cli.commands.shared.options import FILE, TEXT, WholeRange, encoding_option
from rnnlm_cli.commands.shared.partners import excludes, needs, partners
from rnnlm_cli.config import Config
from rnnlm_cli.data.named import (
    files_of,
    is_training_text,
    limits_of,
    named_limits,
    split_sources,
    with_encoding,
    with_field,
    with_texts_of,
    with_texts_of_checkpoint,
)
from rnnlm_cli.data.texts import beginning, part_of_text, read_split, read_text
from rnnlm_cli.errors import UsageError
from rnnlm_cli.model.trained import TrainedNetwork
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.facts import form_note, found_notes, returns_note
from rnnlm_cli.text.normal import is_decomposed
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.reader import (
    STANDARD_INPUT,
    InlineText,
    Limits,
    Source,
    all_pieces,
    check_there,
    display_name,
    left_out_of,
    names_of,
    read_pieces,
)
from rnnlm_cli.text.sources.formats import holds_records


class WantedText(NamedTuple):
    """The text that a user wants to be read: a text of its own, or one of the config's.

    Attributes:
        corpus: A text of its own; ``None`` for one of the config's.
        field: The field of its records that is the text; ``None`` for that of the model's config.
        split: One of the config's texts; ``None`` for the default.
        encoding: Of the text; ``None`` for UTF-8, or the config's for one of its texts.
    """

    corpus: str | None = None
    field: str | None = None
    split: str | None = None
    encoding: str | None = None

    def read_with(self, config: Config, corpus: str) -> Config:
        """Return a model's configuration for reading ``corpus``; note if records are not read."""
        config = with_field(config, self.field)
        if config.corpus.field is None and holds_records(corpus):
            note(
                f"{corpus}: is read line by line, since corpus.field of the model's config is "
                "null; give --field NAME to read its records"
            )
        return config


def text_options(
    command: Callable[..., Any], default: str = "test, else valid, else train", records: bool = True
) -> Callable[..., Any]:
    """Add ``--corpus`` with ``--field``, ``--split``, and ``--encoding``.

    The command gets them as one: ``wanted``, a ``WantedText``.

    Args:
        command: The command.
        default: Which text is the default, for the help.
        records: Whether the text may be a field of records; without ``--field`` it may not.
    """

    @partners(excludes("--corpus", "--split"), *[needs("--field", "--corpus")] * records)
    @wraps(command)
    def gathered(
        *args: Any,
        corpus: str | None,
        split: str | None,
        encoding: str | None,
        field: str | None = None,
        **options: Any,
    ) -> Any:
        wanted = WantedText(corpus, field, split, encoding)
        return command(*args, wanted=wanted, **options)

    corpus_option = click.option(
        "--corpus",
        type=FILE,
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
    encoding = encoding_option("utf-8; the config's, for one of its texts")
    rest = split_option(encoding(gathered))
    return corpus_option(field_option(rest) if records else rest)


def chosen_text(
    chosen: Chosen, wanted: WantedText, noted: bool = True, tokens: int | None = None
) -> Corpus:
    """Read the text that the options name, in the model's vocabulary.

    Args:
        chosen: The model.
        wanted: The text.
        noted: Print notes on standard error about what is odd in the text.
        tokens: Read only its first lines, with this number of tokens.

    Raises:
        UsageError: No text is named.
        CorpusError: The text is empty or not in its encoding.
    """
    saved = chosen.saved
    if tokens is not None:
        first = first_lines(chosen, wanted, tokens)
        return read_text(saved.config, first, saved.codec, saved.vocabulary)
    if wanted.corpus is not None:
        config = wanted.read_with(saved.config, wanted.corpus)
        limits = named_limits(config, wanted.encoding)
        text = read_text(config, wanted.corpus, saved.codec, saved.vocabulary, limits)
    else:
        config = with_encoding(config_of_texts(chosen, wanted.split, noted), wanted.encoding)
        text = read_split(config, wanted.split, saved.codec, saved.vocabulary)
    if noted:
        for line in text.notes(saved.codec, saved.vocabulary):
            note(line)
    return text


def first_lines(chosen: Chosen, wanted: WantedText, tokens: int) -> InlineText:
    """Return the first lines of the text that the options name, with this number of tokens.

    Raises:
        UsageError: No text is named.
        CorpusError: The text is not in its encoding.
    """
    text = chosen_pieces(chosen, wanted)
    return InlineText(text.name, beginning(text.pieces, chosen.saved.codec, tokens))


def first_tokens_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--tokens``, without which all of a text is read."""
    return click.option(
        "--tokens",
        type=WholeRange(2),
        metavar="N",
        help="Read the text up to the line of its N-th token.  [default: all]",
    )(command)


def reads_training_text(chosen: AnyChosen, wanted: WantedText) -> bool:
    """Whether the options name a model's training text; not a part that was held out.

    Raises:
        UsageError: No text is named.
    """
    config = chosen.saved.config
    if wanted.corpus is not None:
        return is_training_text(config, [wanted.corpus])
    sources, part = split_sources(with_texts_of(config, chosen.config), wanted.split)
    return part != "valid" and is_training_text(config, sources)


def config_of_texts(chosen: AnyChosen, split: str | None, noted: bool = True) -> Config:
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


def chosen_pieces(chosen: Chosen, wanted: WantedText) -> ChosenPieces:
    """Return the text that the options name, to be read once.

    Raises:
        UsageError: No text is named, a file is missing, or it is a part of standard input.
    """
    saved, codec = chosen.saved, chosen.saved.codec
    if wanted.corpus is not None:
        sources = files_of(wanted.read_with(saved.config, wanted.corpus), wanted.corpus)
        check_there(sources)
        pieces = noted_pieces(sources, reading_limits(saved, wanted.encoding), saved)
        return ChosenPieces(names_of(sources), pieces, sources == [STANDARD_INPUT])
    config = with_encoding(config_of_texts(chosen, wanted.split), wanted.encoding)
    limits = codec.reading_limits(limits_of(config))
    names, part = split_sources(config, wanted.split)
    sources = files_of(config, names)
    check_there(sources)
    name = names_of(sources)
    if part is None:
        return ChosenPieces(name, noted_pieces(sources, limits, saved), sources == [STANDARD_INPUT])
    if STANDARD_INPUT in sources:
        raise UsageError(
            f"corpus.{part}: is a part of standard input, which cannot be read twice; give a text "
            "with --corpus"
        )
    pieces = part_of_text(config, codec, part, lambda: all_pieces(sources, limits))
    return ChosenPieces(name, pieces, False)


def reading_limits(saved: TrainedNetwork, encoding: str | None) -> Limits:
    """Return the limits for reading a text that a user names."""
    return saved.codec.reading_limits(named_limits(saved.config, encoding))


def noted_pieces(
    sources: Sequence[Source], limits: Limits, saved: TrainedNetwork
) -> Iterator[Piece]:
    """Read texts one after another for a model; print notes on what is left out and what is odd."""
    as_it_is = saved.codec.normalize is None
    found: list[tuple[str, str]] = []
    for line in left_out_of(sources):
        note(line)
    for source in sources:
        lines = returns = beyond = decomposed = 0
        for piece in read_pieces(source, limits, lambda *one: found.append(one)):
            lines += piece.ends_line
            returns += piece.text.count("\r")
            if as_it_is and not piece.text.isascii():
                beyond += 1
                decomposed += is_decomposed(piece.text)
            yield piece
        name = display_name(source)
        notes = returns_note(name, lines, returns)
        for line in notes + form_note(name, beyond, decomposed, saved.vocabulary):
            note(line)
    for line in found_notes(found):
        note(line)
