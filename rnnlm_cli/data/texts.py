"""The texts that a configuration names: train, valid and test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from msgspec import structs

from rnnlm_cli.config import Config, Mark, keys_marked
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.keys import fields_marked
from rnnlm_cli.config.schema import value_at
from rnnlm_cli.errors import UsageError, quoted, shortened
from rnnlm_cli.text.cache import read_large_training_corpus
from rnnlm_cli.text.codec import CODECS
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.corpus import Corpus, Reading, held_out_start, read_corpus
from rnnlm_cli.text.opened import NOT_REGULAR
from rnnlm_cli.text.reader import STANDARD_INPUT, InlineText, Limits, Piece, Source, read_pieces
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
    return CODECS[corpus.unit](corpus.end_of_line, corpus.lowercase)


def limits_of(config: Config) -> Limits:
    """Return a configuration's limits on the text held in memory."""
    return Limits(config.corpus.max_token_bytes, config.corpus.max_expansion)


def files_of(config: Config, names: Source | Sequence[Source]) -> list[Source]:
    """Return the files of a text, see ``expand``.

    Raises:
        UsageError, CorpusError: As ``expand``.
    """
    several = [names] if isinstance(names, str | InlineText | File) else names
    return expand(several, config.corpus.field)


def all_pieces(sources: Iterable[Source], limits: Limits) -> Iterator[Piece]:
    """Read texts one after another; open each only when the one before is finished."""
    return chain.from_iterable(read_pieces(source, limits) for source in sources)


def given_tokens(config: Config) -> int:
    """Return the number of tokens at a text's beginning that are not predicted (see ``Corpus``)."""
    return 0 if config.model.direction == "bidirectional" else 1


def read_text(
    config: Config, names: Source | Sequence[Source], codec: Codec, vocabulary: Vocabulary
) -> Corpus:
    """Read a text as a configuration says, with a known vocabulary.

    Raises:
        UsageError, CorpusError: A file is missing, empty or not UTF-8.
    """
    given, limits = given_tokens(config), limits_of(config)
    return read_corpus(files_of(config, names), codec, vocabulary, given, limits)


def read_training_texts(
    config: Config, known: tuple[Codec, Vocabulary] | None = None, use_cache: bool = True
) -> TrainingTexts:
    """Read the training text and, if the configuration has one, the validation text.

    Args:
        config: Names the texts.
        known: Codec and vocabulary of a model to train further; ``None`` makes both from the
            training text.
        use_cache: Cache the ids of a large training text next to it (see ``text/cache.py``).

    Raises:
        UsageError, CorpusError: A file is missing, empty or not UTF-8.
    """
    corpus, given = config.corpus, given_tokens(config)
    # the token at both ends of each line that is read by itself
    edges = (corpus.end_of_line,) if given == 0 and corpus.end_of_line else ()
    limits = VocabularyLimits(corpus.unknown, corpus.min_count, corpus.max_vocabulary, edges)
    fraction = corpus.valid if isinstance(corpus.valid, float) else 0.0
    sources, text_limits = files_of(config, corpus.train), limits_of(config)
    codec, vocabulary = known or (codec_of(config), None)
    if known is None:
        codec = codec.train(all_pieces(sources, codec.reading_limits(text_limits)))
    reading = Reading(codec, limits, fraction, vocabulary, given, text_limits)
    vocabulary, train, held_out = read_large_training_corpus(sources, reading, use_cache)
    if corpus.valid is None:
        return TrainingTexts(codec, vocabulary, train, None)
    if isinstance(corpus.valid, float):
        return TrainingTexts(codec, vocabulary, train, held_out)
    valid = read_text(config, corpus.valid, codec, vocabulary)
    return TrainingTexts(codec, vocabulary, train, valid)


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

    The text is cut between two tokens, at the same place as in ``read_training_texts``. A cut
    within a line makes two lines: the first, without its end, is the last line to train on; the
    rest is the first line held out.

    Args:
        config: Its ``corpus.valid`` is the fraction to hold out.
        codec: Splits the text into tokens.
        part: ``train`` or ``valid``.
        read: Reads the whole text; it is called twice.
    """
    tokens = sum(len(codec.tokens(piece)) for piece in read())
    assert isinstance(config.corpus.valid, float)
    cut = held_out_start(tokens, config.corpus.valid)
    start, stop = (0, cut) if part == "train" else (cut, None)
    place = 0
    for piece in read():
        if place == stop:
            return
        size = len(codec.tokens(piece))
        first = max(start - place, 0)
        last = size if stop is None else min(stop - place, size)
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
