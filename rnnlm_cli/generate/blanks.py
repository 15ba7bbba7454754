"""Where a line has its blanks."""

from __future__ import annotations

from rnnlm_cli.errors import UsageError, literal, quoted, shortened
from rnnlm_cli.model.trained import TrainedModel


def cut_blanks(model: TrainedModel, line: str, blank: str) -> list[str | None]:
    """Cut a line into tokens, ``None`` for a blank.

    A blank is one token. Among words it stands between spaces or beside punctuation, so that
    nobody takes it for a part of a word; among characters it may stand anywhere.

    Raises:
        UsageError: There is no blank in it, one touches a word or another blank, or a part of one
            is left over.
    """
    codec = model.codec
    parts = line.split(blank)
    if len(parts) == 1:
        raise UsageError(
            "has no blank",
            place=quoted(line),
            remedy=f"write {literal(shortened(blank))} where a token is to be found, or name what "
            "marks it with {blank}",
        )
    if codec.separator:
        for word in line.split():
            check_apart(word, blank)
    tokens: list[str | None] = list(codec.split(parts[0]))
    for part in parts[1:]:
        tokens += [None, *codec.split(part)]
    for token in tokens:
        if token and not set(token) - set(blank) and token not in model.vocabulary:
            raise UsageError(
                f"{quoted(token)} is less than the blank {quoted(blank)}",
                place=quoted(line),
                remedy=f"with {{blank}} {literal(token[0])} each {literal(token[0])} is a blank of "
                "its own",
            )
    return tokens


def check_apart(word: str, blank: str) -> None:
    """Refuse a blank that touches letters or, as in a longer row of ``_``, another blank.

    Raises:
        UsageError: It does.
    """
    first, *rest = word.split(blank)
    for before, after in zip([first, *rest], rest, strict=False):
        beside = before[-1:] + after[:1]
        if any(c.isalnum() or c in blank for c in beside) or "" in rest[:-1]:
            raise UsageError(
                "a blank is a whole word",
                place=quoted(word),
                remedy=f"write {literal(shortened(blank))} with spaces around it, or name what "
                "marks a blank with {blank}",
            )
