"""A training before its first step: its sizes as plain values, named as in JSON, and as text."""

from __future__ import annotations

from typing import Any

import yaml

from rnnlm_cli.config import config_to_plain
from rnnlm_cli.report.table import columns
from rnnlm_cli.train.estimate import estimate
from rnnlm_cli.train.run import Run


def run_values(run: Run) -> dict[str, Any]:
    """Return the sizes of a training that is prepared, and its config, as plain values."""
    return {
        "tokens": len(run.texts.train),
        "valid_tokens": len(run.texts.valid) if run.texts.valid else None,
        "vocabulary": len(run.texts.vocabulary),
        "parameters": run.model.parameter_count,
        "megabytes": estimate(run).megabytes,
        "steps_per_epoch": len(run.blocks),
        "steps": run.trainer.total_steps,
        "config": config_to_plain(run.config),
    }


def run_table(run: Run) -> str:
    """Lay the sizes of a training out for reading, with its config."""
    sizes = estimate(run)
    rows = {
        "tokens": f"{len(run.texts.train):,} to train on"
        + (f", {len(run.texts.valid):,} to validate on" if run.texts.valid else ""),
        "vocabulary": f"{len(run.texts.vocabulary):,}",
        "parameters": f"{run.model.parameter_count:,}",
        "memory": f"about {sizes.megabytes:,.0f} MB",
        "steps": f"{len(run.blocks):,} an epoch, {run.trainer.total_steps:,} in all",
    }
    plain = config_to_plain(run.config)
    return "\n".join(
        [
            *columns(rows, 12),
            "",
            yaml.safe_dump(plain, sort_keys=False, allow_unicode=True).rstrip(),
        ]
    )
