"""Notes and warnings about the texts of a training, given before the first step."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnnlm_cli.config import Config
from rnnlm_cli.config.schema import value_at
from rnnlm_cli.data.columns import Lines
from rnnlm_cli.data.named import files_of
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.errors import RnnlmError
from rnnlm_cli.evaluate.cautions import TOO_MANY
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.facts import unsegmented_warning
from rnnlm_cli.text.reader import Source, file_of, names_of
from rnnlm_cli.text.storage import Stored, chunks

NOTABLE = 0.05
"""Above this share of unknown tokens there is a note, above ``TOO_MANY`` a warning."""

WARNING = "warning: "
"""Begins a note about figures that mislead."""

LESS_LIMITED = "lower corpus.min_count or raise corpus.max_vocabulary"
"""The remedy for tokens that the limits of a vocabulary leave out."""

COMPARED_BYTES = 1 << 20
"""Bytes of two files that are compared at a time."""


def training_notes(config: Config, texts: TrainingTexts) -> list[str]:
    """Return one sentence per oddity of the texts, without reading the training text again.

    Args:
        config: Names the texts.
        texts: The texts as read.
    """
    files = names_of(files_of(config, config.corpus.train))
    train = replace(texts.train, name=files)  # its facts are those of its held-out end too
    notes = train.notes(texts.codec)
    if texts.valid is not None:
        notes += texts.valid.notes(texts.codec, texts.vocabulary)
    notes += _few_subwords_note(config, texts)
    for one in train.columns:
        unsegmented = unsegmented_warning(one.name, one.facts, texts.codec)
        notes += [WARNING + warning for warning in unsegmented]
    return [*notes, *_unknown_note(config, texts), *_held_out_notes(config, texts)]


def _few_subwords_note(config: Config, texts: TrainingTexts) -> Iterator[str]:
    """Report that a text is too small for the number of subwords that were to be learned."""
    asked, learned = value_at(config, "corpus.subword.size"), len(texts.codec.types)
    if learned and asked and learned < asked and config.training.init_from is None:
        yield (
            f"corpus.subword.size: the training text has only {learned:,} subwords, not {asked:,}; "
            "lower it, or train on more text"
        )


def warnings_among(notes: Iterable[str]) -> list[str]:
    """Return the warnings among the notes on a training, for JSON."""
    return [line.removeprefix(WARNING) for line in notes if line.startswith(WARNING)]


def validation_notes(texts: TrainingTexts) -> list[str]:
    """Return what follows from a missing validation text."""
    if texts.valid is not None:
        return []
    return ["no corpus.valid: the last model is kept, not the best by validation"]


def _unknown_note(config: Config, texts: TrainingTexts) -> Iterator[str]:
    """Report the share of unknown tokens if it is large.

    Tokens that the text itself writes as the unknown token do not count.
    """
    if config.training.init_from is not None and _unknown_in(texts.train).tokens:
        yield _new_tokens_note(config, texts)
        return
    named = [("training", texts.train), ("validation", texts.valid)]
    shares = [(name, _unknown_in(text).share) for name, text in named if text is not None]
    highest = max(share for _, share in shares)
    if highest < NOTABLE:
        return
    found = " and ".join(f"{share:.1%} of the {name} text" for name, share in shares)
    unknown, corpus = config.corpus.unknown, config.corpus
    if highest <= TOO_MANY:
        yield f"{found} is not in the vocabulary and is read as {unknown}"
        return
    limited = corpus.min_count > 1 or corpus.max_vocabulary is not None
    remedy = LESS_LIMITED if limited else "train on more text"
    if finer := texts.codec.finer_unit:
        remedy += f", or set corpus.unit: {finer}"
    yield (
        f"{WARNING}{found} is not in the vocabulary and is read as {unknown}, so the perplexity "
        f"means little; {remedy}"
    )


def _new_tokens_note(config: Config, texts: TrainingTexts) -> str:
    """Report the tokens of a text that a model to fine-tune does not know, however few."""
    train, corpus, unknown = texts.train, config.corpus, _unknown_in(texts.train)
    types = ""
    if len(train.columns) == 1:  # two may have types in common
        types = " (1 type)" if train.oov_types == 1 else f" ({train.oov_types:,} types)"
    remedy = "corpus.extend_vocabulary: true adds them"
    if corpus.extend_vocabulary:
        remedy = f"{LESS_LIMITED} to add them"
    return (
        f"{WARNING * (unknown.share > TOO_MANY)}{unknown.tokens:,} of "
        f"{unknown.all_tokens:,} tokens{types} are not in the vocabulary of "
        f"{config.training.init_from} and are read as {corpus.unknown}; {remedy}"
    )


class _Unknown(NamedTuple):
    """How many tokens of a text are read as unknown."""

    tokens: int
    all_tokens: int

    @property
    def share(self) -> float:
        return self.tokens / max(self.all_tokens, 1)


def _unknown_in(text: Corpus) -> _Unknown:
    """Count the tokens of all columns that a model reads or predicts."""
    sizes = [
        int(one.lengths.sum()) if isinstance(one, Lines) else len(one) - one.given
        for one in text.columns
    ]
    return _Unknown(sum(one.oov for one in text.columns), sum(sizes))


def _held_out_notes(config: Config, texts: TrainingTexts) -> Iterator[str]:
    """Report a validation or test text that is also trained on, or used twice."""
    corpus = config.corpus
    train = files_of(config, corpus.train)
    valid = files_of(config, corpus.valid) if isinstance(corpus.valid, (str, list)) else []
    test = _files_of_test(config)
    known = texts.valid is not None and valid and _in_training_text(texts.valid, texts.train)
    if found := _shared_file(valid, train) or (names_of(valid) if known else None):
        yield (
            f"{WARNING}corpus.valid: {found} is also trained on, so its perplexity says nothing "
            "about new text; name another text, or a fraction of the training text, such as 0.05"
        )
    if found := _shared_file(test, train):
        yield (
            f"{WARNING}corpus.test: {found} is also trained on, so its perplexity says nothing "
            "about new text; name another text"
        )
    elif found := _shared_file(test, valid):
        yield (
            f"corpus.test: {found} is also the validation text, which selects the best model; "
            "name another text"
        )


def _in_training_text(text: Corpus, train: Corpus) -> bool:
    """Whether a text equals the training text, or one of its files, token by token."""
    edges = [*train.facts.starts, len(train)]
    parts = {(0, len(train)), *pairwise(edges)}
    return any(
        stop - start == len(text) and _equal(train.ids[start:stop], text.ids)
        for start, stop in sorted(parts)
    )


def _equal(one: Stored, other: Stored) -> bool:
    """Whether two arrays of equal length are equal; compared in chunks, as one may be on disk."""
    return all(
        np.array_equal(np.asarray(one[chunk]), np.asarray(other[chunk]))
        for chunk in chunks(len(one))
    )


def _files_of_test(config: Config) -> list[Source]:
    """Return the files of the test text, which need not exist before an evaluation."""
    try:
        return [] if config.corpus.test is None else files_of(config, config.corpus.test)
    except RnnlmError:  # an evaluation will report it
        return []


def _shared_file(sources: Sequence[Source], others: Sequence[Source]) -> str | None:
    """Return the name of the first of ``sources`` that is one of ``others`` or has its bytes."""
    sizes = defaultdict[int, list[str]](list)  # only files of one size are compared
    for path in _paths(others):
        sizes[_size(path)].append(path)
    for path in _paths(sources):
        if any(_same_file(path, other) for other in sizes[_size(path)]):
            return path
    return None


def _paths(sources: Sequence[Source]) -> list[str]:
    """Return the paths of files, without members of archives and standard input."""
    files = map(file_of, sources)
    return [file.path for file in files if file is not None and file.member is None]


def _size(path: str) -> int:
    """Return a file's size in bytes; -1 if there is none, which has one all the same."""
    return os.path.getsize(path) if os.path.isfile(path) else -1


def _same_file(path: str, other: str) -> bool:
    """Whether two paths lead to the same file or to files with equal bytes."""
    if os.path.realpath(path) == os.path.realpath(other):
        return True
    if not (os.path.isfile(path) and os.path.isfile(other)):
        return False
    try:
        with Path(path).open("rb") as one, Path(other).open("rb") as two:
            while (data := one.read(COMPARED_BYTES)) == two.read(COMPARED_BYTES):
                if not data:
                    return True
    except OSError:  # not readable now; an evaluation will report it
        pass
    return False
