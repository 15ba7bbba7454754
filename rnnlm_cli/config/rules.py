"""Combinations of keys that are not allowed: one table, one rule per row."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from rnnlm_cli.config.corpus import Bpe
from rnnlm_cli.config.model import (
    WITH_FORGET_GATE,
    AdaptiveSoftmax,
    FullSoftmax,
    MogrifierConfig,
    frozen_parts,
    parts_of,
)
from rnnlm_cli.config.schema import Config, value_at
from rnnlm_cli.config.task import (
    Classification,
    Description,
    Language,
    TaskConfig,
    Translation,
    tag_of,
)
from rnnlm_cli.config.training import NoAverage, NtAsgd, OneCycle, Plateau, ScheduleConfig


class Rule(NamedTuple):
    """One rule.

    The message is key, problem, remedy. In the latter two, ``{value}`` is the key's value, and
    ``{c.model.cell}`` that of another key.
    """

    broken: Callable[[Config], bool]
    law: str  # what holds where it is not broken; it names every key concerned
    key: str  # the key to correct; an error names its line
    problem: str
    remedy: str


VALID = (
    "needs a validation text, but corpus.valid is not given",
    "set it to a file or a fraction such as 0.05",
)
LOWER = (
    "{value} cannot occur in a text that corpus.lowercase made lower case",
    "write it in lower case",
)

FEW_ROUNDS = MogrifierConfig().rounds
OTHER_CELL = (
    "is for model.cell: mogrifier, but model.cell is {c.model.cell}",
    "omit it, or use model.cell: mogrifier",
)

NOT_A_MARK = (
    "{value} could be a subword of the text",
    "write it with < before it and > after it, such as <unk> or <eos>",
)
WHOLE_VOCABULARY = (
    "does not apply to corpus.unit: subword, whose vocabulary is all subwords",
    "omit it, and set corpus.subword.size",
)
OTHER_FORM = (
    "{value} cannot occur in a text that corpus.normalize made {c.corpus.normalize}",
    "write it in that form",
)

ONLY_STREAMS = (
    "is for a text that is read as a stream, but this training reads each line by itself",
    "omit it",
)


def only_for(key: str, without: Any, *tasks: type[TaskConfig]) -> Rule:
    """Return the rule that a key has an effect only for some tasks.

    Args:
        key: The key.
        without: Its value, or the kind of section, that has no effect.
        tasks: The tasks that it is for.
    """
    *first, last = map(tag_of, tasks)
    names = f"{', '.join(first)} and {last}" if first else last

    def broken(config: Config) -> bool:
        value = value_at(config, key)
        neutral = isinstance(value, without) if isinstance(without, type) else value == without
        return not (neutral or isinstance(config.task, tasks))

    said = f"is for task.kind: {names}"
    return Rule(broken, f"{key} {said}", key, said, "omit it, or change task.kind")


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
    Rule(
        lambda c: c.model.direction == "bidirectional" and c.corpus.end_of_line is None,
        "model.direction: bidirectional needs corpus.end_of_line",
        "model.direction",
        "bidirectional reads line by line",
        "set corpus.end_of_line to a token such as <eos>",
    ),
    Rule(
        lambda c: _single_lines(c) and c.model.direction == "bidirectional",
        "training.lines: independent is not for model.direction: bidirectional",
        "training.lines",
        "is {value}, but a model with model.direction bidirectional reads lines by themselves "
        "anyway",
        "omit it",
    ),
    Rule(
        lambda c: _single_lines(c) and c.corpus.unit == "word" and c.corpus.end_of_line is None,
        "training.lines: independent needs corpus.end_of_line",
        "training.lines",
        "is {value}, but no token ends a line (corpus.end_of_line is null)",
        "set corpus.end_of_line to a token such as <eos>",
    ),
    Rule(
        lambda c: _single_lines(c) and not c.training.stateful,
        "training.stateful: false is not for training.lines: independent",
        "training.stateful",
        "has no meaning with training.lines independent: the state is zero before each line, and "
        "carried within a long one",
        "omit it",
    ),
    Rule(
        lambda c: c.reads_lines and c.training.bptt_variable,
        "training.bptt_variable is for a text that is read as a stream: not for training.lines: "
        "independent, nor for model.direction: bidirectional",
        "training.bptt_variable",
        *ONLY_STREAMS,
    ),
    Rule(
        lambda c: c.reads_lines and c.training.partial_shuffle,
        "training.partial_shuffle is for a text that is read as a stream: not for training.lines: "
        "independent, nor for model.direction: bidirectional",
        "training.partial_shuffle",
        *ONLY_STREAMS,
    ),
    Rule(
        lambda c: c.training.past_decode > 0 and not isinstance(c.model.output_layer, FullSoftmax),
        "training.past_decode needs model.output_layer.kind: full",
        "training.past_decode",
        "needs the probabilities of all tokens, which no other model.output_layer.kind than full "
        "has in training",
        "omit it, or use kind: full",
    ),
    Rule(
        lambda c: c.training.past_decode > 0 and c.model.direction == "bidirectional",
        "training.past_decode is for model.direction: forward",
        "training.past_decode",
        "is for models that read from left to right, but model.direction is bidirectional",
        "omit it",
    ),
    Rule(
        lambda c: c.model.tie_weights and isinstance(c.model.output_layer, AdaptiveSoftmax),
        "model.tie_weights is not for model.output_layer.kind: adaptive",
        "model.tie_weights",
        "needs a matrix like the embedding's, but an adaptive output layer has none",
        "set it to false, or use kind: sampled",
    ),
    Rule(
        lambda c: c.model.forget_bias != 0 and c.model.cell not in WITH_FORGET_GATE,
        f"model.forget_bias is for model.cell: {', '.join(WITH_FORGET_GATE)}",
        "model.forget_bias",
        "is for forget gates, but model.cell {c.model.cell} has none",
        "omit it, or use model.cell: lstm",
    ),
    Rule(
        lambda c: c.model.mogrifier.rounds != FEW_ROUNDS and c.model.cell != "mogrifier",
        "model.mogrifier.rounds is for model.cell: mogrifier",
        "model.mogrifier.rounds",
        *OTHER_CELL,
    ),
    Rule(
        lambda c: c.model.mogrifier.rank is not None and c.model.cell != "mogrifier",
        "model.mogrifier.rank is for model.cell: mogrifier",
        "model.mogrifier.rank",
        *OTHER_CELL,
    ),
    Rule(
        lambda c: c.model.dropout.weight > 0 and c.model.cell == "sru",
        "model.dropout.weight is not for model.cell: sru",
        "model.dropout.weight",
        "is for recurrent weights, but model.cell sru has none",
        "omit it, or use another cell",
    ),
    Rule(
        lambda c: c.corpus.extend_vocabulary and c.training.init_from is None,
        "corpus.extend_vocabulary needs training.init_from",
        "corpus.extend_vocabulary",
        "needs a model whose vocabulary it extends",
        "set training.init_from to a checkpoint, or omit it",
    ),
    Rule(
        lambda c: c.model.embeddings is not None and c.training.init_from is not None,
        "model.embeddings is not for a training with training.init_from",
        "model.embeddings",
        "is for new models, but training.init_from has vectors of its own",
        "omit one of the two",
    ),
    Rule(
        lambda c: c.model.embeddings is not None and c.model.embedding_start != "drawn",
        "model.embedding_start: ppmi is not for a model with model.embeddings",
        "model.embedding_start",
        "is {value}, but model.embeddings names the vectors to start from",
        "omit one of the two",
    ),
    Rule(
        lambda c: any(part not in parts_of(c.model) for part in c.model.freeze),
        "model.freeze names only layers that model.layers has",
        "model.freeze",
        "names a layer that a model with model.layers {c.model.layers} lacks",
        "choose from embedding, layer1 to the last layer, and output",
    ),
    Rule(
        lambda c: frozen_parts(c.model) == set(parts_of(c.model)),
        "model.freeze leaves a part to train",
        "model.freeze",
        "names every part, which leaves nothing to train",
        "omit one of them",
    ),
    Rule(
        lambda c: c.model.direction == "bidirectional" and c.training.sample.length > 0,
        "training.sample.length is for model.direction: forward",
        "training.sample.length",
        "is for models that write from left to right, but model.direction is bidirectional",
        "set it to 0",
    ),
    Rule(
        lambda c: (
            isinstance(c.training.optimizer, NtAsgd)
            and not isinstance(c.training.averaging, NoAverage)
        ),
        "training.averaging is not for training.optimizer.kind: ntasgd",
        "training.averaging",
        "is for optimizers that do not average, but training.optimizer.kind ntasgd does",
        "omit it, or use another optimizer",
    ),
    Rule(
        lambda c: c.training.device == "cuda" and c.training.engine not in ("auto", "cuda"),
        "training.device: cuda takes training.engine: cuda",
        "training.engine",
        "is {value}, which runs on the CPU, but training.device is cuda",
        "omit one of the two",
    ),
    Rule(
        lambda c: c.training.engine == "cuda" and c.training.device == "cpu",
        "training.engine: cuda is for training.device: cuda or auto",
        "training.engine",
        "is {value}, but training.device is cpu",
        "omit it, and set training.device: cuda",
    ),
    Rule(
        lambda c: c.training.precision == "tf32" and c.training.device == "cpu",
        "training.precision: tf32 is for training.device: cuda or auto",
        "training.precision",
        "is {value}, which a CPU cannot compute with",
        "set training.device: cuda, or use float32",
    ),
    Rule(
        lambda c: _longer_than_all(c.training.schedule),
        "training.schedule.rise and training.schedule.end are at most 1 together",
        "training.schedule.rise",
        "{value} and training.schedule.end {c.training.schedule.end} are more than all steps",
        "make one of them smaller",
    ),
    Rule(
        lambda c: _unwatched(c) and c.training.patience is not None,
        "training.patience needs corpus.valid",
        "training.patience",
        *VALID,
    ),
    Rule(
        lambda c: _unwatched(c) and c.training.validate_every is not None,
        "training.validate_every needs corpus.valid",
        "training.validate_every",
        *VALID,
    ),
    Rule(
        lambda c: _unwatched(c) and isinstance(c.training.schedule, Plateau),
        "training.schedule.kind: plateau needs corpus.valid",
        "training.schedule",
        *VALID,
    ),
    Rule(
        lambda c: _unwatched(c) and isinstance(c.training.optimizer, NtAsgd),
        "training.optimizer.kind: ntasgd needs corpus.valid",
        "training.optimizer",
        *VALID,
    ),
    Rule(
        lambda c: (
            not isinstance(c.task, Language)
            and c.corpus.unit not in ("char", "jamo")
            and c.corpus.end_of_line is None
        ),
        "task.kind other than language needs corpus.end_of_line",
        "task",
        "is for lines, but no token ends a line (corpus.end_of_line is null)",
        "set corpus.end_of_line to a token such as <eos>",
    ),
    only_for("model.direction", "forward", Language, Classification),
    only_for("model.output_layer", FullSoftmax, Language, Description, Translation),
    only_for("model.tie_weights", False, Language, Description, Translation),
    only_for("model.slowness_penalty", 0.0, Language, Classification, Description),
    only_for("model.embedding_start", "drawn", Language, Classification, Description),
    only_for("model.output_bias", "zero", Language, Description),
    only_for("corpus.extend_vocabulary", False, Language),
    only_for("training.device", "cpu", Language),
    only_for("training.lines", "stream", Language),
    only_for("training.past_decode", 0.0, Language),
    only_for("training.sample.length", 0, Language),
)
"""All rules; of several broken ones the first is reported."""


def laws_about(key: str) -> list[str]:
    """Return the laws that name a key or its section."""
    names = f"{re.escape(key)}|{re.escape(key.rpartition('.')[0])}" if key.count(".") > 1 else key
    named = re.compile(rf"(?<![\w.])({names})(?!\.?\w)")
    return [rule.law for rule in RULES if named.search(rule.law)]


def broken_rule(config: Config) -> tuple[str, str] | None:
    """Return the key of the first broken rule and its message; ``None`` if none is broken."""
    for rule in RULES:
        if rule.broken(config):
            said = f"{rule.key} {rule.problem}; {rule.remedy}"
            return rule.key, said.format(c=config, value=value_at(config, rule.key))
    return None


def _is_lower(token: str | None) -> bool:
    return token is None or token == token.lower()


def _is_mark(token: str | None) -> bool:
    """Whether no subword is written like a token; bytes are, ``<0xEC>``."""
    return token is None or (token[0] + token[-1] == "<>" and not token.startswith("<0x"))


def _single_lines(config: Config) -> bool:
    return config.training.lines == "independent"


def _is_normal(config: Config, token: str | None) -> bool:
    forms: dict[str | None, Literal["NFC", "NFKC"]] = {"nfc": "NFC", "nfkc": "NFKC"}
    form = forms.get(config.corpus.normalize)
    return token is None or form is None or unicodedata.is_normalized(form, token)


def _longer_than_all(schedule: ScheduleConfig) -> bool:
    return isinstance(schedule, OneCycle) and schedule.rise + schedule.end > 1


def _unwatched(config: Config) -> bool:
    return config.corpus.valid is None
