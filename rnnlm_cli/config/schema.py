"""The whole configuration: its sections, and conversion from and to plain values."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import CorpusConfig
from rnnlm_cli.config.keys import Mark, Section, key
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.config.task import Language, TaskConfig, tag_of
from rnnlm_cli.config.training import TrainingConfig


class Config(Section, frozen=True, kw_only=True):
    """A whole configuration."""

    corpus: CorpusConfig
    task: Annotated[TaskConfig, key("what the model is for", Mark.SHAPES_MODEL)] = Language()
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()
    checkpoint: CheckpointConfig

    @property
    def reads_lines(self) -> bool:
        """Whether the model reads each line by itself.

        It does if it is bidirectional, was trained on single lines, or is for another task than
        ``language``.
        """
        one_line = self.model.direction == "bidirectional" or self.training.lines == "independent"
        return one_line or not isinstance(self.task, Language)

    @property
    def how_read(self) -> str:
        """How the model reads lines, in the words of ``training.lines``."""
        return "independent" if self.reads_lines else "stream"

    @property
    def cpu_only(self) -> str | None:
        """The key that keeps the model on the CPU; ``None`` if a device runs it too."""
        if not isinstance(self.task, Language):
            return f"task.kind: {tag_of(type(self.task))}"
        return None if self.model.direct.order is None else "model.direct.order"


def value_at(config: Config, key: str) -> Any:
    """Return the value of a dotted key; ``None`` if the section's kind does not have it."""
    value: Any = config
    for part in key.split("."):
        value = getattr(value, part, None)
    return value


def config_to_plain(config: Config) -> dict[str, Any]:
    """Return a configuration as dicts, lists and scalars."""
    plain: dict[str, Any] = msgspec.to_builtins(config)
    return plain


def config_from_plain(plain: Any) -> Config:
    """Check dicts, lists and scalars against the schema.

    Raises:
        msgspec.ValidationError: A key or value is wrong; names the first one found.
    """
    return msgspec.convert(plain, Config)
