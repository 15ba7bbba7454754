"""Texts as arrays of ids, one or two bytes per token if the vocabulary allows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

import numpy as np
import numpy.typing as npt

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text.codec.base import LINE_END, Codec
from rnnlm_cli.text.codec.word import WordCodec
from rnnlm_cli.text.facts import TextFacts, text_notes
from rnnlm_cli.text.held_out import characters_kept
from rnnlm_cli.text.numbered import Counts, NumberedText
from rnnlm_cli.text.numbering import number_text
from rnnlm_cli.text.reader import (
    DEFAULT_LIMITS,
    Limits,
    Source,
    all_blocks,
    left_out_of,
    names_of,
)
from rnnlm_cli.text.storage import InMemory, Storage, Stored, chunks, sha256
from rnnlm_cli.text.target_sizes import TargetSizes, TextSize
from rnnlm_cli.text.together import number_together
from rnnlm_cli.text.vocabulary import (
    Vocabulary,
    VocabularyLimits,
    choose_vocabulary,
    extend_vocabulary,
)


@dataclass(frozen=True)
class Corpus:
    """A text as ids.

    Attributes:
        name: Its name in messages.
        ids: ``(N,)`` of the smallest unsigned type that holds the vocabulary.
        oov: Number of targets replaced by the unknown token.
        characters: Characters of the targets in the original text, see ``sizes.py``.
        given: Number of tokens at the beginning that are not targets. It is 1, because the first
            token has no context; or 0 if each line is read by itself.
        bytes: UTF-8 bytes of the targets in the original text.
        words: Words that begin in the targets, and ends of lines among them.
        targets: Number of targets.
        facts: Facts noticed while reading; empty for a held-out end, a part of another text.
        oov_types: Number of different tokens among the ``oov``.
    """

    name: str
    ids: Stored
    oov: int
    characters: int
    given: int = 1
    bytes: int = 0
    words: int = 0
    targets: int = 0
    facts: TextFacts = field(default_factory=TextFacts)
    oov_types: int = 0

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def size(self) -> TextSize:
        """The size of the targets."""
        return TextSize(self.characters, self.bytes, self.words, self.targets)

    @property
    def columns(self) -> tuple[Corpus, ...]:
        """All columns of the text that a model reads; only lines with tabs have several."""
        return (self,)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the ids, hexadecimal."""
        return sha256(self.ids).hexdigest()

    def notes(self, codec: Codec, vocabulary: Vocabulary | None = None) -> list[str]:
        """Return a sentence for each oddity of its columns, each once: they have files in common.

        Args:
            codec: The codec that split it.
            vocabulary: That of a model which did not learn from it; ``None`` if it did.
        """
        found = [text_notes(one.name, one.facts, codec, vocabulary) for one in self.columns]
        return list(dict.fromkeys(chain.from_iterable(found)))


@dataclass(frozen=True)
class Reading:
    """How a training text is read.

    Attributes:
        codec: Splits the text into tokens.
        limits: Which types the vocabulary keeps.
        valid_fraction: The fraction of the text's end to hold out.
        vocabulary: An existing vocabulary of a model to train further.
        extend: Whether to add the text's new types to that vocabulary, within ``limits``; else
            ``limits`` are ignored.
        given: See ``Corpus``.
        text_limits: Limits on the text held in memory.
        ends: With ``given`` 0, whether ends of lines are targets nevertheless; otherwise they are.
    """

    codec: Codec = field(default_factory=WordCodec)
    limits: VocabularyLimits = field(default_factory=VocabularyLimits)
    valid_fraction: float = 0.0
    vocabulary: Vocabulary | None = None
    given: int = 1
    text_limits: Limits = DEFAULT_LIMITS
    extend: bool = False
    ends: bool = False


def read_training_corpus(
    sources: Sequence[Source], reading: Reading, storage: Storage | None = None
) -> tuple[Vocabulary, Corpus, Corpus]:
    """Read a training text once: its vocabulary, its ids, and the ids of its held-out end.

    The vocabulary, or what is added to it, comes from the training part only.

    Args:
        sources: Read in order as one text.
        reading: How to read it.
        storage: Where to keep the ids, memory by default; and which processes read together.

    Raises:
        UsageError, CorpusError: A file is missing, empty or not UTF-8.
        CannotDivide: Several processes read, and a part has an error.
    """
    storage = storage or InMemory()
    text = _number_text(sources, reading, storage)
    name, fraction, tokens = names_of(sources), reading.valid_fraction, len(text)
    cut = text.cut
    if cut is None:
        start = held_out_start(tokens, fraction)
        cut = next_beginning(reading.codec, text.token_at, start, tokens)
    if cut == 0:
        raise CorpusError(
            f"{name}: corpus.valid {fraction:g} leaves none of {tokens} "
            "tokens to train on; lower it"
        )
    counts, rest = text.counts(0, cut), text.counts(cut, tokens)
    if reading.vocabulary is None:
        vocabulary = choose_vocabulary(*text.types(counts), reading.limits)
    elif reading.extend:
        vocabulary = extend_vocabulary(reading.vocabulary, *text.types(counts), reading.limits)
    else:
        vocabulary = reading.vocabulary
    known = _Known(text, reading, vocabulary)
    ids = storage.new_ids(tokens, known.dtype)
    train = known.corpus(f"{name} without its end" if fraction else name, 0, counts, ids[:cut])
    valid = known.corpus(f"the end of {name}", cut, rest, ids[cut:])
    facts = replace(text.facts(counts + rest), left_out=left_out_of(sources))
    storage.finish(ids, text.own(0, tokens))
    return vocabulary, replace(train, facts=facts), valid


def held_out_start(tokens: int, fraction: float) -> int:
    """Return where the held-out end of a text of ``tokens`` tokens begins, at the earliest."""
    return tokens - round(tokens * fraction)


def next_beginning(codec: Codec, token_at: Callable[[int], str], place: int, stop: int) -> int:
    """Return the first place, from ``place`` to ``stop``, at which a text may be cut.

    Args:
        codec: Knows between which tokens a text may be cut.
        token_at: Returns the token at an index.
        place: The index of a token.
        stop: The number of tokens.
    """
    while 0 < place < stop and not codec.begins(token_at(place - 1), token_at(place)):
        place += 1
    return place


def read_corpus(
    sources: Sequence[Source],
    codec: Codec,
    vocabulary: Vocabulary,
    given: int = 1,
    text_limits: Limits = DEFAULT_LIMITS,
    ends: bool = False,
) -> Corpus:
    """Read a text with a known vocabulary; other tokens become the unknown token.

    Raises:
        UsageError, CorpusError: A file is missing, empty or not UTF-8.
    """
    reading = Reading(codec, vocabulary=vocabulary, given=given, text_limits=text_limits, ends=ends)
    storage = InMemory()
    text = _number_text(sources, reading, storage)
    known, counts = _Known(text, reading, vocabulary), text.counts(0, len(text))
    ids = storage.new_ids(len(text), known.dtype)
    facts = replace(text.facts(counts), left_out=left_out_of(sources))
    return replace(known.corpus(names_of(sources), 0, counts, ids), facts=facts)


def vocabulary_by_appearance(sources: Sequence[Source], codec: Codec, unknown: str) -> Vocabulary:
    """Number all types of a text in order of first appearance, as other programs do.

    Raises:
        UsageError, CorpusError: A file is missing, empty or not UTF-8, or does not hold the
            unknown token.
    """
    limits = DEFAULT_LIMITS._replace(remedy="convert it to UTF-8 from")
    text = number_text(sources, codec, InMemory(), limits=limits)
    types, counts = text.types(text.counts(0, len(text)))
    there = np.flatnonzero(counts)
    if unknown not in types:
        raise CorpusError(
            f"does not hold the unknown token {unknown}",
            place=names_of(sources),
            remedy="name the token for unknown words with {unknown}",
        )
    return Vocabulary([types[k] for k in there], counts[there], unknown)


def id_type(vocabulary_size: int) -> npt.DTypeLike:
    """Return the smallest unsigned type that holds all ids."""
    return np.min_scalar_type(max(vocabulary_size - 1, 0))


def _number_text(sources: Sequence[Source], reading: Reading, storage: Storage) -> NumberedText:
    """Number a text's types; those of an existing vocabulary come first."""
    first = reading.vocabulary.tokens if reading.vocabulary else ()
    codec, limits, kept = reading.codec, reading.text_limits, None
    always = (*reading.limits.always, *reading.limits.known)
    if codec.cut_by_characters and reading.valid_fraction:
        kept = characters_kept(
            lambda: all_blocks(sources, codec.reading_limits(limits)), reading.valid_fraction
        )
    if storage.readers.size > 1:
        return number_together(sources, codec, storage, first, always, limits)
    return number_text(sources, codec, storage, first, always, limits, kept)


class _Known:
    """Turns the numbers of a text's types into ids."""

    def __init__(self, text: NumberedText, reading: Reading, vocabulary: Vocabulary) -> None:
        index, unknown = vocabulary.index, vocabulary.unknown_id  # looked up once, not per type
        self._text, self._reading, self._vocabulary = text, reading, vocabulary
        self._sizes = TargetSizes(text)
        self.dtype = np.dtype(id_type(len(vocabulary)))
        found = (index.get(token, unknown) for token in text.names)
        self._table = np.fromiter(found, self.dtype, len(text.names))
        if text.line_end is not None:
            self._table[text.line_end] = index.get(str(text.codec.end_of_line), unknown)

    def corpus(self, name: str, start: int, counts: Counts, ids: Stored) -> Corpus:
        """Write the ids of a part, and count its targets.

        Args:
            name: The part's name in messages.
            start: The index of its first token.
            counts: ``(types,)``, how often each type occurs in it.
            ids: ``(N,)``, to be filled where this process has the text.
        """
        text, stop, given = self._text, start + len(ids), self._reading.given
        own = text.own(start, stop)
        numbers, own_ids = text.of(own), ids[own.start - start : own.stop - start]
        for chunk in chunks(len(own)):
            own_ids[chunk] = self._table[np.asarray(numbers[chunk])]
        targets = counts.copy()
        for place in range(start, min(start + given, stop)):
            targets[text.number_at(place)] -= 1
        size = self._sizes.of(start, stop, targets, given, self._reading.ends)
        oov, types = self._oov(targets)
        return Corpus(
            name,
            ids,
            oov,
            size.characters,
            given,
            size.bytes,
            size.words,
            size.tokens,
            oov_types=types,
        )

    def _oov(self, targets: Counts) -> tuple[int, int]:
        """Count the targets outside the vocabulary, and their types.

        The unknown token itself does not count.
        """
        left_out = np.flatnonzero((self._table == self._vocabulary.unknown_id) & (targets > 0))
        unknown, end = self._vocabulary.unknown, self._text.codec.end_of_line
        itself = {unknown, LINE_END} if end == unknown else {unknown}
        literal = [k for k in map(int, left_out) if self._text.names[k] in itself]
        oov = int(targets[left_out].sum() - targets[literal].sum())
        return oov, len(left_out) - len(literal)
