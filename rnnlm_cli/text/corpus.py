"""Texts as arrays of ids, one or two bytes a token where the vocabulary allows it."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text.reader import display_name, read_pieces
from rnnlm_cli.text.storage import InMemory, Storage, chunks, count
from rnnlm_cli.text.tokenizer import Tokenizer
from rnnlm_cli.text.vocabulary import Vocabulary, choose_vocabulary

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


class Types(dict[str, int]):
    """Ids by token; a token seen for the first time gets the next id."""

    def __missing__(self, token: str) -> int:
        number = self[token] = len(self)
        return number


@dataclass(frozen=True)
class VocabularyLimits:
    """What the vocabulary of a training text is made of (see ``choose_vocabulary``)."""

    unknown: str = "<unk>"
    min_count: int = 1
    max_vocabulary: int | None = None
    always: tuple[str, ...] = ()


def read_training_corpus(
    sources: Sequence[str],
    tokenizer: Tokenizer,
    limits: VocabularyLimits,
    valid_fraction: float = 0.0,
    vocabulary: Vocabulary | None = None,
    given: int = 1,
    storage: Storage | None = None,
) -> tuple[Vocabulary, Corpus, Corpus]:
    """Read a training text once: its vocabulary, its ids, and the ids of its held-out end.

    The vocabulary is that of the part that is trained on.

    Args:
        sources: Paths, or ``-``; read one after another as one text.
        tokenizer: How to cut.
        limits: What the vocabulary keeps.
        valid_fraction: This much of the text's end is held out.
        vocabulary: One to keep, of a model that is trained further; then ``limits`` do nothing.
        given: See ``Corpus``.
        storage: Where the ids are kept; memory by default.

    Raises:
        UsageError, CorpusError: A file is missing, empty or no UTF-8.
    """
    types = Types() if vocabulary is None else Types(vocabulary.index)
    storage = storage or InMemory()
    seen = storage.collect(_number_tokens(sources, tokenizer, types))
    for token in limits.always:  # known, though it may not stand in the text
        types[token]
    cut = len(seen) - round(len(seen) * valid_fraction)
    names = list(types)
    if cut == 0:
        raise CorpusError(
            f"{_name(sources)}: corpus.valid {valid_fraction:g} leaves nothing of {len(seen)} "
            "tokens to train on; lower it"
        )
    if vocabulary is None:
        counts = count(seen[:cut], len(names))
        vocabulary = choose_vocabulary(
            names,
            counts,
            limits.unknown,
            limits.min_count,
            limits.max_vocabulary,
            limits.always,
        )
    name = _name(sources)
    train_name = f"{name} without its end" if valid_fraction else name
    table = _ids_by_number(names, vocabulary)
    ids = storage.new_ids(len(seen), table.dtype)
    train = _known(train_name, seen[:cut], names, table, ids[:cut], tokenizer, vocabulary, given)
    end = f"the end of {name}"
    valid = _known(end, seen[cut:], names, table, ids[cut:], tokenizer, vocabulary, given)
    return vocabulary, train, valid


def read_corpus(
    sources: Sequence[str], tokenizer: Tokenizer, vocabulary: Vocabulary, given: int = 1
) -> Corpus:
    """Read a text in a known vocabulary; other tokens become the unknown one.

    Raises:
        UsageError, CorpusError: A file is missing, empty or no UTF-8.
    """
    types = Types(vocabulary.index)
    storage = InMemory()
    seen, names = storage.collect(_number_tokens(sources, tokenizer, types)), list(types)
    table = _ids_by_number(names, vocabulary)
    ids = storage.new_ids(len(seen), table.dtype)
    return _known(_name(sources), seen, names, table, ids, tokenizer, vocabulary, given)


def vocabulary_by_appearance(
    sources: Sequence[str], tokenizer: Tokenizer, unknown: str
) -> Vocabulary:
    """Number all types of a text as they first appear, as other programs do; none is left out.

    Raises:
        UsageError, CorpusError: A file is missing, empty or no UTF-8, or does not hold the
            unknown token.
    """
    types = Types()
    seen = InMemory().collect(_number_tokens(sources, tokenizer, types))
    if unknown not in types:
        raise CorpusError(
            f"{_name(sources)}: does not hold the unknown token {unknown}; name the one that "
            "stands for others with --unknown"
        )
    return Vocabulary(list(types), count(seen, len(types)), unknown)


def id_type(vocabulary_size: int) -> npt.DTypeLike:
    """Return the smallest unsigned type that holds all ids."""
    return np.min_scalar_type(max(vocabulary_size - 1, 0))


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


def _ids_by_number(types: Sequence[str], vocabulary: Vocabulary) -> Ids:
    """Return the vocabulary's id of each running number."""
    index, unknown = vocabulary.index, vocabulary.unknown_id
    found = (index.get(token, unknown) for token in types)
    return np.fromiter(found, id_type(len(vocabulary)), len(types))


def _known(
    name: str,
    numbers: npt.NDArray[np.uint32],
    types: Sequence[str],
    table: Ids,
    ids: Ids,
    tokenizer: Tokenizer,
    vocabulary: Vocabulary,
    given: int,
) -> Corpus:
    """Map the running numbers of types to the vocabulary's ids, and count those left out."""
    for chunk in chunks(len(numbers)):
        ids[chunk] = table[numbers[chunk]]
    times = count(numbers[given:], len(types))
    left_out = np.flatnonzero((table == vocabulary.unknown_id) & (times > 0)).tolist()
    of_each = [(int(times[k]), types[k]) for k in left_out if types[k] not in vocabulary]
    oov = sum(often for often, _ in of_each)
    characters = sum(often * tokenizer.characters(token) for often, token in of_each)
    size = sum(often * tokenizer.bytes(token) for often, token in of_each)
    return Corpus(name, ids, oov, characters, given, size)


def _name(sources: Sequence[str]) -> str:
    return ", ".join(map(display_name, sources))
