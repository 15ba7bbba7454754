"""Texts that a model writes."""

from __future__ import annotations

from rnnlm_cli.errors import shortened
from rnnlm_cli.generate.filters import Filters
from rnnlm_cli.generate.start import look_up_start
from rnnlm_cli.generate.text import generate
from rnnlm_cli.report.html.call import Shown
from rnnlm_cli.report.html.look import Look
from rnnlm_cli.report.html.markup import Markup, joined, tag

LENGTH, LETTERS = 60, 250
"""Tokens of a sample; of one in characters."""

TEMPERATURES = (0.7, 1.0)
"""A safer one, and the model's own probabilities."""

MOST = 5_000
"""Characters of a sample that are shown."""

NUMBER = 2
"""Samples of each."""


def samples(look: Look) -> Shown:
    """Texts at two temperatures, from the beginning of a line."""
    model = look.model
    model.require_left_to_right("write text from left to right; rnnlm fill fills its blanks")
    begin, seed, length = _start(look), look.settings.seed, _length(look)
    start = look_up_start(model, begin)
    parts: list[Markup] = []
    calls = []
    for temperature in TEMPERATURES:
        filters = Filters(temperature=temperature).in_order()
        *_, texts = generate(model, start, length, range(seed, seed + NUMBER), filters)
        parts.append(tag("p", f"Temperature {temperature:g}:"))
        parts += [tag("pre", shortened(model.codec.decode(text.tokens), MOST)) for text in texts]
        options = {"length": length, "temperature": temperature, "seed": seed, "samples": NUMBER}
        calls.append(look.call("generate", start=begin, **options))
    return Shown(joined(parts), calls)


def _length(look: Look) -> int:
    return LETTERS if look.model.codec.one_character else LENGTH


def _start(look: Look) -> str | None:
    """Return the beginning of a line, or the most frequent token where there is none."""
    model = look.model
    if model.knows_line_end:
        return None
    return model.codec.surface(model.vocabulary.tokens[int(model.vocabulary.counts.argmax())])
