"""How the tokens of a ``tokenizer.json`` write spaces and bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from rnnlm_cli.errors import CorpusError, quoted
from rnnlm_cli.text.codec.subword_names import EVERY_BYTE, IN_BYTES, SPACE, name_of
from rnnlm_cli.text.codec.subword_tokenizer import REMEDY

MOST_PATTERN = 2_000
"""Maximum characters of a regular expression in a file."""

SLOW = re.compile(r"(?<!\\)\)[*+{]|\\[gk1-9]")
"""A repeated group, or a reference to one: such a pattern can take a time that is exponential in
the length of a text. Those of known models have neither."""


@dataclass(frozen=True)
class Style:
    """How tokens are written, and what the tokenizer does with spaces and with what it lacks.

    Attributes:
        kind: ``bytes`` (GPT-2's letters for bytes), ``pieces`` (a sign for the space) or ``words``
            (a sign for what continues a word).
        sign: That sign.
        marks: The ids of special tokens and of the unknown one; no text becomes them.
        added: Further tokens that the file adds as plain text, by id.
        prefixed: Whether a line gets a space before its first token.
        lossless: Whether nothing else is done to a text.
        byte_fallback: Whether tokens such as ``<0xEC>`` are bytes.
        drops_unknown: Whether characters without a token vanish.
    """

    kind: str
    sign: str
    marks: frozenset[int]
    added: dict[int, str]
    prefixed: bool
    lossless: bool
    byte_fallback: bool
    drops_unknown: bool

    def name(self, number: int, piece: str) -> str | None:
        """Return the name of a token; ``None`` for a mark."""
        if number in self.marks or not piece:
            return None
        if number in self.added:
            return name_of(self.added[number].encode())
        if self.byte_fallback and len(piece) == 6 and IN_BYTES.fullmatch(piece):
            return piece
        if self.kind == "bytes":
            table = bytes_by_letter()
            known = all(letter in table for letter in piece)
            return name_of(bytes(map(table.__getitem__, piece)) if known else piece.encode())
        if self.kind == "words":
            continues = piece.startswith(self.sign) and piece != self.sign
            return name_of((piece[len(self.sign) :] if continues else f" {piece}").encode())
        return name_of(piece.replace(self.sign, " ").encode())

    def unknown(self, text: str) -> list[str]:
        """Spell a text without a token in bytes; a word has its space before it."""
        spaced = f" {text}" if self.kind == "words" and text else text
        return [EVERY_BYTE[byte] for byte in spaced.encode()]


@cache
def bytes_by_letter() -> dict[str, int]:
    """Return the byte of each letter with which GPT-2's tokenizer writes bytes."""
    own = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in own]
    return {chr(k): k for k in own} | {chr(0x100 + k): byte for k, byte in enumerate(others)}


def style_of(plain: dict[str, Any], place: str) -> Style:
    """Read from a ``tokenizer.json`` how its tokens are written.

    Args:
        plain: Its values.
        place: Its name in messages.

    Raises:
        CorpusError: That is none of the known ways, or the file is damaged.
    """
    try:
        return _style_of(plain, place)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise CorpusError(
            f"not a valid tokenizer.json: {error!r}", place=place, remedy=REMEDY
        ) from None


def _style_of(plain: dict[str, Any], place: str) -> Style:
    model = plain["model"]
    parts = list(_parts([plain.get(k) for k in ("normalizer", "pre_tokenizer", "decoder")]))
    kinds = {part["type"]: part for part in parts}
    added = {int(token["id"]): token for token in plain.get("added_tokens") or ()}
    marks = {k for k, token in added.items() if token["special"]}
    byte_level, sign, prefixed = "ByteLevel" in kinds, "", False
    if byte_level:
        kind = "bytes"
        prefixed = any(
            p["type"] == "ByteLevel" and _adds_space(p) for p in _parts(plain.get("pre_tokenizer"))
        )
    elif model.get("type") == "WordPiece":
        kind, sign, prefixed = "words", str(model.get("continuing_subword_prefix", "##")), True
    elif found := [*_metaspaces(parts)]:
        kind, sign = "pieces", found[0]
        prefixed = "Prepend" in kinds or ("Metaspace" in kinds and _adds_space(kinds["Metaspace"]))
    else:
        raise CorpusError(
            "does not tell where words begin; known are ByteLevel, Metaspace and WordPiece",
            place=place,
            remedy=REMEDY,
        )
    cut_off = any(token.get("lstrip") or token.get("rstrip") for token in added.values())
    return Style(
        kind,
        sign,
        frozenset(marks | _unknown_ids(model)),
        {k: str(token["content"]) for k, token in added.items()},
        prefixed,
        byte_level and not prefixed and not plain.get("normalizer") and not cut_off,
        bool(model.get("byte_fallback")),
        model.get("type") == "BPE" and model.get("unk_token") is None,
    )


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the components of normalizer, pre-tokenizer and decoder, nested ones too."""
    if isinstance(value, list):
        for one in value:
            yield from _parts(one)
    elif isinstance(value, dict):
        if isinstance(value.get("type"), str):
            yield value
        for one in value.values():
            yield from _parts(one)


def _adds_space(part: dict[str, Any]) -> bool:
    scheme = part.get("prepend_scheme")
    return bool(part.get("add_prefix_space", True)) if scheme is None else scheme != "never"


def _metaspaces(parts: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the signs that stand for spaces."""
    for part in parts:
        if part["type"] == "Metaspace":
            yield str(part.get("replacement", SPACE))
        elif part["type"] == "Replace" and part["pattern"] == {"String": " "}:
            yield str(part["content"])


def _unknown_ids(model: dict[str, Any]) -> set[int]:
    """Return the ids of the model's unknown token."""
    if model.get("type") == "Unigram":
        return set() if model.get("unk_id") is None else {int(model["unk_id"])}
    unknown = model.get("unk_token")
    return {int(model["vocab"][unknown])} if unknown in (model.get("vocab") or ()) else set()


def check_patterns(plain: dict[str, Any]) -> None:
    """Refuse a file whose regular expressions may be slow: it may be a stranger's.

    Raises:
        CorpusError: There is such a pattern.
    """
    for part in _parts([plain.get(k) for k in ("normalizer", "pre_tokenizer", "decoder")]):
        pattern = part.get("pattern")
        text = pattern.get("Regex") if isinstance(pattern, dict) else None
        if isinstance(text, str) and (len(text) > MOST_PATTERN or SLOW.search(text)):
            raise CorpusError(
                f"the pattern {quoted(text)} of a tokenizer repeats a group, refers to one or is "
                f"longer than {MOST_PATTERN:,} characters, and so may be slow",
                remedy=REMEDY,
            )
