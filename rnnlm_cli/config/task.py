"""The key ``task``: what a model is for, with the options of each task."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from rnnlm_cli.config.keys import Mark, Section, Size, key


class Language(Section, frozen=True, tag_field="kind", tag="language"):
    """Predict each token of a text, from those before it or from both sides: a language model."""

    commands: ClassVar[str] = "rnnlm generate or rnnlm eval perplexity"


class TwoColumns(Section, frozen=True):
    """The options of every task that trains on lines of two columns, with a tab between them."""

    longest: Annotated[
        Size,
        key(
            "maximum tokens of a line with its end; a longer one is an error, because a line is "
            "read whole before its gradient is known"
        ),
    ] = 1_000


class Classification(TwoColumns, frozen=True, tag_field="kind", tag="classification"):
    """Give a line its label; the texts have lines of label, tab and text."""

    commands: ClassVar[str] = "rnnlm label or rnnlm eval accuracy"

    state: Annotated[
        Literal["last", "mean", "ends"],
        key(
            "which hidden state the label is decided from: that after the whole line, the mean "
            "over its tokens, or those at both ends of the line side by side; of two directions "
            "(`model.direction: bidirectional`) each has its own",
            Mark.SHAPES_MODEL,
        ),
    ] = "last"


class Description(TwoColumns, frozen=True, tag_field="kind", tag="description"):
    """Write a line for a label; the texts have lines of label, tab and text."""

    commands: ClassVar[str] = "rnnlm generate (given a label) or rnnlm eval perplexity"


class Translation(TwoColumns, frozen=True, tag_field="kind", tag="translation"):
    """Turn a line into another one; the texts have lines of source, tab and target."""

    commands: ClassVar[str] = "rnnlm translate or rnnlm eval translation"

    reverse_source: Annotated[
        bool,
        key(
            "read the source from its end, so that its beginning, with which the target begins, "
            "was read last (Sutskever et al., 2014)",
            Mark.SHAPES_MODEL,
        ),
    ] = False
    peeky: Annotated[
        bool,
        key(
            "give the encoder's last h to the decoder's lowest layer and to its output layer at "
            "each step (Cho et al., 2014)",
            Mark.SHAPES_MODEL,
        ),
    ] = False
    attention: Annotated[
        Literal["dot"] | None,
        key(
            "give the output layer a mean of the encoder's states, weighted at each step by their "
            "dot products with the decoder's state (Luong et al., 2015); null for none",
            Mark.SHAPES_MODEL,
        ),
    ] = None


TaskConfig = Language | Classification | Description | Translation


def tag_of(task: type[TaskConfig]) -> str:
    """Return the name of a kind of task, as in ``task.kind``."""
    return str(task.__struct_config__.tag)
