"""The sizes of a training before its first step, as plain values for JSON and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from rnnlm_cli.config import config_to_plain
from rnnlm_cli.report.table import columns, duration
from rnnlm_cli.train.memory import estimate
from rnnlm_cli.train.session import Session


def run_values(
    session: Session, seconds: float | None, warnings: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the sizes of a prepared training, the warnings about it, and its config.

    Args:
        session: The training.
        seconds: How long it will take, if that is known.
        warnings: What is odd about it.
    """
    return {
        "tokens": len(session.texts.train),
        "valid_tokens": len(session.texts.valid) if session.texts.valid else None,
        "vocabulary": len(session.texts.vocabulary),
        "parameters": session.model.parameter_count,
        "frozen_parameters": session.model.frozen_count,
        "megabytes": estimate(session).megabytes,
        "steps_per_epoch": len(session.blocks),
        "steps": session.trainer.total_steps,
        "seconds": seconds,
        "warnings": list(warnings),
        "config": config_to_plain(session.config),
    }


def run_table(session: Session, seconds: float | None) -> str:
    """Format the sizes of a training and its time, if that is known, with its config."""
    sizes, frozen = estimate(session), session.model.frozen_count
    rows = {
        "tokens": f"{len(session.texts.train):,} to train on"
        + (f", {len(session.texts.valid):,} to validate on" if session.texts.valid else ""),
        "vocabulary": f"{len(session.texts.vocabulary):,}",
        "parameters": f"{session.model.parameter_count:,}"
        + (f", {frozen:,} of them frozen" if frozen else ""),
        "memory": f"about {sizes.megabytes:,.0f} MB",
        "steps": f"{len(session.blocks):,} per epoch, {session.trainer.total_steps:,} in total",
        "time": "not measured: the model is too large to try it, or diverges at once"
        if seconds is None
        else f"about {duration(seconds)} on this machine",
    }
    plain = config_to_plain(session.config)
    return "\n".join(
        [
            *columns(rows, 12),
            "",
            yaml.safe_dump(plain, sort_keys=False, allow_unicode=True).rstrip(),
        ]
    )
