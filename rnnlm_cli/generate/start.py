"""What a text begins with: words that the model knows, or the beginning of a line."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from rnnlm_cli.errors import UsageError, literal, quoted
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.vocabulary import Vocabulary


def look_up_start(
    model: TrainedModel,
    start: str | Sequence[str] | None,
    allow_unknown: bool = False,
    field: str = "start",
) -> list[str]:
    """Cut a start into tokens that the model knows.

    Args:
        model: The model.
        start: Words or characters, or tokens already; ``None`` to begin where a line begins.
        allow_unknown: Take the unknown token for one that the model does not know.
        field: The argument that gives it.

    Raises:
        UsageError: The start is empty, a token is not in the vocabulary, or no line can begin.
    """
    if start is None:
        if not model.knows_line_end:
            raise UsageError(
                "the model knows no end of a line, so no text can begin after one",
                remedy=f"give {{{field}}}",
            )
        return []
    tokens = model.codec.split(start) if isinstance(start, str) else start
    if not tokens:
        raise UsageError("must not be empty; give a token for the model to go on from", field=field)
    return known_tokens(model, tokens, allow_unknown, field=field)


def known_tokens(
    model: TrainedModel,
    tokens: Sequence[str],
    allow_unknown: bool,
    *,
    field: str = "",
    place: str = "",
) -> list[str]:
    """Return tokens that the model knows.

    Args:
        model: The model.
        tokens: What was given.
        allow_unknown: Take the unknown token for one that the model does not know.
        field: The argument that gives them.
        place: Or where they stand.

    Raises:
        UsageError: A token is not in the vocabulary.
    """
    vocabulary = model.vocabulary
    if allow_unknown:
        return [token if token in vocabulary else vocabulary.unknown for token in tokens]
    for token in tokens:
        if token not in vocabulary:
            raise UsageError(
                f"{quoted(token)} is not in the model's vocabulary"
                f"{decomposed(model, tokens) or near_ones(vocabulary, token)}",
                field=field,
                place=place,
                remedy=f"{{allow_unknown=True}} takes {literal(vocabulary.unknown)} for it",
            )
    return list(tokens)


def near_ones(vocabulary: Vocabulary, token: str) -> str:
    """Say which known tokens an unknown one may be meant for."""
    near = vocabulary.near(token)
    return f"; near ones are {', '.join(near)}" if near else ""


def decomposed(model: TrainedModel, tokens: Sequence[str]) -> str:
    """Say that letters and their accents are apart, where that is why a token is not known."""
    if unicodedata.is_normalized("NFC", model.codec.join(tokens)):
        return ""
    return "; letters and their accents are apart in it (NFD), normalise the text to NFC"


def before_start(model: TrainedModel, start: Sequence[str]) -> list[int]:
    """Return the ids that are read before a start: the end of a line where there is none.

    Raises:
        UsageError: There is none, and the model knows no end of a line.
    """
    return [] if start else [model.line_start()]
