"""Several checkpoints side by side: the settings in which they differ, and their figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnlm_cli.checkpoint import Stored
from rnnlm_cli.config import as_written, config_to_plain, flattened
from rnnlm_cli.evaluate.measure import Measure
from rnnlm_cli.model.history import EpochRecord
from rnnlm_cli.report.table import NOTHING, figure, grid, visible, with_values
from rnnlm_cli.tasks import measure_of

OWN = ("checkpoint.path",)
"""Keys that always differ."""

MOST_COLUMNS = 30
"""Maximum characters of a setting in the table; a longer one is cut off."""

MOST_ACROSS = 10
"""Maximum columns beside each other, unless there are more checkpoints."""


def models_table(models: Sequence[tuple[str, Stored]]) -> str:
    """Return a table of checkpoints, in the given order.

    Each is a row, or a column where many settings of few checkpoints differ.

    Args:
        models: Path and content of each.
    """
    settings = [flattened(config_to_plain(stored.model.config)) for _, stored in models]
    keys = differing_keys(settings)
    measures = [measure_of(stored.model.config).name for _, stored in models]
    figure_names = ["parameters", "epochs done", "best epoch"]
    figure_names += [f"valid {' or '.join(dict.fromkeys(measures))}", "bits/character"]
    rows = [["checkpoint", *short_names(keys), *figure_names]]
    rows += [
        [visible(path), *(setting(own.get(key)) for key in keys), *figures(stored)]
        for (path, stored), own in zip(models, settings, strict=True)
    ]
    rows = with_values(rows)
    if len(rows[0]) > max(MOST_ACROSS, len(rows)):
        rows = [list(column) for column in zip(*rows, strict=True)]
    said = "" if keys else "\nall settings are equal"
    return "\n".join(grid(rows, left=1)) + said


def differing_keys(settings: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the keys whose values are not the same in all configurations, in a config's order."""
    keys = dict.fromkeys(key for own in settings for key in own)
    return [
        key
        for key in keys
        if key not in OWN and any(own.get(key) != settings[0].get(key) for own in settings)
    ]


def short_names(keys: Sequence[str]) -> list[str]:
    """Return as many of the last parts of each key as say what it is and tell it from the others.

    >>> short_names(["model.cell", "corpus.subword.kind", "model.dropout.hidden"])
    ['cell', 'subword.kind', 'dropout.hidden']
    """

    def shortest(key: str) -> str:
        parts = key.split(".")
        ends = (".".join(parts[k:]) for k in range(1, -1, -1))
        return next(end for end in ends if sum(one.endswith(f".{end}") for one in keys) < 2)

    return [shortest(key) for key in keys]


def setting(value: Any) -> str:
    """Return a value as written in a config, shortened."""
    shown = visible(as_written(value))
    return shown if len(shown) <= MOST_COLUMNS else f"{shown[: MOST_COLUMNS - 3]}..."


def figures(stored: Stored) -> list[str]:
    """Return parameters, epochs, and the figures of the best validation.

    Those of the last epoch, in training, where nothing was validated, have a star.
    """
    model = stored.model
    history, measure = model.history, measure_of(model.config)
    cells = [f"{model.network.parameter_count:,}"]
    if not history:
        return [*cells, "0", *3 * [NOTHING]]
    record, validated = best_record(history, measure)
    of_text = record.valid_figures if validated else record.train_figures
    star = "" if validated else "*"
    value, shown = record.train, measure.of_training
    if validated:
        value, shown = record.valid or 0.0, measure
    return [
        *cells,
        f"{history[-1].epoch - 1 + history[-1].part:g}",
        f"{record.epoch - 1 + record.part:g}",
        f"{figure(value, f',{shown.form}')}{star}",
        f"{figure(of_text.bits_per_character, '.4f')}{star}" if of_text else NOTHING,
    ]


def best_record(history: Sequence[EpochRecord], measure: Measure) -> tuple[EpochRecord, bool]:
    """Return the record of the best validation, or the last one, and whether it was validated."""
    best = [record for record in history if record.best and record.valid is not None]
    return (best[-1], True) if best else (history[-1], False)
