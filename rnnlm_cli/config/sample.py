"""The key ``training.sample``: a text that the model writes after an epoch."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from rnnlm_cli.config.keys import Mark, Section, Size, Words, key


class SampleConfig(Section, frozen=True):
    """A text that the model writes after an epoch, to show what it has learned."""

    length: Annotated[
        Annotated[int, Meta(ge=0, le=10_000)],
        key(
            "tokens of a text to generate after each epoch; it is printed and logged; 0 for none",
            Mark.FREE_ON_RESUME,
        ),
    ] = 0
    start: Annotated[
        Words | None,
        key("the text to continue; null for the beginning of a line", Mark.FREE_ON_RESUME),
    ] = None
    temperature: Annotated[
        Annotated[float, Meta(ge=0, le=1e6)],
        key("below 1, likely tokens become more likely", Mark.FREE_ON_RESUME),
    ] = 1.0
    every: Annotated[Size, key("epochs from one text to the next", Mark.FREE_ON_RESUME)] = 1
