"""What is said about a training: figures and lines, as pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rnnlm_cli.commands.shared.waiting import NOTABLE_SECONDS
from rnnlm_cli.evaluate.measure import Measure
from rnnlm_cli.report.checkpoint import bits, epoch_figures, epoch_name
from rnnlm_cli.report.table import duration, figure
from rnnlm_cli.train.events import (
    Ended,
    EpochDone,
    Report,
    RolledBack,
    Sampled,
    ValidationDone,
)
from rnnlm_cli.train.progress import Limit

NO_LOCKS = "this file system has no locks; do not start a second training on these files"


def figures(report: Report, measure: Measure) -> list[str]:
    """Return perplexity (or its like), loss and speed, the most important first."""
    nats = report.nats_per_token
    return [
        f"{measure.of_training.name} {figure(measure.of_training.figure(nats), '.2f')}",
        f"loss {figure(nats, '.3f')}",
        f"{figure(report.tokens_per_second, ',.0f')} tokens/s",
    ]


def step_line(
    epoch: str, share: float, report: Report, left: float | None, measure: Measure
) -> str:
    """Return the line about a step where no bar is shown.

    Args:
        epoch: Which epoch it is.
        share: How much of it is done.
        report: Its figures.
        left: Seconds until the training ends, if known.
        measure: What they are called.
    """
    ahead = [] if left is None else [time_left(left)]
    shown = [duration(report.seconds), *ahead, *figures(report, measure)]
    return f"{epoch}, {int(100 * share)}% | {' | '.join(shown)}"


def time_left(seconds: float) -> str:
    """Return the time until a whole training ends, for a line about one epoch."""
    return f"{duration(seconds)} left in all"


def waiting_line(seconds: float, final: bool) -> str:
    """Return the line before a validation that will take so long; empty if that is short."""
    if seconds < NOTABLE_SECONDS:
        return ""
    what = "exact validation of the best model" if final else "validating"
    return f"{what}, about {duration(seconds)}"


def epoch_line(done: EpochDone | ValidationDone, measure: Measure) -> str:
    """Return the line of an epoch, or of a validation within it."""
    shown = epoch_figures(done.record, measure)
    return f"{epoch_name(done.record)}: {shown}, {duration(done.seconds)}"


def sample_lines(sampled: Sampled) -> list[str]:
    """Return the text that was written after an epoch, set off from other lines."""
    text = sampled.text.strip("\n").splitlines()
    return [f"sample after epoch {sampled.epoch}:", *(f"  {line}" for line in text)]


def rollback_line(event: RolledBack) -> str:
    """Return the line of a rollback."""
    return (
        f"{event.reason.partition(';')[0]}; back to step {event.step} of epoch {event.epoch}, "
        f"learning rates times {event.rate_factor:g} from here on"
    )


def end_line(ended: Ended, measure: Measure) -> str:
    """Return the last line, with the exact figure if there is a validation text."""
    line = f"done after {ended.reason}; {duration(ended.seconds)} in all: {ended.checkpoint}"
    if ended.valid is None:
        return line
    valid = figure(ended.valid, measure.form)
    line = f"{line}, best epoch {ended.best_epoch}, valid {measure.name} {valid}"
    return f"{line}, {bits(ended.valid_figures)}" if ended.valid_figures else line


def finished_line(checkpoint: str, reached: Sequence[Limit]) -> str:
    """Return the line about a training that has ended, with what would continue it."""
    raised = " and ".join(f"{one.key} above {math.ceil(one.reached)}" for one in reached)
    return (
        f"{checkpoint}: training is finished after {reached[0].reason}; nothing changed; "
        f"to continue, raise {raised}"
    )
