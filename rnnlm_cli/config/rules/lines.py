"""Rules for a text that is read line by line, or as one stream."""

from __future__ import annotations

from rnnlm_cli.config.rules.rule import Rule
from rnnlm_cli.config.schema import Config

ONLY_STREAMS = (
    "is for a text that is read as a stream, but this training reads each line by itself",
    "omit it",
)

RULES = (
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
)


def _single_lines(config: Config) -> bool:
    return config.training.lines == "independent"
