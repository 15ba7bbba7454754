"""The codec of subwords: BPE or unigram, learned from the training text or given as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from rnnlm_cli.errors import CheckpointError, CorpusError, UsageError
from rnnlm_cli.system.arrays import Ids
from rnnlm_cli.text.codec.base import Codec, Decoder
from rnnlm_cli.text.codec.char import CharCodec
from rnnlm_cli.text.codec.subword_json import JsonTokenizer
from rnnlm_cli.text.codec.subword_model import SentencePiece
from rnnlm_cli.text.codec.subword_names import (
    IN_BYTES,
    SPACE,
    SubwordDecoder,
    sizes_of,
    text_of,
)
from rnnlm_cli.text.codec.subword_tokenizer import MOST_BYTES, Tokenizer
from rnnlm_cli.text.codec.tokenizer_json import TokenizerJson, normal_form
from rnnlm_cli.text.opened import open_regular
from rnnlm_cli.text.pieces import Piece
from rnnlm_cli.text.reader import DEFAULT_LIMITS, Limits
from rnnlm_cli.text.vocabulary import Vocabulary

FORMS: dict[str, type[Tokenizer]] = {kind.form: kind for kind in (JsonTokenizer, SentencePiece)}
"""The class of each form in which a model file has a tokenizer."""

LEARNED: dict[str, Callable[[Sequence[str], int], Tokenizer]] = {
    "bpe": JsonTokenizer.learned,
    "unigram": SentencePiece.learned,
}
"""What ``corpus.subword.kind`` learns."""

MOST_LEARNED = 50_000_000
"""Maximum characters to learn from; of a longer text some lines are taken, at equal distances."""


class Plan(NamedTuple):
    """What to learn, or the file to take over."""

    kind: str = "bpe"
    size: int = 8_000
    path: str = ""


@dataclass(frozen=True)
class SubwordCodec(Codec):
    """Tokens are frequent parts of text, most of them with the space before them.

    Every byte is a token, so no text is unknown. A line's end is ``end_of_line``, else a newline;
    it comes from the line and never from the tokenizer. The tokens of a learned tokenizer give the
    line back exactly. A given one may change it, for example to lower case; sizes are still those
    of the text as it was.

    Attributes:
        tokenizer: What splits the text, or the plan to learn it.
    """

    tokenizer: Tokenizer | Plan = field(default=Plan())

    unit = "subword"
    separator = ""
    newline = "\n"
    parts_of_words = True
    cut_by_characters = True
    preparation = "reading the texts and learning their subwords"

    def planned(self, subword: Mapping[str, Any]) -> SubwordCodec:
        """Return the codec with what ``train`` is to learn, or with the file to take over."""
        return replace(self, tokenizer=Plan(**subword))

    @property
    def learns(self) -> bool:
        """Whether ``train`` reads the text: not if a file is given."""
        return isinstance(self.tokenizer, Plan) and not self.tokenizer.path

    def train(self, pieces: Iterable[Piece]) -> SubwordCodec:
        """Return the codec with its tokenizer: learned from the text, or read from the file.

        Raises:
            UsageError: The file is missing, or a package is not installed.
            CorpusError: The file is damaged, or the text is empty.
        """
        plan = self.tokenizer
        if isinstance(plan, Tokenizer):
            return self
        if plan.path:
            return replace(self, tokenizer=read_tokenizer(plan.path))
        as_read = self.normalized
        texts = evenly(as_read(piece.text).removesuffix("\n") for piece in pieces)
        if not any(map(str.strip, texts)):
            raise CorpusError(
                "the training text has no text to learn from; name another corpus.train"
            )
        return replace(self, tokenizer=LEARNED[plan.kind](texts, plan.size))

    @property
    def types(self) -> tuple[str, ...]:
        """All tokens of the tokenizer, whether the training text has them or not."""
        end = () if self.end_of_line is not None else ("\n",)
        return (*self._made.types, *end)

    def split(self, text: str) -> list[str]:
        """Return the names of the tokens, see ``subword_names.py``."""
        lines = self.normalized(text)
        if self.end_of_line is not None:
            return self._made.split(lines.removesuffix("\n"))
        first, *rest = map(self._made.split, lines.split("\n"))
        return [*first, *(name for line in rest for name in ("\n", *line))]

    def forms(self, token: str) -> list[str]:
        """Return a token that a user names, whose space may be a space, by its name."""
        if IN_BYTES.fullmatch(token):
            return [token]
        return [self.normalized(token).replace(" ", SPACE)]

    def start_of(self, text: str) -> list[str]:
        """Split a text to be continued: a space at its end belongs to the next token."""
        return self.split(text.rstrip(" ") or text)

    def decoder(self) -> Decoder:
        """Return a decoder that writes characters when all their bytes have come."""
        prefixed = isinstance(self.tokenizer, Tokenizer) and self.tokenizer.prefixed
        return SubwordDecoder(self.line_end, prefixed)

    def join(self, tokens: Iterable[str]) -> str:
        """Return the text of the tokens of a line."""
        return self.decoder().whole(tokens)

    def surface(self, token: str) -> str:
        """Return the text of a token; U+FFFD for a part of a character."""
        return text_of([token])

    def sizes(self, types: Sequence[str]) -> tuple[Ids, Ids]:
        """Return the number of characters and of bytes of each token, ``(types,)`` each.

        A character in several tokens belongs to the one with its first byte.
        """
        return sizes_of(types)

    def changes_sizes(self, text: str) -> bool:
        """Whether ``changed_sizes`` may find something: with a tokenizer that changes text."""
        return not self._made.lossless or super().changes_sizes(text)

    def changed_sizes(self, text: str) -> Iterator[tuple[int, str, str]]:
        """Find the tokens that are longer or shorter than their part of the text."""
        groups = self._made.groups(self.normalized(text).removesuffix("\n"))
        tokens = [0, *accumulate(group.tokens for group in groups)]
        for place, group in zip(tokens, groups, strict=False):
            if group.stretch != group.read:
                yield place, group.stretch, group.read
        if not super().changes_sizes(text):
            return
        ends = np.cumsum([len(group.stretch) for group in groups])
        for character, original, read in self._characters.changed_sizes(text):
            yield tokens[np.searchsorted(ends, character, "right")], original, read

    @property
    def _characters(self) -> CharCodec:
        return CharCodec(None, self.lowercase, self.normalize)

    def reading_limits(self, limits: Limits = DEFAULT_LIMITS) -> Limits:
        """Return the limits, with cuts of long lines before a space, which begins a token."""
        return limits._replace(space_first=True)

    def as_json(self, vocabulary: Vocabulary) -> TokenizerJson:
        """Return the tokenizer with the ids of the vocabulary, as far as it can be said."""
        assert self.line_end is not None
        end = vocabulary.index.get(self.line_end, vocabulary.unknown_id)
        forms = normal_form(self.normalize, self.lowercase)
        return self._made.renumbered(vocabulary.tokens, end, forms)

    @property
    def _made(self) -> Tokenizer:
        assert isinstance(self.tokenizer, Tokenizer), "train the codec first"
        return self.tokenizer

    def to_plain(self) -> dict[str, Any]:
        """Return the whole codec as plain values for the model file."""
        own = self.tokenizer
        if isinstance(own, Plan):
            return {**super().to_plain(), "plan": own._asdict()}
        return {
            **super().to_plain(),
            "form": own.form,
            "content": own.content,
            "prefixed": own.prefixed,
            "lossless": own.lossless,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> SubwordCodec:
        """Return the codec that ``to_plain`` was called on; its tokenizer is not used yet.

        Raises:
            CheckpointError: The values are not those of a codec.
        """
        rest = dict(plain)
        own = {name: rest.pop(name) for name in OWN if name in rest}
        codec = super().from_plain(rest)
        assert isinstance(codec, SubwordCodec)
        return replace(codec, tokenizer=_restored(own))


OWN = ("plan", "form", "content", "prefixed", "lossless")
"""The plain values that only this codec has."""


def _restored(own: Mapping[str, Any]) -> Tokenizer | Plan:
    plan = own.get("plan")
    if own.keys() == {"plan"} and isinstance(plan, dict) and plan.keys() == set(Plan._fields):
        return Plan(**plan)
    form, content = own.get("form"), own.get("content")
    prefixed, lossless = own.get("prefixed"), own.get("lossless")
    if (
        own.keys() != set(OWN[1:])
        or not (isinstance(form, str) and form in FORMS)
        or not (isinstance(content, str) and len(content) <= 2 * MOST_BYTES)
        or not (isinstance(prefixed, bool) and isinstance(lossless, bool))
    ):
        raise CheckpointError("its codec is not valid")
    return FORMS[form](content, prefixed, lossless)


def read_tokenizer(path: str) -> Tokenizer:
    """Read a ``tokenizer.json`` or a SentencePiece ``.model``; its first byte tells which it is.

    Raises:
        UsageError: The file is missing or not a regular one, or a package is not installed.
        CorpusError: It is damaged or too large.
    """
    try:
        with open_regular(path) as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{error.strerror}; set corpus.subword.path to a tokenizer.json or a SentencePiece "
            ".model",
            place=path,
        ) from None
    if len(data) > MOST_BYTES:
        raise CorpusError(f"longer than {MOST_BYTES:,} bytes; name a tokenizer", place=path)
    form = JsonTokenizer if data.lstrip()[:1] == b"{" else SentencePiece
    return form.read(data, path)


def evenly(texts: Iterable[str], most: int = MOST_LEARNED) -> list[str]:
    """Return all lines that are not empty, or every second, fourth ... if they are too many.

    Args:
        texts: The lines.
        most: Maximum characters in memory, but for the last line.
    """
    kept, size, distance = list[str](), 0, 1
    for place, text in enumerate(texts):
        if place % distance:
            continue
        kept.append(text)
        size += len(text)
        if size > most and len(kept) > 1:
            kept, distance = kept[::2], 2 * distance
            size = sum(map(len, kept))
    return [text for text in kept if text]
