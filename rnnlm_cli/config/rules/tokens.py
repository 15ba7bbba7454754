"""Rules for the tokens of a text: its unit, its vocabulary, and the marks that the config names."""

from __future__ import annotations

import unicodedata
from typing import Literal

from rnnlm_cli.config.corpus import Bpe
from rnnlm_cli.config.rules.rule import Rule
from rnnlm_cli.config.schema import Config

NOT_A_MARK = (
    "{value} could be a subword of the text",
    "write it with < before it and > after it, such as <unk> or <eos>",
)
WHOLE_VOCABULARY = (
    "does not apply to corpus.unit: subword, whose vocabulary is all subwords",
    "omit it, and set corpus.subword.size",
)
LOWER = (
    "{value} cannot occur in a text that corpus.lowercase made lower case",
    "write it in lower case",
)
OTHER_FORM = (
    "{value} cannot occur in a text that corpus.normalize made {c.corpus.normalize}",
    "write it in that form",
)

RULES = (
    Rule(
        lambda c: c.corpus.unit != "subword" and c.corpus.subword != Bpe(),
        "corpus.subword is for corpus.unit: subword",
        "corpus.subword",
        "is for corpus.unit: subword, but the unit is {c.corpus.unit}",
        "omit it, or change the unit",
    ),
    Rule(
        lambda c: c.corpus.unit == "subword" and not _is_mark(c.corpus.unknown),
        "corpus.unknown is written like <unk> with corpus.unit: subword",
        "corpus.unknown",
        *NOT_A_MARK,
    ),
    Rule(
        lambda c: c.corpus.unit == "subword" and not _is_mark(c.corpus.end_of_line),
        "corpus.end_of_line is written like <eos> with corpus.unit: subword",
        "corpus.end_of_line",
        *NOT_A_MARK,
    ),
    Rule(
        lambda c: c.corpus.unit == "subword" and c.corpus.min_count > 1,
        "corpus.min_count is not for corpus.unit: subword",
        "corpus.min_count",
        *WHOLE_VOCABULARY,
    ),
    Rule(
        lambda c: c.corpus.unit == "subword" and c.corpus.max_vocabulary is not None,
        "corpus.max_vocabulary is not for corpus.unit: subword",
        "corpus.max_vocabulary",
        *WHOLE_VOCABULARY,
    ),
    Rule(
        lambda c: c.corpus.unknown == c.corpus.end_of_line,
        "corpus.unknown and corpus.end_of_line are two different tokens",
        "corpus.unknown",
        "is {value}, and so is corpus.end_of_line",
        "choose two different tokens",
    ),
    Rule(
        lambda c: c.corpus.lowercase and not _is_lower(c.corpus.unknown),
        "corpus.unknown is in lower case with corpus.lowercase",
        "corpus.unknown",
        *LOWER,
    ),
    Rule(
        lambda c: c.corpus.lowercase and not _is_lower(c.corpus.end_of_line),
        "corpus.end_of_line is in lower case with corpus.lowercase",
        "corpus.end_of_line",
        *LOWER,
    ),
    Rule(
        lambda c: not _is_normal(c, c.corpus.unknown),
        "corpus.unknown is in the form of corpus.normalize",
        "corpus.unknown",
        *OTHER_FORM,
    ),
    Rule(
        lambda c: not _is_normal(c, c.corpus.end_of_line),
        "corpus.end_of_line is in the form of corpus.normalize",
        "corpus.end_of_line",
        *OTHER_FORM,
    ),
)


def _is_mark(token: str | None) -> bool:
    """Whether no subword is written like a token; bytes are, ``<0xEC>``."""
    return token is None or (token[0] + token[-1] == "<>" and not token.startswith("<0x"))


def _is_lower(token: str | None) -> bool:
    return token is None or token == token.lower()


def _is_normal(config: Config, token: str | None) -> bool:
    forms: dict[str | None, Literal["NFC", "NFKC"]] = {"nfc": "NFC", "nfkc": "NFKC"}
    form = forms.get(config.corpus.normalize)
    return token is None or form is None or unicodedata.is_normalized(form, token)
