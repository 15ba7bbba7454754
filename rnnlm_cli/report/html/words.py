"""Words near other words, and units that keep track of something."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from rnnlm_cli.errors import UsageError
from rnnlm_cli.learned.embedding import known_id, neighbors
from rnnlm_cli.learned.excerpt import written
from rnnlm_cli.learned.neurons import Found, find_units
from rnnlm_cli.learned.properties import PROPERTIES
from rnnlm_cli.learned.units import unit_values
from rnnlm_cli.report.html.call import Shown
from rnnlm_cli.report.html.colored import unit_text
from rnnlm_cli.report.html.look import Look
from rnnlm_cli.report.html.markup import Markup, joined, table, tag, word
from rnnlm_cli.report.neurons import direction, found_heading
from rnnlm_cli.report.table import visible

WORDS, NEAR = 8, 6
"""Words, and neighbours of each."""

LONG = 4
"""Letters of a word that is more than grammar, about."""

READ, DRAWN, TOP = 3_000, 200, 3
"""Tokens that units are found in; tokens that are drawn; units per property."""


def nearest(look: Look) -> Shown:
    """The nearest words of some words, with their cosines."""
    words = _words(look)
    rows = [(word(asked), _near(look, asked)) for asked in words]
    body = joined(
        tag("p", "Words with the smallest angle between their vectors; its cosine is beside them."),
        table(["word", "near it"], rows, left=2),
    )
    calls = [look.call("near", top=NEAR)._replace(arguments=[asked]) for asked in words]
    return Shown(body, calls)


def _near(look: Look, asked: str) -> Markup:
    """Return the neighbours of a word, or that the model does not know it."""
    try:
        found = neighbors(look.model, asked, NEAR)
    except UsageError as error:
        return tag("span", str(error), class_="faint")
    return joined(
        tag("span", word(visible(one.token)), f" {one.similarity:.2f}\u2002") for one in found
    )


def _words(look: Look) -> list[str]:
    if look.settings.words:
        return list(dict.fromkeys(look.settings.words))
    found = list(islice(_frequent(look, LONG), WORDS))
    return found or list(islice(_frequent(look, 1), WORDS))


def _frequent(look: Look, letters: int) -> Iterator[str]:
    """Yield frequent words of some letters that can be asked for as they are written."""
    vocabulary, codec = look.model.vocabulary, look.model.codec
    for k in np.argsort(-vocabulary.counts, kind="stable").tolist():
        asked = codec.surface(vocabulary.tokens[k]).strip()
        if len(asked) >= letters and asked.isalpha():
            try:
                own = known_id(look.model, asked)
            except UsageError:
                continue
            if own == k:
                yield asked


def neurons(look: Look) -> Shown:
    """The units that predict each property best, and a text in the color of the clearest one."""
    excerpt = look.excerpt(_read(look))
    values = unit_values(look.model, excerpt)
    found: list[Found] = []
    for name in PROPERTIES:
        try:
            found.append(find_units(look.model, excerpt, name, TOP, values))
        except UsageError:  # it hardly varies in this text
            continue
    if not found:
        raise UsageError("the text is too short to find units by a held-out score")
    clear = max(found, key=lambda one: one.units[0].score - max(one.token_alone, 0))
    best = clear.units[0]
    part = slice(clear.look_at, clear.look_at + DRAWN)
    tokens = excerpt.tokens[part]
    body = joined(
        tag(
            "p",
            f"Units chosen on two thirds of {len(excerpt.ids):,} tokens and scored on the rest: "
            "AUC (0.5: nothing) for what holds or not, R2 (0: nothing) for a number. A unit is of "
            "interest if it is better than the current token alone, which needs no memory.",
        ),
        table(
            ["property", "score", "best unit", "held out", "all units", "token alone"],
            [_row(one) for one in found],
            left=3,
        ),
        tag(
            "p", f"Below: {clear.meaning}. {found_heading(best, clear)}. Blue is \u22121, red is 1."
        ),
        unit_text(
            tokens,
            written(look.model, tokens),
            values.values[part, values.place(best.name)],
            look.model.codec.line_end or "",
        ),
    )
    options = {"tokens": _read(look), "top": TOP}
    calls = [look.call_on_text("plot neurons", find=one.find, **options) for one in found]
    return Shown(body, calls)


def _row(one: Found) -> tuple[str, ...]:
    best = one.units[0]
    return (
        f"{one.find}: {one.meaning}",
        one.measure,
        f"{best.name} ({direction(best, one)})",
        f"{best.score:.3f}",
        f"{one.all_units:.3f}",
        f"{one.token_alone:.3f}",
    )


def _read(look: Look) -> int:
    return min(READ, look.settings.tokens)
