"""Reads the texts of a configuration: train, valid and test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from msgspec import to_builtins

from rnnlm_cli.config import Config
from rnnlm_cli.data.named import files_of, limits_of, split_sources
from rnnlm_cli.errors import UsageError
from rnnlm_cli.text.cache import read_large_training_corpus
from rnnlm_cli.text.codec import CODECS
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.corpus import Corpus, Reading, held_out_start, next_beginning, read_corpus
from rnnlm_cli.text.held_out import characters_kept, cut_after
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.reader import (
    STANDARD_INPUT,
    Limits,
    Source,
    all_pieces,
)
from rnnlm_cli.text.readers import ONE, Readers
from rnnlm_cli.text.vocabulary import Vocabulary, VocabularyLimits


class TrainingTexts(NamedTuple):
    """The texts of a training.

    The codec, the vocabulary and the labels come from the training text, or from a model to train
    further.
    """

    codec: Codec
    vocabulary: Vocabulary
    train: Corpus
    valid: Corpus | None
    labels: tuple[str, ...] = ()


def codec_of(config: Config) -> Codec:
    """Return the codec that a configuration asks for, not yet trained."""
    corpus = config.corpus
    codec = CODECS[corpus.unit](corpus.end_of_line, corpus.lowercase, corpus.normalize)
    return codec.planned(to_builtins(corpus.subword))


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
    readers: Readers = ONE,
) -> TrainingTexts:
    """Read the training text and, if the configuration has one, the validation text.

    Args:
        config: Names the texts.
        known: Codec and vocabulary of a model to train further; ``None`` makes both from the
            training text.
        use_cache: Cache the ids of a large training text next to it (see ``text/cache.py``).
        extend: Add the training text's new types to the known vocabulary.
        readers: The processes that train together; a large training text they read together.

    Raises:
        UsageError, CorpusError: A file is missing, empty or not UTF-8.
    """
    corpus, given = config.corpus, given_tokens(config)
    fraction = corpus.valid if isinstance(corpus.valid, float) else 0.0
    sources, text_limits = files_of(config, corpus.train), limits_of(config)
    codec, vocabulary = known or (codec_of(config), None)
    if known is None:
        codec = trained_codec(codec, sources, text_limits, fraction)
    ends = predicts_ends(config)
    # the token at both ends of each line that is read by itself
    edges = (codec.line_end,) if given == 0 and codec.line_end is not None else ()
    limits = VocabularyLimits(
        corpus.unknown, corpus.min_count, corpus.max_vocabulary, edges, known=codec.types
    )
    reading = Reading(codec, limits, fraction, vocabulary, given, text_limits, extend, ends)
    vocabulary, train, held_out = read_large_training_corpus(sources, reading, use_cache, readers)
    if corpus.valid is None:
        return TrainingTexts(codec, vocabulary, train, None)
    if isinstance(corpus.valid, float):
        return TrainingTexts(codec, vocabulary, train, held_out)
    valid = read_text(config, corpus.valid, codec, vocabulary)
    return TrainingTexts(codec, vocabulary, train, valid)


def trained_codec(codec: Codec, sources: list[Source], limits: Limits, fraction: float) -> Codec:
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


def beginning(pieces: Iterable[Piece], codec: Codec, tokens: int) -> str:
    """Return the first lines of a text that have a number of tokens; no more of it is read.

    Of a long line only these tokens are returned, since it may be the whole text.

    Args:
        pieces: The text.
        codec: Splits it into tokens.
        tokens: How many are needed.
    """
    found: list[str] = []
    count = 0
    for piece in pieces:
        size = len(codec.tokens(piece))
        if size > 2 * tokens:
            piece = codec.part(piece, 0, tokens - count)
        found.append(piece.text + "\n" * (piece.ends_line and not piece.text.endswith("\n")))
        count += size
        if count >= tokens:
            break
    return "".join(found)


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
