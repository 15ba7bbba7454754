"""The unit that suits a text: what a token is."""

from __future__ import annotations

import importlib.util
import math
from typing import NamedTuple

from rnnlm_cli.plan.draft import Setting
from rnnlm_cli.plan.look import Text

SUBWORD_BYTES = 5_000
"""A text of at least this size has subwords that occur often enough to learn."""

MOST_WORDS = 10_000
"""Words of the vocabulary of a text that is split into tokens; their number costs time."""


class Unit(NamedTuple):
    """What a token is.

    Attributes:
        settings: The keys that say so.
        bptt: Steps per block: more of short tokens.
        embedding: Size of a token's vector, at most.
        told: What it is, for the user, and why.
    """

    settings: tuple[Setting, ...]
    bptt: int
    embedding: int
    told: str


def choose_unit(text: Text) -> Unit:
    """Choose words for a text that is split into tokens, else subwords, or characters.

    On raw text words lose: "me," and "me" are two of them, and a word that is new cannot be
    predicted. With subwords and characters nothing is unknown. In the same time subwords are ahead
    of characters, unless the text is small (docs/results.md).
    """
    if text.survey.is_tokenized:
        return _words(text)
    if text.bytes >= SUBWORD_BYTES and importlib.util.find_spec("tokenizers") is not None:
        return _subwords(text)
    return _characters(text)


def _words(text: Text) -> Unit:
    unit = Setting("corpus.unit", "word", "the text is split into tokens already")
    if text.survey.types <= MOST_WORDS:
        return Unit((unit,), 20, 256, "unit: words; the text is split into tokens already")
    most = Setting("corpus.max_vocabulary", MOST_WORDS, f"of {text.survey.types:,} words")
    return Unit(
        (unit, most),
        20,
        256,
        f"unit: the {MOST_WORDS:,} most frequent words; the text is split into tokens already",
    )


def _subwords(text: Text) -> Unit:
    size = subword_count(text.bytes)
    return Unit(
        (
            Setting("corpus.unit", "subword", "frequent parts of words; nothing is unknown"),
            Setting("corpus.subword", {"kind": "bpe", "size": size}, "learned from the text"),
        ),
        35,
        128,
        f"unit: {size:,} subwords, learned from the text, so that no word is unknown",
    )


def _characters(text: Text) -> Unit:
    small = text.bytes < SUBWORD_BYTES
    why = "since the text is small" if small else "so that nothing is unknown"
    told = f"unit: {text.survey.alphabet:,} characters, {why}"
    if not small:
        told += "; subwords learn faster: pip install 'rnnlm-cli[subword]', and run this again"
    return Unit((Setting("corpus.unit", "char", why),), 64, 64, told)


def subword_count(size: int) -> int:
    """Return how many subwords suit a text of so many bytes, in round numbers.

    >>> [subword_count(size) for size in (100_000, 1_000_000, 10**7, 10**9)]
    [500, 1000, 5000, 8000]
    """
    most = 1.7 * math.sqrt(size)  # the factor: 1,000 for tiny-shakespeare, 2,000 for 1.4 MB Korean
    return next((count for count in (8000, 5000, 3000, 2000, 1000) if count <= most), 500)
