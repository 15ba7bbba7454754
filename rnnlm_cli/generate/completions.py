"""What may complete the word that a user is typing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import count

import numpy as np

from rnnlm_cli.generate.filters import Filter, History, forbid
from rnnlm_cli.generate.sampling import read_start
from rnnlm_cli.generate.start import before_start, known_tokens
from rnnlm_cli.generate.text import search
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.text.codec.base import Codec

MOST = 30
"""Maximum words to offer."""

WIDTH, LONGEST = 8, 24
"""Of the beam that spells a word, and the maximum tokens of that word."""

LEAST = 0.01
"""Minimum probability of a spelled word, as a share of the most likely one's."""

REPLACED = "\ufffd"
"""What decoders write for a part of a character."""


def completions(model: TrainedModel, typed: str) -> list[str]:
    """Return what may complete the last word of a text, the most likely first.

    A model of words offers those of its vocabulary, at most ``MOST``. If more begin as typed, the
    first and the last of them in order are added, so that the beginning that all have in common is
    that of those offered. A model of smaller units spells words by a beam search, each to its end.

    Args:
        model: A left-to-right model.
        typed: The text; after a space its last word is empty, and the next word is offered.

    Returns:
        For each word what it adds to the text: printable, without white space; empty if the word
        is complete.
    """
    if not (typed.strip() or model.knows_line_end):
        return []
    return _known_words(model, typed) if model.codec.separator else _spelled_words(model, typed)


def _known_words(model: TrainedModel, typed: str) -> list[str]:
    codec, vocabulary = model.codec, model.vocabulary
    context = codec.split(typed)
    begun = context.pop() if context and not typed[-1].isspace() else ""
    last = context[-1:]
    before = _piece(codec, last, begun) if begun else codec.separator * len(last)
    surface = codec.surface(begun)
    found: dict[str, None] = {}
    for k in np.argsort(-_next_log_probs(model, context), kind="stable").tolist():
        token = vocabulary.tokens[k]
        if token in (vocabulary.unknown, codec.line_end):
            continue
        if codec.surface(token).startswith(surface):
            piece = _piece(codec, last, token)
            if piece.startswith(before) and _is_word(piece.removeprefix(codec.separator)):
                found.setdefault(piece[len(before) :])
        if not begun and len(found) == MOST:
            break
    best = list(found)[:MOST]
    if len(found) > MOST:
        best += sorted({min(found), max(found)} - set(best))
    return best


def _next_log_probs(model: TrainedModel, context: list[str]) -> Array:
    """Return natural logs ``(V,)`` of the next token; the context may be empty or unknown."""
    tokens = known_tokens(model, context, allow_unknown=True)
    before = before_start(model, tokens) if tokens or model.knows_line_end else []
    ids = [*before, *model.vocabulary.ids_of(tokens).tolist()]
    if not ids:  # the first word for a model that cannot begin a line: the most frequent
        return -np.arange(len(model.vocabulary), dtype=np.float64)
    log_probs, _ = read_start(model.next_log_probs, model.network.initial_state(1), ids)
    after: Array = log_probs[0]
    return after


def _piece(codec: Codec, last: list[str], token: str) -> str:
    """Return the text of a token after another one, with the space that is between them."""
    return codec.join([*last, token])[len(codec.join(last)) :]


def _spelled_words(model: TrainedModel, typed: str) -> list[str]:
    codec = model.codec
    tokens = codec.start_of(typed) if typed.strip() else []
    start = known_tokens(model, tokens, allow_unknown=True)
    before, filters = codec.decode(start), [forbid([model.vocabulary.unknown_id])]
    within, again = bool(typed.strip()) and not typed[-1].isspace(), list[int]()
    if within:  # what is typed of a word may be the beginning of a longer token
        start, again = _shortened(model, start)
    if again:
        filters.append(_first_among(again))
    # the space that the first token of a word may bring along
    space = " " if before and not within and not before[-1].isspace() else ""

    def ends(drawn: Sequence[str], given: int) -> bool:
        may_be_blank = len(drawn) == 1 and (again or space)
        blank = codec.surface(drawn[-1])[:1].isspace() and not may_be_blank
        return blank or drawn[-1] == codec.line_end

    samples = search(model, start, LONGEST, WIDTH, filters, ends, penalty=0)
    least = max((sum(sample.log_probs) for sample in samples), default=0.0) + math.log(LEAST)
    words: dict[str, None] = {}
    for sample in samples:
        drawn = sample.tokens[len(start) :]
        whole = ends(drawn, 0)
        text = codec.decode([*start, *drawn[: len(drawn) - whole]])
        if text.startswith(before + space) and sum(sample.log_probs) >= least:
            word = text[len(before + space) :]
            if _is_word(word) or (whole and within and not word):
                words.setdefault(word)
    return list(words)


def _shortened(model: TrainedModel, start: list[str]) -> tuple[list[str], list[int]]:
    """Return a start without the last tokens that a single token begins with, and such tokens."""
    least = 0 if model.knows_line_end else 1
    for k in range(max(least, len(start) - LONGEST), len(start)):
        dropped = "".join(start[k:])
        longer = [n for n, name in enumerate(model.vocabulary.tokens) if name.startswith(dropped)]
        if longer:
            return start[:k], longer
    return start, []


def _first_among(allowed: Sequence[int]) -> Filter:
    """Restrict the first token of a search, which has one text then."""
    steps = count()

    def apply(logits: Array, history: History) -> Array:
        if next(steps):
            return logits
        kept = np.full_like(logits, -np.inf)
        kept[:, allowed] = logits[:, allowed]
        return kept

    return apply


def _is_word(text: str) -> bool:
    return bool(text) and text.isprintable() and " " not in text and REPLACED not in text
