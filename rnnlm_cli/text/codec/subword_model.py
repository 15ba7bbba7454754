"""SentencePiece's ``.model`` files, and unigram models that are learned by ``sentencepiece``."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from io import BytesIO
from typing import Any

from rnnlm_cli.system.optional import extra
from rnnlm_cli.text.codec.subword_names import EVERY_BYTE, SPACE, name_of
from rnnlm_cli.text.codec.subword_tokenizer import Spelled, Tokenizer, guarded
from rnnlm_cli.text.codec.tokenizer_json import (
    NEWLINES,
    Part,
    TokenizerJson,
    document,
    split,
)

COVERED = 0.9995
"""Share of the characters of a text that have a token of their own, SentencePiece's default."""

FATAL = 3
"""SentencePiece's level of messages: what goes wrong is raised as an error as well."""


class SentencePiece(Tokenizer):
    """The tokenizer of a ``.model`` file; ``content`` is the file in base64."""

    form = "sentencepiece"

    @classmethod
    def learned(cls, texts: Sequence[str], size: int) -> SentencePiece:
        """Learn a unigram model (Kudo, 2018) with byte fallback.

        White space is kept and nothing is normalised. The 256 bytes are among the tokens. At most
        half of the others are single characters, the most frequent ones; the rest is spelled in
        bytes. One thread learns, so the result depends on the text alone; the trainer of the
        package ``tokenizers`` adds in an order that differs from run to run.

        Args:
            texts: The training text, line by line.
            size: Maximum number of tokens; a small text gives fewer.
        """
        package = extra("sentencepiece", "subword")
        file = BytesIO()
        # the trainer is not to see them, nor its own sign for a space
        cut = dict.fromkeys(map(ord, rare_characters(texts, (size - 256) // 2)), SPACE)
        plain = (part for text in texts for part in text.translate(cut).split(SPACE) if part)
        guarded(
            lambda: package.SentencePieceTrainer.train(
                sentence_iterator=plain,
                model_writer=file,
                model_type="unigram",
                vocab_size=size + 1,  # and the unknown token, which never occurs
                hard_vocab_limit=False,
                byte_fallback=True,
                character_coverage=1.0,
                required_chars=SPACE,  # even if the text has none
                num_threads=1,
                bos_id=-1,
                eos_id=-1,
                normalization_rule_name="identity",
                remove_extra_whitespaces=False,
                add_dummy_prefix=False,
                allow_whitespace_only_pieces=True,
                max_sentence_length=1 << 30,
                minloglevel=FATAL,
            ),
            "the training text",
        )
        return cls(b64encode(file.getvalue()).decode())

    @classmethod
    def read(cls, data: bytes, place: str) -> SentencePiece:
        """Take over a file.

        Raises:
            CorpusError: It is damaged.
        """
        made = cls(b64encode(data).decode(), prefixed=False, lossless=False)
        guarded(lambda: made.types, place)
        first = guarded(lambda: made.split("a b"), place)
        prefixed = "".join(first).startswith(SPACE)
        return cls(made.content, prefixed, lossless=False)

    @property
    def types(self) -> tuple[str, ...]:
        """The names of all tokens, by id; bytes are added where the model has none."""
        names = [name for name in self._names if name is not None]
        return tuple(dict.fromkeys([*names, *EVERY_BYTE]))

    def split(self, text: str) -> list[str]:
        """Return the names of the tokens of a line."""
        if self.lossless and SPACE in text:  # SentencePiece would read it as a space
            first, *rest = map(self.split, text.split(SPACE))
            return [*first, *(name for part in rest for name in (*SPACE_BYTES, *part))]
        names = [self._names[k] for k in guarded(lambda: self._engine.encode(text))]
        if None in names:
            return [name for part in self.spelled(text) for name in part.names]
        return names

    def spelled(self, text: str) -> Iterator[Spelled]:
        """Split a line; what the model does not know is spelled in bytes."""
        found = guarded(lambda: self._engine.encode(text, return_type="offset_mapping"))
        end = 0
        for k, piece, (_, stop) in zip(*found.values(), strict=True):
            name = self._names[k]
            names = [EVERY_BYTE[byte] for byte in piece.encode()] if name is None else [name]
            yield Spelled(names, text[end:stop])
            end = max(end, stop)
        if rest := text[end:]:
            yield Spelled([], rest)

    def renumbered(self, names: Sequence[str], end: int, forms: list[Part]) -> TokenizerJson:
        """Return a learned model with other ids; of a given one, not all can be said.

        A piece has a space where SentencePiece writes its sign, so that the sign itself is, as
        here, a character without a token, and is spelled in bytes.
        """
        if not self.lossless:
            return TokenizerJson(None, "how this SentencePiece model changes a text first")
        model, scores = self._engine, dict[str, tuple[str, float]]()
        for k, name in enumerate(self._names):
            piece = model.id_to_piece(k).replace(SPACE, " ")
            # a character that is a token comes before the byte of the same name
            if name is not None and not (model.is_byte(k) and name in scores):
                scores[name] = (piece, model.get_score(k))
        lowest = min(score for _, score in scores.values())
        unreachable = "\0"  # no text has it
        pieces = [scores.get(name, (unreachable + name, lowest)) for name in names]
        pieces[end] = ("\n", lowest)
        unknown = next(k for k, name in enumerate(names) if name not in scores and k != end)
        unigram = {"type": "Unigram", "unk_id": unknown, "vocab": pieces, "byte_fallback": True}
        literal = split({"Regex": "<(?=0x[0-9A-F]{2}>)"}, "Isolated")  # a text, not a byte's token
        splits = [split({"String": "\n"}, "Isolated"), literal]
        decoders = [{"type": "ByteFallback"}, {"type": "Fuse"}]
        decoder = {"type": "Sequence", "decoders": decoders}
        return document(unigram, [NEWLINES, *forms], splits, decoder)

    @cached_property
    def _engine(self) -> Any:
        package = extra("sentencepiece", "subword")
        data = b64decode(self.content)
        package.set_min_log_level(FATAL)
        return guarded(lambda: package.SentencePieceProcessor(model_proto=data))

    @cached_property
    def _names(self) -> list[str | None]:
        """The names of the tokens by id; ``None`` for marks and the unknown token."""
        model = self._engine

        def name(k: int) -> str | None:
            if model.is_unknown(k) or model.is_control(k) or model.is_unused(k):
                return None
            piece = model.id_to_piece(k)
            return piece if model.is_byte(k) else name_of(piece.replace(SPACE, " ").encode())

        return [name(k) for k in range(len(model))]


SPACE_BYTES = [EVERY_BYTE[byte] for byte in SPACE.encode()]
"""The tokens of the sign itself where a text has it."""


def rare_characters(texts: Sequence[str], most: int) -> set[str]:
    """Return the characters of a text that get no token of their own.

    Args:
        texts: The text.
        most: Maximum number of the others, which are at most 0.9995 of the text.
    """
    counts = Counter[str]()
    for text in texts:
        counts.update(text)
    enough, covered, kept = COVERED * counts.total(), 0, set[str]()
    for character, count in counts.most_common(most):
        if covered >= enough:
            break
        covered += count
        kept.add(character)
    return counts.keys() - kept
