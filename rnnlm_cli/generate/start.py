"""What a text begins with: words that the model knows, or the beginning of a line."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from rnnlm_cli.checkpoint import SavedModel
from rnnlm_cli.errors import UsageError, literal, quoted
from rnnlm_cli.text.vocabulary import Vocabulary


def look_up_start(
    saved: SavedModel,
    start: str | Sequence[str] | None,
    allow_unknown: bool = False,
    field: str = "start",
) -> list[str]:
    """Cut a start into tokens that the model knows.

    Args:
        saved: The model.
        start: Words or characters, or tokens already; ``None`` to begin where a line begins.
        allow_unknown: Take the unknown token for one that the model does not know.
        field: The argument that gives it.

    Raises:
        UsageError: The start is empty, a token is not in the vocabulary, or no line can begin.
    """
    if start is None:
        end = saved.tokenizer.line_end
        if end is None or end not in saved.vocabulary:
            raise UsageError(
                "the model knows no end of a line, so no text can begin after one",
                remedy=f"give {{{field}}}",
            )
        return []
    tokens = saved.tokenizer.words(start) if isinstance(start, str) else start
    if not tokens:
        raise UsageError("must not be empty; give a token for the model to go on from", field=field)
    return known_tokens(saved, tokens, allow_unknown, field=field)


def known_tokens(
    saved: SavedModel,
    tokens: Sequence[str],
    allow_unknown: bool,
    *,
    field: str = "",
    place: str = "",
) -> list[str]:
    """Return tokens that the model knows.

    Args:
        saved: The model.
        tokens: What was given.
        allow_unknown: Take the unknown token for one that the model does not know.
        field: The argument that gives them.
        place: Or where they stand.

    Raises:
        UsageError: A token is not in the vocabulary.
    """
    vocabulary = saved.vocabulary
    if allow_unknown:
        return [token if token in vocabulary else vocabulary.unknown for token in tokens]
    for token in tokens:
        if token not in vocabulary:
            raise UsageError(
                f"{quoted(token)} is not in the model's vocabulary"
                f"{decomposed(saved, tokens) or near_ones(vocabulary, token)}",
                field=field,
                place=place,
                remedy=f"{{allow_unknown=True}} takes {literal(vocabulary.unknown)} for it",
            )
    return list(tokens)


def near_ones(vocabulary: Vocabulary, token: str) -> str:
    """Say which known tokens an unknown one may be meant for."""
    near = vocabulary.near(token)
    return f"; near ones are {', '.join(near)}" if near else ""


def decomposed(saved: SavedModel, tokens: Sequence[str]) -> str:
    """Say that letters and their accents are apart, where that is why a token is not known."""
    separator = "" if saved.tokenizer.unit == "char" else " "
    text = separator.join(tokens)
    if unicodedata.is_normalized("NFC", text):
        return ""
    return "; letters and their accents are apart in it (NFD), normalise the text to NFC"


def as_read(saved: SavedModel, token: str) -> str:
    """Return a token as the tokenizer would give it."""
    return token.lower() if saved.tokenizer.lowercase else token


def before_start(saved: SavedModel, start: Sequence[str]) -> list[int]:
    """Return the ids that are read before a start: the end of a line where there is none.

    Raises:
        UsageError: There is none, and the model knows no end of a line.
    """
    return [] if start else [saved.line_start()]
