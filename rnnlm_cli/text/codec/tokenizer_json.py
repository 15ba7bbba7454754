r"""Parts of a ``tokenizer.json``, the form in which the package ``tokenizers`` reads a tokenizer.

A codec describes itself in it (``Codec.as_json``), so that other programs give a text the ids that
rnnlm gives it. A newline stands for the end of a line, as in a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

BLANK = "\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""White space as Python splits at it, for a pattern. The characters are listed, so that they depend
on no version of Unicode and on no program."""

Part = dict[str, Any]


class TokenizerJson(NamedTuple):
    """A tokenizer for other programs.

    Attributes:
        plain: The values of the file; ``None`` if it cannot give the same ids.
        lacks: What it cannot say, in words; empty for nothing.
    """

    plain: Part | None
    lacks: str = ""


def document(
    model: Part, normalizers: list[Part], splits: list[Part], decoder: Part | None
) -> TokenizerJson:
    """Return the values of a whole file; no text is taken for a mark."""
    return TokenizerJson(
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [],
            "normalizer": {"type": "Sequence", "normalizers": normalizers},
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": splits},
            "post_processor": None,
            "decoder": decoder,
            "model": model,
        }
    )


def normal_form(form: str | None, lowercase: bool) -> list[Part]:
    """Return what brings a text to its form, as ``Codec.normalized`` does.

    A capital sigma at a word's end has a small letter of its own, which Python knows.
    """
    forms = [{"type": form.upper()}] if form else []
    if not lowercase:
        return forms
    sigma = replaced({"Regex": r"(?<=\p{L})Σ(?!\p{L})"}, "ς")
    return [*forms, sigma, {"type": "Lowercase"}, *forms]


def replaced(pattern: Mapping[str, str], content: str) -> Part:
    """Return a normalizer that replaces a pattern (``{"String": ...}`` or ``{"Regex": ...}``)."""
    return {"type": "Replace", "pattern": dict(pattern), "content": content}


NEWLINES = replaced({"String": "\r\n"}, "\n")
"""What the reader of a file does."""


def split(pattern: Mapping[str, str], behavior: str) -> Part:
    """Return a pre-tokenizer: parts that match are ``Isolated`` or ``Removed``."""
    return {"type": "Split", "pattern": dict(pattern), "behavior": behavior, "invert": False}


def by_words(ids: Mapping[str, int], unknown: str) -> Part:
    """Return a model that looks up each part as a whole."""
    return {"type": "WordLevel", "vocab": dict(ids), "unk_token": unknown}
