"""``rnnlm show``."""

from __future__ import annotations

from typing import Any

import click
import numpy as np
import yaml

from rnnlm_cli import checkpoint
from rnnlm_cli.checkpoint import Checkpoint
from rnnlm_cli.commands.shared.messages import print_result, visible
from rnnlm_cli.commands.shared.options import TEXT
from rnnlm_cli.commands.shared.training_display import epoch_figures
from rnnlm_cli.config import config_to_plain
from rnnlm_cli.evaluate.measure import measure_of
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.json_line import json_line


@click.command(
    epilog="Examples: rnnlm show checkpoints/hello.pkl; rnnlm show checkpoints/hello.pkl --json"
)
@click.argument("file", type=TEXT)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(file: str, as_json: bool) -> None:
    """Show what a checkpoint holds: sizes, vocabulary, training history, config."""
    stored = checkpoint.load(file)
    values = describe(file, stored)
    print_result(json_line(values) if as_json else as_text(values, stored.model))


def describe(path: str, stored: Checkpoint) -> dict[str, Any]:
    """Return what there is to know of a checkpoint, as plain values."""
    saved, state = stored.model, stored.training_state
    vocabulary = saved.vocabulary
    measure = measure_of(saved.config.model)
    most_frequent = np.argsort(-vocabulary.counts, kind="stable")[:20]
    return {
        "checkpoint": path,
        "parameters": saved.network.parameter_count,
        "shapes": {name: list(p.value.shape) for name, p in saved.network.params.items()},
        "vocabulary": {
            "size": len(vocabulary),
            "unknown": vocabulary.unknown,
            "most_frequent": [vocabulary.tokens[k] for k in most_frequent],
        },
        "history": [measure.values(epoch) for epoch in saved.history],
        "steps": None if state is None else state.step,
        "config": config_to_plain(saved.config),
    }


def as_text(values: dict[str, Any], saved: TrainedModel) -> str:
    """Lay the values out for reading."""
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
    measure = measure_of(saved.config.model)
    epochs = [f"epoch {e.epoch}: {epoch_figures(e, measure)}" for e in saved.history]
    lines += [f"  {line}" for line in shortened(epochs)]
    text = yaml.safe_dump(values["config"], sort_keys=False, allow_unicode=True).rstrip()
    return "\n".join([*lines, "config", *(f"  {line}" for line in text.splitlines())])


def shortened(lines: list[str], most: int = 20) -> list[str]:
    """Leave out the middle of a long list."""
    if len(lines) <= most:
        return lines
    return [*lines[: most // 2], f"({len(lines) - most} more)", *lines[-(most // 2) :]]
