"""The section ``corpus``: the texts, and how they become tokens."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from rnnlm_cli.config.keys import (
    DefaultWhere,
    InputPath,
    InputPaths,
    Mark,
    Section,
    Size,
    Token,
    key,
)

FIELD = "text"
"""The field of a record that usually is the text."""


class CorpusConfig(Section, frozen=True):
    """The texts and how they become tokens."""

    train: Annotated[
        InputPath | InputPaths,
        key("text to train on; several are one text", Mark.TEXT, Mark.SAME_CONTENT_ON_RESUME),
    ]
    valid: Annotated[
        InputPath | InputPaths | Annotated[float, Meta(gt=0, lt=1)] | None,
        key(
            "text to validate on, or the fraction of the training text's end to hold out",
            Mark.TEXT,
            Mark.SAME_CONTENT_ON_RESUME,
        ),
    ] = None
    test: Annotated[
        InputPath | InputPaths | None,
        key("text that `rnnlm eval perplexity` uses first", Mark.TEXT, Mark.FREE_ON_RESUME),
    ] = None
    field: Annotated[
        Annotated[str, Meta(min_length=1, max_length=1_000, title="name")] | None,
        key(
            "field of each record that is the text, in a file `NAME.jsonl`, `.csv`, `.tsv` or "
            "`.parquet`; "
            "null to read such files line by line",
            Mark.TEXT_FORM,
            Mark.SAME_CONTENT_ON_RESUME,
        ),
    ] = FIELD
    unit: Annotated[
        Literal["word", "char"],
        key("words between white space, or characters", Mark.SHAPES_MODEL),
    ] = "word"
    end_of_line: Annotated[
        Token | None,
        key(
            "token added at each line's end",
            Mark.SHAPES_MODEL,
            default_where=DefaultWhere("corpus.unit", "char", None),
        ),
    ] = "<eos>"
    lowercase: Annotated[bool, key("make the text lower case first", Mark.SHAPES_MODEL)] = False
    unknown: Annotated[
        Token,
        key(
            "token that replaces tokens outside the vocabulary; always in it",
            Mark.SHAPES_MODEL,
            Mark.VOCABULARY,
        ),
    ] = "<unk>"
    min_count: Annotated[Size, key("leave rarer tokens out of the vocabulary", Mark.VOCABULARY)] = 1
    max_vocabulary: Annotated[
        Annotated[int, Meta(ge=2)] | None,
        key(
            "keep at most this many tokens, the most frequent ones, including the unknown one",
            Mark.VOCABULARY,
        ),
    ] = None
    max_token_bytes: Annotated[
        Annotated[int, Meta(ge=1, le=10**12)],
        key(
            "maximum bytes of a word; a longer one is an error, so that it cannot fill the memory",
            Mark.TEXT_LIMIT,
            Mark.FREE_ON_RESUME,
        ),
    ] = 4_000_000
    max_expansion: Annotated[
        Annotated[float, Meta(ge=1, le=1e30)],
        key(
            "maximum decompressed over compressed size of a text; 64 MB are always allowed",
            Mark.TEXT_LIMIT,
            Mark.FREE_ON_RESUME,
        ),
    ] = 100.0
