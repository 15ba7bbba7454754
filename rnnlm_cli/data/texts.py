"""The texts that a configuration names: train, valid and test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from msgspec import structs, to_builtins

from rnnlm_cli.config import Config, Mark, keys_marked
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.keys import fields_marked
from rnnlm_cli.config.schema import value_at
from rnnlm_cli.errors import UsageError, quoted, shortened
from rnnlm_cli.system.text_encodings import UTF8
from rnnlm_cli.text.cache import read_large_training_corpus
from rnnlm_cli.text.codec import CODECS
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.corpus import Corpus, Reading, held_out_start, next_beginning, read_corpus
from rnnlm_cli.text.held_out import characters_kept, cut_after
from rnnlm_cli.text.opened import NOT_REGULAR
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.reader import (
    STANDARD_INPUT,
    InlineText,
    Limits,
    Source,
    all_pieces,
)
from rnnlm_cli.text.sources.expand import expand
from rnnlm_cli.text.sources.named import File
from rnnlm_cli.text.sources.patterns import Pattern
from rnnlm_cli.text.vocabulary import Vocabulary, VocabularyLimits

SPLITS = fields_marked(CorpusConfig, Mark.TEXT)[::-1]
"""The keys of the texts, in the order in which an evaluation looks for one: test, valid, train."""

LIMITS = fields_marked(CorpusConfig, Mark.TEXT_LIMIT)
"""The keys of the limits on a text; see ``text/reader.py``."""

FORMS = fields_marked(CorpusConfig, Mark.TEXT_FORM)
"""The keys of how the files of the texts are written."""

MOST_NAMES = 100_000
"""Files and directories to look at for a text that only a checkpoint names."""


class TrainingTexts(NamedTuple):
    """The texts of a training.

    The codec and the vocabulary come from the training text, or from a model to train further.
    """

    codec: Codec
    vocabulary: Vocabulary
    train: Corpus
    valid: Corpus | None


def codec_of(config: Config) -> Codec:
    """Return the codec that a configuration asks for, not yet trained."""
    corpus = config.corpus
    codec = CODECS[corpus.unit](corpus.end_of_line, corpus.lowercase, corpus.normalize)
    return codec.planned(to_builtins(corpus.subword))


def limits_of(config: Config) -> Limits:
    """Return a configuration's limits on the text held in memory."""
    corpus = config.corpus
    return Limits(corpus.max_token_bytes, corpus.max_expansion, corpus.encoding)


def named_limits(config: Config, encoding: str | None) -> Limits:
    """Return the limits on a text that a user names beside a model.

    Its encoding belongs to it and not to the model: UTF-8, if the user does not name another.
    """
    return limits_of(config)._replace(encoding=encoding or UTF8, remedy="use {encoding}")


def files_of(config: Config, names: Source | Sequence[Source]) -> list[Source]:
    """Return the files of a text, see ``expand``.

    Raises:
        UsageError, CorpusError: As ``expand``.
    """
    several = [names] if isinstance(names, str | InlineText | File) else names
    return expand(several, config.corpus.field)


def given_tokens(config: Config) -> int:
    """Return the number of tokens at a text's beginning that are not predicted (see ``Corpus``)."""
    return 0 if config.reads_lines else 1


def predicts_ends(config: Config) -> bool:
    """Whether the ends of lines are predicted; a bidirectional model is given them."""
    return config.model.direction != "bidirectional"


def read_text(
    config: Config,
    names: Source | Sequence[Source],
    codec: Codec,
    vocabulary: Vocabulary,
    limits: Limits | None = None,
) -> Corpus:
    """Read a text as a configuration says, or within other limits, with a known vocabulary.

    Raises:
        UsageError, CorpusError: A file is missing, empty or not in its encoding.
    """
    limits = limits or limits_of(config)
    given, ends = given_tokens(config), predicts_ends(config)
    return read_corpus(files_of(config, names), codec, vocabulary, given, limits, ends)


def read_training_texts(
    config: Config,
    known: tuple[Codec, Vocabulary] | None = None,
    use_cache: bool = True,
    extend: bool = False,
) -> TrainingTexts:
    """Read the training text and, if the configuration has one, the validation text.

    Args:
        config: Names the texts.
        known: Codec and vocabulary of a model to train further; ``None`` makes both from the
            training text.
        use_cache: Cache the ids of a large training text next to it (see ``text/cache.py``).
        extend: Add the training text's new types to the known vocabulary.

    Raises:
        UsageError, CorpusError: A file is missing, empty or not UTF-8.
    """
    corpus, given = config.corpus, given_tokens(config)
    fraction = corpus.valid if isinstance(corpus.valid, float) else 0.0
    sources, text_limits = files_of(config, corpus.train), limits_of(config)
    codec, vocabulary = known or (codec_of(config), None)
    if known is None:
        codec = _trained(codec, sources, text_limits, fraction)
    ends = predicts_ends(config)
    # the token at both ends of each line that is read by itself
    edges = (codec.line_end,) if given == 0 and codec.line_end is not None else ()
    limits = VocabularyLimits(
        corpus.unknown, corpus.min_count, corpus.max_vocabulary, edges, known=codec.types
    )
    reading = Reading(codec, limits, fraction, vocabulary, given, text_limits, extend, ends)
    vocabulary, train, held_out = read_large_training_corpus(sources, reading, use_cache)
    if corpus.valid is None:
        return TrainingTexts(codec, vocabulary, train, None)
    if isinstance(corpus.valid, float):
        return TrainingTexts(codec, vocabulary, train, held_out)
    valid = read_text(config, corpus.valid, codec, vocabulary)
    return TrainingTexts(codec, vocabulary, train, valid)


def _trained(codec: Codec, sources: list[Source], limits: Limits, fraction: float) -> Codec:
    """Return a codec that has learned from the training text, without its held-out end.

    Raises:
        UsageError: The text is standard input, which cannot be read twice.
    """
    limits = codec.reading_limits(limits)
    read = partial(all_pieces, sources, limits)
    if STANDARD_INPUT in sources and (codec.learns or (codec.cut_by_characters and fraction)):
        raise UsageError(
            "corpus.train: is standard input, which cannot be read twice, and subwords are learned "
            "first; write the text to a file"
        )
    if codec.learns and codec.cut_by_characters and fraction:
        kept = characters_kept(read, fraction)
        return codec.train(part.piece for part in cut_after(read(), kept) if not part.held_out)
    return codec.train(read())


def read_split(config: Config, split: str | None, codec: Codec, vocabulary: Vocabulary) -> Corpus:
    """Read one of the texts to evaluate on.

    Args:
        config: Names the texts.
        split: ``train``, ``valid`` or ``test``; ``None`` for the first of test, valid and train
            that the configuration has.
        codec: The model's codec.
        vocabulary: The model's vocabulary.

    Raises:
        UsageError: The configuration has no such text, or the file is missing.
        CorpusError: The text is empty or not UTF-8.
    """
    sources, part = split_sources(config, split)
    if part is None:
        return read_text(config, sources, codec, vocabulary)
    texts = read_training_texts(config, (codec, vocabulary), use_cache=False)
    return texts.train if part == "train" or texts.valid is None else texts.valid


def split_sources(config: Config, split: str | None) -> tuple[list[str], str | None]:
    """Return the names of one of the texts, and the part of them that it is.

    If ``corpus.valid`` is a fraction, ``train`` and ``valid`` are parts of one text; otherwise the
    part is ``None``, the whole text.

    Raises:
        UsageError: The configuration has no such text.
    """
    chosen = choose_split(config, split)
    if isinstance(config.corpus.valid, float) and chosen != "test":
        return as_list(config.corpus.train), chosen
    return as_list(getattr(config.corpus, chosen)), None


def part_of_text(
    config: Config, codec: Codec, part: str, read: Callable[[], Iterator[Piece]]
) -> Iterator[Piece]:
    """Yield the text of the training part, or of the held-out end, of the training text.

    The text is cut at the same place as in ``read_training_texts``. A cut
    within a line makes two lines: the first, without its end, is the last line to train on; the
    rest is the first line held out.

    Args:
        config: Its ``corpus.valid`` is the fraction to hold out.
        codec: Splits the text into tokens.
        part: ``train`` or ``valid``.
        read: Reads the whole text; it is called up to three times.
    """
    assert isinstance(config.corpus.valid, float)
    if codec.cut_by_characters:
        parts = cut_after(read(), characters_kept(read, config.corpus.valid))
        yield from (piece for piece, held_out in parts if held_out == (part != "train"))
        return
    tokens = sum(len(codec.tokens(piece)) for piece in read())
    cut = held_out_start(tokens, config.corpus.valid)
    place = 0
    for piece in read():
        found = codec.tokens(piece)
        size = len(found)
        if place < cut < place + size:
            cut = place + next_beginning(codec, found.__getitem__, cut - place, size)
        if part == "train" and place == cut:
            return
        start, stop = (0, cut) if part == "train" else (cut, tokens)
        first, last = max(start - place, 0), min(stop - place, size)
        whole = (first, last) == (0, size)
        if whole or first < last:
            yield piece if whole else codec.part(piece, first, last)
        place += size


def choose_split(config: Config, split: str | None) -> str:
    """Return the named split, or the first of test, valid and train that the configuration has.

    Raises:
        UsageError: The configuration has no such text.
    """
    available = [name for name in SPLITS if getattr(config.corpus, name) is not None]
    if split is None:
        return available[0]
    if split not in available:
        raise UsageError(
            f"the model's configuration has no corpus.{split}; it has {', '.join(available)}",
            field="split",
            place=split,
            remedy="choose one of them, or name a text with {corpus}",
        )
    return split


def with_encoding(config: Config, encoding: str | None) -> Config:
    """Return a configuration with another encoding of its texts, if one is given."""
    if encoding is None:
        return config
    return structs.replace(config, corpus=structs.replace(config.corpus, encoding=encoding))


def with_texts_of(config: Config, other: Config | None) -> Config:
    """Return a configuration with the texts of another one, their limits and how they are written.

    Without another one it is returned as it is.
    """
    if other is None:
        return config
    texts = {name: getattr(other.corpus, name) for name in (*SPLITS, *LIMITS, *FORMS)}
    return structs.replace(config, corpus=structs.replace(config.corpus, **texts))


def with_field(config: Config, field: str | None) -> Config:
    """Return a configuration with another field of records, if one is given."""
    if field is None:
        return config
    return structs.replace(config, corpus=structs.replace(config.corpus, field=field))


def with_texts_of_checkpoint(
    config: Config, checkpoint: str, split: str | None, tell: Callable[[str], None]
) -> Config:
    """Return a configuration for reading a text that only a checkpoint names.

    The checkpoint may be untrusted. So the text must be a regular file, or a directory or a pattern
    with few names to look at; its name is announced before anything is read, and its limits are at
    most the default ones. Of a directory or a pattern only regular files are read in any case.

    Args:
        config: The checkpoint's configuration.
        checkpoint: The checkpoint's path.
        split: The text to read, as for ``choose_split``.
        tell: Called with the announcement.

    Raises:
        UsageError: The text does not exist, is standard input, a device, a pipe or a socket, or
            there are too many names to look at.
    """
    chosen = choose_split(config, split)
    sources, _ = split_sources(config, split)
    if chosen == "valid" and isinstance(config.corpus.valid, float):
        chosen = "train"
    for source in sources:
        if refused := _refused_name(source):
            raise UsageError(
                f"names {quoted(source)} as corpus.{chosen}, which {refused}",
                place=checkpoint,
                remedy="name the text yourself with {corpus}, or a config with {config}",
            )
    tell(f"reading {', '.join(map(shortened, sources))}, named by {checkpoint}")
    default = CorpusConfig(train="-")
    lowered = {name: min(getattr(config.corpus, name), getattr(default, name)) for name in LIMITS}
    return structs.replace(config, corpus=structs.replace(config.corpus, **lowered))


def is_training_text(config: Config, names: Sequence[str]) -> bool:
    """Whether a file of some texts is one of a model's training text, as a configuration names it.

    No directory is looked at that only the configuration names.
    """
    trained = [(name, Pattern.of(name)) for name in as_list(config.corpus.train)]
    whole = {os.path.realpath(name) for name, _ in trained}
    patterns = [pattern for _, pattern in trained if pattern is not None]
    for name in names:
        if name == STANDARD_INPUT:
            continue
        own = Pattern.of(name)
        files = [] if own is None else own.files()[0]
        if any(os.path.realpath(path) in whole for path in (name, *files)) or any(
            pattern.fits(path) for pattern in patterns for path in (files or [name])
        ):
            return True
    return False


def _refused_name(name: str) -> str:
    """Return why a name must not come from a checkpoint alone, or an empty string."""
    if name == STANDARD_INPUT:
        return "is standard input"
    if (pattern := Pattern.of(name)) is not None:
        try:
            pattern.files(MOST_NAMES)
        except UsageError as error:
            return str(error)
    elif os.path.exists(name) and not os.path.isfile(name):
        return NOT_REGULAR
    return ""


def input_names(config: Config) -> list[str]:
    """Return the name of everything that a training reads, without standard input."""
    named = [value_at(config, key) for key in keys_marked(Mark.INPUT)]
    paths = [path for value in named if isinstance(value, (str, list)) for path in as_list(value)]
    return [path for path in paths if path != STANDARD_INPUT]


def as_list(sources: str | list[str]) -> list[str]:
    """Return a path or a list of paths as a list."""
    return [sources] if isinstance(sources, str) else sources
