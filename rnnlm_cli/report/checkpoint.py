"""The content of a checkpoint, as plain values for JSON and as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import yaml

from rnnlm_cli.checkpoint import Stored, TrainingState
from rnnlm_cli.config import config_to_plain
from rnnlm_cli.evaluate.measure import Measure
from rnnlm_cli.model.history import EpochRecord, TextFigures
from rnnlm_cli.model.origin import Origin, TextOrigin
from rnnlm_cli.model.trained import TrainedNetwork
from rnnlm_cli.report.table import abridged, duration, figure, visible
from rnnlm_cli.tasks import measure_of


def checkpoint_values(path: str, stored: Stored) -> dict[str, Any]:
    """Return the content of a checkpoint, except the weights, as plain values."""
    model, state = stored.model, stored.training_state
    vocabulary, measure = model.vocabulary, measure_of(model.config)
    most_frequent = np.argsort(-vocabulary.counts, kind="stable")[:20]
    return {
        "checkpoint": path,
        "rnnlm": model.origin.version,
        "texts": msgspec.to_builtins(model.origin.texts),
        "earlier_texts": msgspec.to_builtins(model.origin.earlier),
        "parameters": model.network.parameter_count,
        "shapes": {name: list(p.value.shape) for name, p in model.network.params.items()},
        "vocabulary": {
            "size": len(vocabulary),
            "unknown": vocabulary.unknown,
            "most_frequent": [vocabulary.tokens[k] for k in most_frequent],
        },
        "history": [measure.values(epoch) for epoch in model.history],
        "steps": None if state is None else state.step,
        "begun": (state.begun or None) if state else None,
        "seconds": None if state is None else seconds_of(state),
        "engine": (state.engine if state else "") or model.config.training.engine,
        "precision": model.config.training.precision,
        "threads": (state.threads if state else 0) or model.config.training.threads,
        "config": config_to_plain(model.config),
    }


def checkpoint_table(values: Mapping[str, Any], model: TrainedNetwork) -> str:
    """Format a checkpoint as text.

    Args:
        values: From ``checkpoint_values``.
        model: The model in it.
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
    lines += origin_lines(model.origin)
    if values["steps"] is not None:
        lines.append(f"state        to resume from step {values['steps']:,}{_clock(values)}")
    threads = f", {values['threads']} threads" if values["threads"] else ""
    lines.append(f"engine       {values['engine']}, {values['precision']}{threads}")
    lines.append("history" if values["history"] else "history      no epoch is finished")
    measure = measure_of(model.config)
    epochs = [f"{epoch_name(e)}: {epoch_figures(e, measure)}" for e in model.history]
    lines += [f"  {line}" for line in abridged(epochs)]
    text = yaml.safe_dump(values["config"], sort_keys=False, allow_unicode=True).rstrip()
    return "\n".join([*lines, "config", *(f"  {line}" for line in text.splitlines())])


def origin_lines(origin: Origin) -> list[str]:
    """Return the version and the texts that a model was made by and from."""
    made = f"rnnlm {visible(origin.version)}" if origin.version else "another program"
    lines = [f"made by      {made}"]
    for texts, of in ((origin.texts, ""), (origin.earlier, ", of a model it started from")):
        lines += [f"  {text_line(text)}{of}" for text in texts]
    return lines


def text_line(text: TextOrigin) -> str:
    """Return a text's split, name and hash, and of how many files it is."""
    files = f" ({text.files:,} files)" if text.files > 1 else ""
    digest = f"SHA-256 {visible(text.sha256)}" if text.sha256 else "read only once, so not hashed"
    return f"{visible(text.split)} {visible(text.name)}{files}, {digest}"


def seconds_of(state: TrainingState) -> float | None:
    """Return how long a training took until its state was saved; ``None`` for a forged one."""
    progress = state.trainer.get("progress")
    seconds = progress.get("seconds") if isinstance(progress, dict) else None
    return seconds if isinstance(seconds, float) else None


def _clock(values: Mapping[str, Any]) -> str:
    begun = f", begun {visible(values['begun'])}" if values["begun"] else ""
    trained = "" if values["seconds"] is None else f", trained for {duration(values['seconds'])}"
    return f"{begun}{trained}"


def bits(figures: TextFigures) -> str:
    """Return bits per byte and per character."""
    per_byte, per_character = (
        figure(value, ".3f") for value in (figures.bits_per_byte, figures.bits_per_character)
    )
    return f"{per_byte} bits per byte, {per_character} per character"


def epoch_name(epoch: EpochRecord) -> str:
    """Return an epoch's number, and how much of it is finished if not all.

    >>> epoch_name(EpochRecord(2, 0.35, 9.1, 9.9, 0.1, True, step=1350))
    'epoch 2 (35% of it, step 1,350)'
    """
    if epoch.part == 1:
        return f"epoch {epoch.epoch}"
    step = "" if epoch.step is None else f", step {epoch.step:,}"
    return f"epoch {epoch.epoch} ({epoch.part:.0%} of it{step})"


def epoch_figures(epoch: EpochRecord, measure: Measure) -> str:
    """Return an epoch's figures and its learning rate; bits are those of the validation text."""
    trained = measure.of_training
    parts = [f"train {trained.name} {figure(epoch.train, trained.form)}"]
    if epoch.valid is not None:
        name = f"{measure.name} " * (trained is not measure)
        parts.append(f"valid {name}{figure(epoch.valid, measure.form)}{' (best)' * epoch.best}")
    if figures := epoch.valid_figures or epoch.train_figures:
        parts.append(bits(figures))
    return ", ".join([*parts, f"learning rate {epoch.learning_rate:g}"])
