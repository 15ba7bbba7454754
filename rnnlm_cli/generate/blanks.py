"""Finding the blanks in a line."""

from __future__ import annotations

from rnnlm_cli.errors import UsageError, literal, quoted, shortened
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.codec.base import Codec


def cut_blanks(model: TrainedModel, line: str, blank: str) -> list[str | None]:
    """Split a line into tokens, ``None`` for a blank.

    A blank is one token. In a word model it must have spaces or punctuation on both sides, so that
    it cannot be taken for a part of a word; in a character model it may be anywhere.

    Raises:
        UsageError: Tokens are parts of words, the line has no blank, one touches a word or another
            blank, or a part of one is left over.
    """
    codec = model.codec
    if codec.parts_of_words:
        raise UsageError(
            "the model's tokens are parts of words, and a blank is one token; use a model of words "
            "or characters",
            place=quoted(line),
        )
    if blank not in line:
        raise UsageError(
            "has no blank",
            place=quoted(line),
            remedy=f"write {literal(shortened(blank))} in place of a token, or set another mark "
            "with {blank}",
        )
    if codec.separator:
        for word in line.split():
            check_apart(codec, word, blank)
    tokens = codec.split_blanks(line, blank)
    for token in tokens:
        if token and not set(token) - set(blank) and token not in model.vocabulary:
            raise UsageError(
                f"{quoted(token)} is shorter than the blank {quoted(blank)}",
                place=quoted(line),
                remedy=f"use {{blank}} {literal(token[0])} if each {literal(token[0])} is a blank",
            )
    return tokens


def check_apart(codec: Codec, word: str, blank: str) -> None:
    """Refuse a blank that touches letters or another blank, as in a longer row of ``_``.

    Raises:
        UsageError: The word has such a blank.
    """
    first, *rest = word.split(blank)
    for before, after in zip([first, *rest], rest, strict=False):
        beside = before[-1:] + after[:1]
        if any(codec.is_letter(c) or c in blank for c in beside) or "" in rest[:-1]:
            raise UsageError(
                "a blank must be a whole word",
                place=quoted(word),
                remedy=f"write {literal(shortened(blank))} with spaces around it, or set another "
                "mark with {blank}",
            )
