"""Rules for what only some tasks have."""

from __future__ import annotations

from typing import Any

from rnnlm_cli.config.model import FullSoftmax
from rnnlm_cli.config.rules.rule import Rule
from rnnlm_cli.config.schema import Config, value_at
from rnnlm_cli.config.task import (
    Classification,
    Description,
    Language,
    TaskConfig,
    Translation,
    tag_of,
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
    only_for("model.direct.order", None, Language),
    only_for("model.output_bias", "zero", Language, Description),
    only_for("corpus.extend_vocabulary", False, Language),
    only_for("training.lines", "stream", Language),
    only_for("training.past_decode", 0.0, Language),
    only_for("training.sample.length", 0, Language),
)
