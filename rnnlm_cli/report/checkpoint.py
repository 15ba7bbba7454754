"""What a checkpoint holds: as plain values, whose names are those of JSON, and as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import yaml
from msgspec import structs

from rnnlm_cli.checkpoint import SavedModel
from rnnlm_cli.config import config_to_plain
from rnnlm_cli.report.table import figure, visible


def checkpoint_values(path: str, saved: SavedModel) -> dict[str, Any]:
    """Return what a checkpoint holds, weights apart, as plain values."""
    vocabulary = saved.vocabulary
    state = saved.training_state
    most_frequent = np.argsort(-vocabulary.counts, kind="stable")[:20]
    return {
        "checkpoint": path,
        "parameters": saved.model.parameter_count,
        "shapes": {name: list(p.value.shape) for name, p in saved.model.params.items()},
        "vocabulary": {
            "size": len(vocabulary),
            "unknown": vocabulary.unknown,
            "most_frequent": [vocabulary.tokens[k] for k in most_frequent],
        },
        "history": [structs.asdict(epoch) for epoch in saved.history],
        "steps": None if state is None else state.step,
        "config": config_to_plain(saved.config),
    }


def checkpoint_table(values: Mapping[str, Any], measure: str) -> str:
    """Lay a checkpoint out for reading.

    Args:
        values: See ``checkpoint_values``.
        measure: What perplexity is called.
    """
    vocabulary = values["vocabulary"]
    shown = " ".join(map(visible, vocabulary["most_frequent"]))
    unknown = visible(vocabulary["unknown"])
    widest = max(map(len, values["shapes"]))
    lines = [
        f"checkpoint   {visible(values['checkpoint'])}",
        f"parameters   {values['parameters']:,}",
        *(
            f"  {name:<{widest}} {' x '.join(map(str, shape))}"
            for name, shape in values["shapes"].items()
        ),
        f"vocabulary   {vocabulary['size']:,}, unknown ones become {unknown}",
        f"  {shown}",
    ]
    if values["steps"] is not None:
        lines.append(f"state        to go on from step {values['steps']:,}")
    lines.append("history" if values["history"] else "history      no epoch is finished")
    epochs = [f"epoch {e['epoch']}: {epoch_figures(e, measure)}" for e in values["history"]]
    lines += [f"  {line}" for line in abridged(epochs)]
    text = yaml.safe_dump(values["config"], sort_keys=False, allow_unicode=True).rstrip()
    return "\n".join([*lines, "config", *(f"  {line}" for line in text.splitlines())])


def abridged(lines: list[str], most: int = 20) -> list[str]:
    """Leave out the middle of a long list."""
    if len(lines) <= most:
        return lines
    return [*lines[: most // 2], f"({len(lines) - most} more)", *lines[-(most // 2) :]]


def epoch_figures(epoch: Mapping[str, Any], measure: str) -> str:
    """Return an epoch's perplexities and its rate, from the names that the history has."""
    parts = [f"train {measure} {figure(epoch['train_perplexity'], '.2f')}"]
    if epoch["valid_perplexity"] is not None:
        valid = figure(epoch["valid_perplexity"], ".2f")
        parts.append(f"valid {valid}{' (best)' * epoch['best']}")
    return ", ".join([*parts, f"learning rate {epoch['learning_rate']:g}"])
