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
from rnnlm_cli.text.codec.tokenizer_json import BLANK, NEWLINES, Part, TokenizerJson, split

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
white space. The characters are listed, as those of ``BLANK`` are."""

LETTER_OF_NEWLINE = "Ċ"
"""How GPT-2's tokenizer writes that byte."""


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

    def renumbered(self, names: Sequence[str], end: int, forms: list[Part]) -> TokenizerJson:
        """Return the file with other ids.

        Only BPE over bytes, or with all bytes among its tokens, has a token for every text. A
        newline gets its id if nothing is added to a line and nothing else is done to a text.
        """
        model, style = self._plain["model"], self._style
        if model.get("type", "BPE") != "BPE" or self._unknown_possible:
            return TokenizerJson(None, "how this tokenizer's unknown characters become bytes")
        by_name = {name: k for k, name in enumerate(names)}
        pieces = {**model["vocab"], **{content: k for k, content in style.added.items()}}
        named = {piece: style.name(k, piece) for piece, k in pieces.items()}
        ids = {piece: by_name[name] for piece, name in named.items() if name in by_name}
        if style.lossless:
            ids[LETTER_OF_NEWLINE] = end
        for k in sorted(set(range(len(names))) - set(ids.values())):  # no text becomes them
            # a pre-token may be looked up as a whole; none has a space, which is a letter here
            piece = f" {names[k]}" if model.get("ignore_merges") else names[k]
            ids[piece if piece not in ids else f"  {piece}"] = k
        marks = [piece for piece in pieces if piece not in ids]
        ids.update({piece: len(names) + k for k, piece in enumerate(marks)})
        plain = {**self._plain, "model": {**model, "vocab": ids}}
        plain["added_tokens"] = [
            {**token, "id": ids[token["content"]]}
            for token in self._plain.get("added_tokens") or ()
            if not token["special"]
        ]
        own = [] if plain.get("normalizer") is None else [plain["normalizer"]]
        plain["normalizer"] = {"type": "Sequence", "normalizers": [NEWLINES, *forms, *own]}
        if not style.lossless:
            return TokenizerJson(plain, f"ends of lines: encode lines one by one, add the id {end}")
        splits = [split({"String": "\n"}, "Isolated"), plain["pre_tokenizer"]]
        plain["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": splits}
        return TokenizerJson(plain)

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
