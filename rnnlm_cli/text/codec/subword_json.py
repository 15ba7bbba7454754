"""Tokenizers in a ``tokenizer.json``, and BPE that is learned; the package is ``tokenizers``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.system.optional import extra
from rnnlm_cli.text.codec.subword_names import EVERY_BYTE, name_of
from rnnlm_cli.text.codec.subword_style import Style, check_patterns, style_of
from rnnlm_cli.text.codec.subword_tokenizer import IN_MODEL, REMEDY, Spelled, Tokenizer, guarded

BLANK = "\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
MARK = (
    "!-/:-@\\[-`{-~\xa1-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u2010-\u2027\u2030-\u205e"
    "\u2190-\u2bff\u3001-\u3004\u3008-\u3020\u3030\u30fb\ufe0f\uff01-\uff0f\uff1a-\uff20"
    "\uff3b-\uff40\uff5b-\uff65\U0001f000-\U0001faff"
)
PARTS = "|".join(
    [
        "'(?:s|t|re|ve|m|ll|d)(?![A-Za-z])",  # contractions of English
        f" ?[^{BLANK}0-9{MARK}]+",
        " ?[0-9]+",
        f" ?[{MARK}]+",
        f"[{BLANK}]+(?=[{BLANK}])",  # all but the last, which may belong to what follows
        f"[{BLANK}]",
    ]
)
"""What no learned token crosses: letters, digits or marks, each with the one space before it, or
white space. The characters are listed, so that the cut depends on no version of Unicode."""


class JsonTokenizer(Tokenizer):
    """The tokenizer of a ``tokenizer.json``."""

    form = "tokenizers"

    @classmethod
    def learned(cls, texts: Sequence[str], size: int) -> JsonTokenizer:
        """Learn byte-pair encoding (Sennrich et al., 2016) over bytes.

        The 256 bytes come first. Then the pair of tokens that is most frequent within the parts of
        the text becomes a token, again and again; of equal counts the pair of smaller ids. A pair
        must occur twice, so a small text gives fewer tokens than asked. The result depends on the
        text alone.

        Args:
            texts: The training text, line by line.
            size: Maximum number of tokens.
        """
        package = extra("tokenizers", "subword")
        before = package.pre_tokenizers
        made = package.Tokenizer(package.models.BPE())
        cut = before.Split(package.Regex(PARTS), "isolated")
        made.pre_tokenizer = before.Sequence([cut, before.ByteLevel(False, use_regex=False)])
        made.decoder = package.decoders.ByteLevel()
        trainer = package.trainers.BpeTrainer(
            vocab_size=size,
            min_frequency=2,
            show_progress=False,
            initial_alphabet=sorted(before.ByteLevel.alphabet()),
        )
        made.train_from_iterator(texts, trainer)
        return cls(made.to_str())

    @classmethod
    def read(cls, data: bytes, place: str) -> JsonTokenizer:
        """Take over a file; what it adds to a text, cuts off or draws at random is left out.

        Raises:
            CorpusError: It is damaged, or its tokens do not tell where words begin.
        """
        plain = parsed(data, place)
        plain.update(truncation=None, padding=None, post_processor=None)
        plain["model"] = {**plain["model"], "dropout": None}
        style = style_of(plain, place)
        made = cls(json.dumps(plain, ensure_ascii=False), style.prefixed, style.lossless)
        guarded(lambda: made.types, place)
        if made._unknown_possible:
            made = cls(made.content, style.prefixed, lossless=False)
        return made

    @property
    def types(self) -> tuple[str, ...]:
        """The names of all tokens, by id; bytes are added where the tokenizer has none."""
        bytes_added = EVERY_BYTE if self._unknown_possible else ()
        return tuple(dict.fromkeys([*self._names.values(), *bytes_added]))

    def split(self, text: str) -> list[str]:
        """Return the names of the tokens of a line."""
        if self._unknown_possible:
            return [name for part in self.spelled(text) for name in part.names]
        ids = self._encoded(text).ids
        return [self._names[k] for k in ids]

    def spelled(self, text: str) -> Iterator[Spelled]:
        """Split a line; what the tokenizer does not know is spelled in bytes."""
        found = self._encoded(text)
        end = 0
        for k, (start, stop) in zip(found.ids, found.offsets, strict=True):
            if self._style.drops_unknown and text[end:start].strip():
                yield Spelled(self._style.unknown(text[end:start]), text[end:start])
                end = start
            name = self._names.get(k)
            names = self._style.unknown(text[start:stop]) if name is None else [name]
            yield Spelled(names, text[end:stop])
            end = max(end, stop)
        if rest := text[end:]:
            dropped = self._style.drops_unknown and rest.strip()
            yield Spelled(self._style.unknown(rest) if dropped else [], rest)

    def _encoded(self, text: str) -> Any:
        return guarded(lambda: self._engine.encode(text, add_special_tokens=False))

    @cached_property
    def _plain(self) -> dict[str, Any]:
        return parsed(self.content.encode(), IN_MODEL)

    @cached_property
    def _style(self) -> Style:
        return style_of(self._plain, IN_MODEL)

    @cached_property
    def _engine(self) -> Any:
        """The tokenizer of the package; words of the text that look like its marks are words."""
        package = extra("tokenizers", "subword")
        check_patterns(self._plain)
        engine = guarded(lambda: package.Tokenizer.from_str(self.content))
        engine.encode_special_tokens = True
        return engine

    @cached_property
    def _names(self) -> dict[int, str]:
        """The names of the tokens by id, in the order of ids, without marks and unknown ones."""
        found = sorted((k, piece) for piece, k in self._engine.get_vocab().items())
        named = ((k, self._style.name(k, piece)) for k, piece in found)
        return {k: name for k, name in named if name is not None}

    @cached_property
    def _unknown_possible(self) -> bool:
        """Whether the tokenizer lacks a byte."""
        names = set(self._names.values())
        plain = {name_of(bytes([byte])) for byte in range(256)}
        return not names.issuperset(plain if self._style.kind == "bytes" else EVERY_BYTE)


def parsed(data: bytes, place: str) -> dict[str, Any]:
    """Return the values of a ``tokenizer.json``.

    Raises:
        CorpusError: It is not one.
    """
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"not a tokenizer.json: {error}", place=place, remedy=REMEDY) from None
    if not isinstance(plain, dict) or not isinstance(plain.get("model"), dict):
        raise CorpusError("not a tokenizer.json: it has no model", place=place, remedy=REMEDY)
    return plain
