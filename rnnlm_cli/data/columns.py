"""The columns of a text with tabs, as ids: lines that are read one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Generic, NamedTuple, TypeVar, cast

import numpy as np

from rnnlm_cli.config import Config
from rnnlm_cli.config.task import TwoColumns
from rnnlm_cli.data.lines import places_of
from rnnlm_cli.data.named import limits_of, split_sources
from rnnlm_cli.data.rows import Rows
from rnnlm_cli.data.texts import TrainingTexts, codec_of, trained_codec
from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.system.arrays import IGNORED, Ids
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.corpus import Corpus, Reading, read_corpus, read_training_corpus
from rnnlm_cli.text.reader import InlineText, Limits, Source
from rnnlm_cli.text.vocabulary import Vocabulary, VocabularyLimits


class Known(NamedTuple):
    """What a model to train further knows."""

    codec: Codec
    vocabulary: Vocabulary
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Lines(Corpus):
    """A text whose lines are read one by one, each with its end.

    Attributes:
        starts: ``(L,)``, the index of each line's first id.
        lengths: ``(L,)``, the number of its ids, its end among them.
    """

    starts: Ids
    lengths: Ids

    def padded(self, lines: Ids, from_right: bool = False) -> Ids:
        """Return some lines side by side, ``(T, B) int64``, each with its end and -1 after it.

        Args:
            lines: ``(B,)``, which lines.
            from_right: Turn the tokens of each line round; its end stays at the end.

        >>> lines = Lines("text", np.array([5, 6, 0, 7, 0]), 0, 0, starts=np.array([0, 3]),
        ...               lengths=np.array([3, 2]))
        >>> lines.padded(np.array([0, 1]), from_right=True).T.tolist()
        [[6, 5, 0], [7, 0, -1]]
        """
        starts, lengths = self.starts[lines], self.lengths[lines]
        steps = np.arange(lengths.max())[:, np.newaxis]  # (T, 1)
        places = np.where(from_right & (steps < lengths - 1), lengths - 2 - steps, steps)
        there = steps < lengths  # (T, B)
        ids = np.asarray(self.ids)[np.where(there, starts + places, 0)].astype(np.int64)
        return np.where(there, ids, IGNORED)

    def after_end(self, lines: Ids) -> tuple[Ids, Ids]:
        """Return what a decoder reads of some lines, and what it predicts, both ``(T, B)``.

        It reads an end of line and then the line, and predicts the line and its end; -1 is after
        both.

        >>> lines = Lines("text", np.array([5, 6, 0, 7, 0]), 0, 0, starts=np.array([0, 3]),
        ...               lengths=np.array([3, 2]))
        >>> [part.T.tolist() for part in lines.after_end(np.array([0, 1]))]
        [[[0, 5, 6], [0, 7, 0]], [[5, 6, 0], [7, 0, -1]]]
        """
        targets = self.padded(lines)
        end = targets[self.lengths[lines[0]] - 1, 0]  # each line's last token
        return np.concatenate([np.full_like(targets[:1], end), targets[:-1]]), targets


OwnLines = TypeVar("OwnLines", bound=Lines)


@dataclass(frozen=True)
class ColumnsReader(Generic[OwnLines]):
    """How texts of one kind of lines are read.

    Attributes:
        of_training: Reads the training text and the validation text, with what a model knows.
        one: Reads a text with what a model knows, within other limits if given.
    """

    of_training: Callable[[Config, Known | None], TrainingTexts]
    one: Callable[[Config, Source | Sequence[Source], Known, Limits | None], OwnLines]

    def split(self, config: Config, split: str | None, known: Known) -> OwnLines:
        """Read one of the texts to evaluate on, as ``read_split`` does.

        Raises:
            UsageError, CorpusError: As the two; or there is no such text.
        """
        sources, part = split_sources(config, split)
        if part is None:
            return self.one(config, list(sources), known, None)
        texts = self.of_training(config, known)
        return cast(OwnLines, texts.train if part == "train" else texts.valid)


def learned(config: Config, name: str, texts: Sequence[str]) -> Known:
    """Return the codec and the vocabulary that a configuration asks for, from a training text.

    Args:
        config: The configuration.
        name: The text's name in messages.
        texts: Its lines, of every column that is read.
    """
    corpus, limits = config.corpus, limits_of(config)
    source = _inline(name, texts)
    codec = trained_codec(codec_of(config), [source], limits, 0.0)
    if codec.line_end is None:
        raise UsageError(
            "corpus.end_of_line is null, but each line is read with its end",
            remedy="set corpus.end_of_line to a token such as <eos>",
        )
    kept = VocabularyLimits(
        corpus.unknown,
        corpus.min_count,
        corpus.max_vocabulary,
        (codec.line_end,),
        known=codec.types,
    )
    reading = Reading(codec, kept, given=0, text_limits=limits, ends=True)
    vocabulary, _, _ = read_training_corpus([source], reading)
    return Known(codec, vocabulary)


def read_lines(config: Config, rows: Rows, texts: Sequence[str], known: Known) -> Lines:
    """Return one column of a text as ids.

    Args:
        config: Gives the limits.
        rows: The text, for messages.
        texts: The column.
        known: Codec and vocabulary.

    Raises:
        CorpusError: A line is too long, or has the token that ends a line in it.
    """
    assert isinstance(config.task, TwoColumns)
    codec, limits = known.codec, limits_of(config)
    source = _inline(rows.name, texts)
    corpus = read_corpus([source], codec, known.vocabulary, 0, limits, ends=True)
    end = known.vocabulary.index[str(codec.line_end)]
    ends = places_of(end, corpus.ids)
    if len(ends) != len(texts):
        row = next(k for k, text in enumerate(texts) if end in codec.encode(text, known.vocabulary))
        raise CorpusError(
            f"{rows.place(row)}: has {codec.line_end}, the token that ends a line; remove it, or "
            "set another corpus.end_of_line"
        )
    lengths = np.diff(ends, prepend=-1)
    if lengths.max() > config.task.longest:
        row = int(np.argmax(lengths > config.task.longest))
        raise CorpusError(
            f"{rows.place(row)}: has {lengths[row]:,} tokens with its end, more than task.longest "
            f"{config.task.longest:,}; shorten it, or raise task.longest"
        )
    shared = {field.name: getattr(corpus, field.name) for field in fields(corpus)}
    found, left_out = tuple(rows.found), tuple(rows.left_out)
    shared["facts"] = replace(corpus.facts, found=found, left_out=left_out)
    return Lines(**shared, starts=ends - lengths + 1, lengths=lengths)


def _inline(name: str, texts: Sequence[str]) -> InlineText:
    return InlineText(name, "".join(f"{text}\n" for text in texts))
