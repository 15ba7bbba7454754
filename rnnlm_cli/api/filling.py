"""Blanks that a model fills."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from rnnlm_cli.api.arguments import tokens_of
from rnnlm_cli.checks import check_flag, check_text
from rnnlm_cli.errors import quoted
from rnnlm_cli.evaluate.next_token import TOP
from rnnlm_cli.generate.blanks import cut_blanks
from rnnlm_cli.generate.fill import fill, fill_from_the_left
from rnnlm_cli.generate.limits import skipped_ids
from rnnlm_cli.generate.start import known_tokens
from rnnlm_cli.model.trained import TrainedModel


@dataclass(frozen=True)
class Filled:
    """A line without blanks, and what else could be there.

    Attributes:
        text: The line, filled with the likeliest tokens.
        blanks: Of a bidirectional model: for each blank the likeliest tokens and their
            probabilities, given the rest of the line as it is filled. Else empty.
        lines: Of a model that reads from the left: the likeliest lines and the log10 of their
            probabilities. Else empty.
    """

    text: str
    blanks: list[list[tuple[str, float]]]
    lines: list[tuple[str, float]]

    def __str__(self) -> str:
        return self.text


def fill_blanks(
    model: TrainedModel, line: str, top: int, blank: str, skip: Iterable[str], allow_unknown: bool
) -> Filled:
    """Fill the blanks of a line; see ``LanguageModel.fill``."""
    check_text("line", line)
    TOP.check("top", top)
    check_text("blank", blank, empty=False)
    check_flag("allow_unknown", allow_unknown)
    decode = model.codec.decode
    tokens = cut_blanks(model, line, blank)
    own = [token for token in tokens if token is not None]
    known_tokens(model, own, allow_unknown, place=quoted(line))
    skipped = skipped_ids(model, tokens_of("skip", skip))
    if model.network.bidirectional:
        filling = fill(model, tokens, top, skipped)
        blanks = [[(k, math.exp(p)) for k, p in one] for one in filling.candidates]
        return Filled(decode(filling.tokens), blanks, [])
    found = fill_from_the_left(model, tokens, top, skipped)
    lines = [(decode(one.tokens), one.log_prob / math.log(10)) for one in found]
    return Filled(lines[0][0], [], lines)
