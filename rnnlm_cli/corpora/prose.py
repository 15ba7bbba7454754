"""Extracting sentences from documentation in reStructuredText, one per line."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

TOKEN = re.compile(
    r"""
    (?: [^\W\d_] \. ){2,}              # an abbreviation such as e.g.
    | [^\W\d_]+ (?: ['’-] [^\W\d_]+ )*   # a word, with inner apostrophes and hyphens
    | \d+ (?: [.,] \d+ )*              # a number
    | \.\.\.
    | [^\w\s]                          # one punctuation mark
    """,
    re.VERBOSE,
)
MARKUP = re.compile(r":[\w:+-]+:(?=`)|`_+|[`*|]+|\\")
"""Roles before a quoted name, quotes, emphasis, escapes."""

SENTENCE_END = re.compile(r"(?<=[.!?])['\")\]]*\s+(?=[A-Z\"'(])")
ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|Mr|Dr|[A-Z]))\.$")

LEAST_WORDS = 4
LEAST_SHARE = 0.6
"""Minimum number and share of words in a sentence; other text is code or tables."""


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a documentation text as tokens separated by single spaces.

    Code examples, tables, headings, field lists and directives are omitted.

    Args:
        text: A docstring, or a topic of the manual.
    """
    for paragraph in paragraphs(text):
        for sentence in split_sentences(paragraph):
            tokens = TOKEN.findall(sentence)
            words = [token for token in tokens if token[0].isalpha()]
            ends = tokens and tokens[-1] in {".", "!", "?"}
            if ends and len(words) >= max(LEAST_WORDS, LEAST_SHARE * len(tokens)):
                yield " ".join(tokens)


def paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of running text, each on one line."""
    for block in re.split(r"\n\s*\n", inspect.cleandoc(text)):
        lines = [line.strip() for line in block.splitlines()]
        if any(line.startswith((">>>", "... ", "..", ":", "|", "+-", "$ ")) for line in lines):
            continue
        lines = [re.sub(r"^[*+-] +|^\(?\w{1,2}[.)] +", "", line) for line in lines]
        kept = [line for line in lines if not re.fullmatch(r"[\W_]*", line)]
        yield MARKUP.sub("", " ".join(kept))


def split_sentences(paragraph: str) -> Iterator[str]:
    """Split a paragraph after sentence ends, but not after abbreviations."""
    start = 0
    for end in SENTENCE_END.finditer(paragraph):
        if not ABBREVIATION.search(paragraph[start : end.start()]):
            yield paragraph[start : end.start()]
            start = end.end()
    yield paragraph[start:]
