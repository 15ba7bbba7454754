"""The section ``corpus``: the texts, and how they become tokens."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from rnnlm_cli.config.keys import (
    DefaultWhere,
    Encoding,
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


Subwords = Annotated[
    Annotated[int, Meta(ge=300, le=1_000_000)],
    key(
        "maximum number of subwords, the 256 bytes among them; a small text gives fewer",
        Mark.SHAPES_MODEL,
    ),
]


class Bpe(Section, frozen=True, tag_field="kind", tag="bpe"):
    """Byte-pair encoding (Sennrich et al., 2016), learned from the training text."""

    size: Subwords = 8_000


class Unigram(Section, frozen=True, tag_field="kind", tag="unigram"):
    """A unigram model (Kudo, 2018), learned from the training text."""

    size: Subwords = 8_000


class TokenizerFile(Section, frozen=True, tag_field="kind", tag="file"):
    """A tokenizer of another program."""

    path: Annotated[
        InputPath,
        key(
            "a `tokenizer.json` or a SentencePiece `.model`; the model file keeps its content",
            Mark.SAME_CONTENT_ON_RESUME,
        ),
    ]


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
            default_where=DefaultWhere(
                "task.kind", ("classification", "description", "translation"), None
            ),
        ),
    ] = FIELD
    unit: Annotated[
        Literal["word", "prose", "char", "jamo", "subword"],
        key(
            "`word`: words between white space; `prose`: words and punctuation marks; `char`: "
            "characters; `jamo`: the letters of Hangul syllables, and characters; `subword`: "
            "frequent parts of words",
            Mark.SHAPES_MODEL,
        ),
    ] = "word"
    subword: Annotated[
        Bpe | Unigram | TokenizerFile,
        key("for unit: subword, how they are found", Mark.SHAPES_MODEL),
    ] = Bpe()
    encoding: Annotated[
        Encoding,
        key(
            "encoding of the files, such as utf-8, cp949, shift_jis or cp1252; auto finds it in "
            "each of them and says which it is",
            Mark.TEXT_FORM,
            Mark.SAME_CONTENT_ON_RESUME,
        ),
    ] = "utf-8"
    normalize: Annotated[
        Literal["nfc", "nfkc"] | None,
        key(
            "normalise text to this Unicode form, so that a letter and its accents are read alike "
            "however a file has them; nfkc also folds ligatures and full-width letters",
            Mark.OF_THE_MODEL,
        ),
    ] = "nfc"
    end_of_line: Annotated[
        Token | None,
        key(
            "token added at each line's end",
            Mark.SHAPES_MODEL,
            default_where=DefaultWhere("corpus.unit", ("char", "jamo"), None),
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
    extend_vocabulary: Annotated[
        bool,
        key(
            "add the new words of the training text to the vocabulary of `training.init_from`, "
            "as far as `min_count` and `max_vocabulary` allow",
            Mark.VOCABULARY,
            Mark.NOT_INHERITED,
        ),
    ] = False
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
