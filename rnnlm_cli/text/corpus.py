"""Texts as arrays of ids, one or two bytes a token where the vocabulary allows it."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text.reader import display_name, read_pieces
from rnnlm_cli.text.storage import InMemory, Storage, chunks, count
from rnnlm_cli.text.tokenizer import Tokenizer
from rnnlm_cli.text.vocabulary import Vocabulary, VocabularyLimits, choose_vocabulary

Ids = npt.NDArray[Any]
"""Token ids, any integer type."""


PART = 1 << 20
"""Tokens that are numbered before they are handed on."""


@dataclass(frozen=True)
class Corpus:
    """A text as ids.

    Attributes:
        name: What messages call it.
        ids: ``(N,)`` of the smallest unsigned type that holds the vocabulary.
        oov: How many of the targets are the unknown token in place of another.
        oov_characters: The characters of those tokens as the text has them.
        given: How many tokens at the beginning are no targets: 1, for there is nothing that the
            first could be predicted from; 0 where each line is read for itself.
        oov_bytes: The bytes of the tokens that ``oov_characters`` counts.
    """

    name: str
    ids: Ids
    oov: int
    oov_characters: int
    given: int = 1
    oov_bytes: int = 0

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the ids, hexadecimal."""
        return hashlib.sha256(self.ids.data).hexdigest()


class Types(dict[str, int]):
    """Ids by token; a token seen for the first time gets the next id."""

    def __missing__(self, token: str) -> int:
        number = self[token] = len(self)
        return number


@dataclass(frozen=True)
class Reading:
    """How a training text is read.

    Attributes:
        tokenizer: How to cut.
        limits: What the vocabulary keeps.
        valid_fraction: This much of the text's end is held out.
        vocabulary: One to keep, of a model that is trained further; then ``limits`` do nothing.
        given: See ``Corpus``.
    """

    tokenizer: Tokenizer = field(default_factory=Tokenizer)
    limits: VocabularyLimits = field(default_factory=VocabularyLimits)
    valid_fraction: float = 0.0
    vocabulary: Vocabulary | None = None
    given: int = 1


def read_training_corpus(
    sources: Sequence[str], reading: Reading, storage: Storage | None = None
) -> tuple[Vocabulary, Corpus, Corpus]:
    """Read a training text once: its vocabulary, its ids, and the ids of its held-out end.

    The vocabulary is that of the part that is trained on.

    Args:
        sources: Paths, or ``-``; read one after another as one text.
        reading: How.
        storage: Where the ids are kept; memory by default.

    Raises:
        UsageError, CorpusError: A file is missing, empty or no UTF-8.
    """
    storage = storage or InMemory()
    seen, names = _number_text(sources, reading, storage)
    name, fraction = _name(sources), reading.valid_fraction
    cut = len(seen) - round(len(seen) * fraction)
    if cut == 0:
        raise CorpusError(
            f"{name}: corpus.valid {fraction:g} leaves nothing of {len(seen)} "
            "tokens to train on; lower it"
        )
    vocabulary = reading.vocabulary or choose_vocabulary(
        names, count(seen[:cut], len(names)), reading.limits
    )
    known = _Known(names, reading, vocabulary)
    ids = storage.new_ids(len(seen), known.dtype)
    train = known.corpus(f"{name} without its end" if fraction else name, seen[:cut], ids[:cut])
    return vocabulary, train, known.corpus(f"the end of {name}", seen[cut:], ids[cut:])


def read_corpus(
    sources: Sequence[str], tokenizer: Tokenizer, vocabulary: Vocabulary, given: int = 1
) -> Corpus:
    """Read a text in a known vocabulary; other tokens become the unknown one.

    Raises:
        UsageError, CorpusError: A file is missing, empty or no UTF-8.
    """
    reading, storage = Reading(tokenizer, vocabulary=vocabulary, given=given), InMemory()
    seen, names = _number_text(sources, reading, storage)
    known = _Known(names, reading, vocabulary)
    return known.corpus(_name(sources), seen, storage.new_ids(len(seen), known.dtype))


def vocabulary_by_appearance(
    sources: Sequence[str], tokenizer: Tokenizer, unknown: str
) -> Vocabulary:
    """Number all types of a text as they first appear, as other programs do; none is left out.

    Raises:
        UsageError, CorpusError: A file is missing, empty or no UTF-8, or does not hold the
            unknown token.
    """
    seen, types = _number_text(sources, Reading(tokenizer), InMemory())
    if unknown not in types:
        raise CorpusError(
            f"{_name(sources)}: does not hold the unknown token {unknown}; name the one that "
            "stands for others with --unknown"
        )
    return Vocabulary(types, count(seen, len(types)), unknown)


def id_type(vocabulary_size: int) -> npt.DTypeLike:
    """Return the smallest unsigned type that holds all ids."""
    return np.min_scalar_type(max(vocabulary_size - 1, 0))


def _number_text(
    sources: Sequence[str], reading: Reading, storage: Storage
) -> tuple[npt.NDArray[np.uint32], list[str]]:
    """Return the running number of each token, and the types by number.

    The types of a vocabulary that is kept come first. The dictionary is gone afterwards: with ten
    million types it is the largest thing in memory.
    """
    types = Types() if reading.vocabulary is None else Types(reading.vocabulary.index)
    seen = storage.collect(_number_tokens(sources, reading.tokenizer, types))
    for token in reading.limits.always:  # known, though it may not stand in the text
        types[token]
    return seen, list(types)


def _number_tokens(
    sources: Sequence[str], tokenizer: Tokenizer, types: Types
) -> Iterator[array[int]]:
    """Number the tokens of a text, a part at a time; ``types`` grows by the new ones."""
    for source in sources:
        empty, numbers = True, array("I")
        for piece in read_pieces(source):
            numbers.extend(map(types.__getitem__, tokenizer.tokens(piece)))
            if len(numbers) >= PART:
                yield numbers
                empty, numbers = False, array("I")
        if empty and not numbers:
            raise CorpusError(f"{display_name(source)}: the text is empty; name one with tokens")
        yield numbers


class _Known:
    """Makes ids of the running numbers of a text's types."""

    def __init__(self, types: Sequence[str], reading: Reading, vocabulary: Vocabulary) -> None:
        index, unknown = vocabulary.index, vocabulary.unknown_id  # looked up once, not by type
        self._types, self._vocabulary = types, vocabulary
        self._tokenizer, self._given = reading.tokenizer, reading.given
        self.dtype = np.dtype(id_type(len(vocabulary)))
        found = (index.get(token, unknown) for token in types)
        self._table = np.fromiter(found, self.dtype, len(types))

    def corpus(self, name: str, numbers: npt.NDArray[np.uint32], ids: Ids) -> Corpus:
        """Write the ids of these numbers, and count the types that are left out."""
        for chunk in chunks(len(numbers)):
            ids[chunk] = self._table[numbers[chunk]]
        times = count(numbers[self._given :], len(self._types))
        unknown = (self._table == self._vocabulary.unknown_id) & (times > 0)
        oov = characters = size = 0
        for k in map(int, np.flatnonzero(unknown)):  # may be millions: no list of them
            often, token = int(times[k]), self._types[k]
            if token == self._vocabulary.unknown:  # as it stands in the text
                continue
            oov += often
            characters += often * self._tokenizer.characters(token)
            size += often * self._tokenizer.bytes(token)
        return Corpus(name, ids, oov, characters, self._given, size)


def _name(sources: Sequence[str]) -> str:
    return ", ".join(map(display_name, sources))
