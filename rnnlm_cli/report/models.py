"""Several checkpoints side by side: the settings in which they differ, and their figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnlm_cli.checkpoint import Checkpoint
from rnnlm_cli.config import as_written, differences
from rnnlm_cli.config.schema import Config, value_at
from rnnlm_cli.evaluate.measure import Measure, measure_of
from rnnlm_cli.model.history import EpochRecord
from rnnlm_cli.report.table import figure, grid, visible

OWN = ("checkpoint.path",)
"""Keys that always differ."""

MOST_COLUMNS = 30
"""Maximum characters of a setting in the table; a longer one is cut off."""


def models_table(models: Sequence[tuple[str, Checkpoint]]) -> str:
    """Return a row for each checkpoint, in the given order.

    Args:
        models: Path and content of each.
    """
    configs = [stored.model.config for _, stored in models]
    keys = differing_keys(configs)
    names = short_names(keys)
    measures = [measure_of(config.model) for config in configs]
    header = ["checkpoint", *(names[key] for key in keys), "parameters", "epochs", "best epoch"]
    header += [f"valid {' or '.join(dict.fromkeys(m.name for m in measures))}"]
    header += ["bits/character"]
    rows = [
        [visible(path), *(setting(stored.model.config, key) for key in keys), *figures(stored)]
        for path, stored in models
    ]
    said = "" if keys else "\nall settings are equal"
    return "\n".join(grid([header, *rows], left=1)) + said


def differing_keys(configs: Sequence[Config]) -> list[str]:
    """Return the keys whose values are not the same in all configurations, in a config's order."""
    found = (key for other in configs[1:] for key in differences(configs[0], other))
    return [key for key in dict.fromkeys(found) if key not in OWN]


def short_names(keys: Sequence[str]) -> dict[str, str]:
    """Return for each key as many of its last parts as tell it from the others.

    >>> short_names(["model.dropout.hidden", "training.seed", "training.dropout.hidden"])
    {'model.dropout.hidden': 'model.dropout.hidden', 'training.seed': 'seed', \
'training.dropout.hidden': 'training.dropout.hidden'}
    """
    found = dict[str, str]()
    for key in keys:
        parts = key.split(".")
        ends = [".".join(parts[k:]) for k in range(len(parts) - 1, -1, -1)]
        found[key] = next(
            end for end in ends if [k for k in keys if f".{k}".endswith(f".{end}")] == [key]
        )
    return found


def setting(config: Config, key: str) -> str:
    """Return a value as written in a config, shortened."""
    shown = visible(as_written(plain(value_at(config, key))))
    return shown if len(shown) <= MOST_COLUMNS else f"{shown[: MOST_COLUMNS - 3]}..."


def plain(value: Any) -> Any:
    """Return a tuple of a configuration as a list, as JSON has it."""
    return list(value) if isinstance(value, tuple) else value


def figures(stored: Checkpoint) -> list[str]:
    """Return parameters, epochs, and the figures of the best validation.

    Those of the last epoch, in training, where nothing was validated, have a star.
    """
    model = stored.model
    history, measure = model.history, measure_of(model.config.model)
    cells = [f"{model.network.parameter_count:,}"]
    if not history:
        return [*cells, "0", "-", "-", "-"]
    record, validated = best_record(history, measure)
    of_text = record.valid_figures if validated else record.train_figures
    star = "" if validated else "*"
    value = record.valid if validated else record.train
    return [
        *cells,
        f"{history[-1].epoch - 1 + history[-1].part:g}",
        f"{record.epoch - 1 + record.part:g}",
        f"{figure(value or 0.0)}{star}",
        f"{figure(of_text.bits_per_character, '.4f')}{star}" if of_text else "-",
    ]


def best_record(history: Sequence[EpochRecord], measure: Measure) -> tuple[EpochRecord, bool]:
    """Return the record of the best validation, or the last one, and whether it was validated."""
    best = [record for record in history if record.best and record.valid is not None]
    return (best[-1], True) if best else (history[-1], False)
