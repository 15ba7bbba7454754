"""The start of a text: tokens that the model knows, or the beginning of a line."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlm_cli.errors import UsageError, literal, quoted
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.normal import DECOMPOSED, is_decomposed
from rnnlm_cli.text.vocabulary import Vocabulary


def look_up_start(
    model: TrainedModel,
    start: str | Sequence[str] | None,
    allow_unknown: bool = False,
    field: str = "start",
) -> list[str]:
    """Split a start into tokens that the model knows.

    Args:
        model: The model.
        start: A text, or its tokens; ``None`` for the beginning of a line.
        allow_unknown: Replace tokens that the model does not know by the unknown token.
        field: The name of the argument, for messages.

    Raises:
        UsageError: The start is empty, a token is not in the vocabulary, or no line can begin.
    """
    if start is None:
        if not model.knows_line_end:
            raise UsageError(
                "the model has no end-of-line token, so a text cannot begin after one",
                remedy=f"give {{{field}}}",
            )
        return []
    tokens = model.codec.start_of(start) if isinstance(start, str) else start
    if not tokens:
        raise UsageError("must not be empty; give at least one token to continue", field=field)
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
        tokens: The given tokens.
        allow_unknown: Replace tokens that the model does not know by the unknown token.
        field: The name of the argument, for messages.
        place: Or the place of the tokens, for messages.

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
                remedy=f"use {{allow_unknown=True}} to read it as {literal(vocabulary.unknown)}",
            )
    return list(tokens)


def near_ones(vocabulary: Vocabulary, token: str) -> str:
    """List known tokens that resemble an unknown one, for a message."""
    near = vocabulary.near(token)
    return f"; similar tokens are {', '.join(near)}" if near else ""


def decomposed(model: TrainedModel, tokens: Sequence[str]) -> str:
    """Say that the text is not in NFC, if so, since this may be why a token is unknown."""
    return f"; {DECOMPOSED}" if is_decomposed(model.codec.join(tokens)) else ""


def before_start(model: TrainedModel, start: Sequence[str]) -> list[int]:
    """Return the ids to read before a start: the end of a line if the start is empty.

    A model that was trained on single lines reads one before any start.

    Raises:
        UsageError: The start is empty, and the model has no end-of-line token.
    """
    return [] if start and not model.begins_each_line else [model.line_start()]
