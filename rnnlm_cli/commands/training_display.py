"""How a training shows: a bar on a terminal, a plain line a report elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from rnnlm_cli.commands.bars import bar
from rnnlm_cli.commands.messages import note, on_terminal
from rnnlm_cli.train.events import Ended, EpochDone, LogRestored, Report, RolledBack, StepDone
from rnnlm_cli.train.run import Run

BAR = "{desc} {bar} {percentage:.0f}%, {remaining} left{postfix}"
"""Short enough to leave room for a bar on 80 columns."""


def display(run: Run) -> None:
    """Train, and show it."""
    trainer, training, measure = run.trainer, run.config.training, run.config.model.measure
    epochs = training.epochs
    # epochs of a few steps each would only fill the screen
    short = len(run.blocks) < training.report_every and run.texts.valid is None
    watched = on_terminal()
    start = trainer.progress.step
    with bar(trainer.total_steps, "step", initial=start, bar_format=BAR) as progress:
        for event in run.events():
            match event:
                case StepDone(epoch=epoch, report=report):
                    progress.set_description(f"epoch {epoch}/{epochs}", refresh=False)
                    if report is not None:
                        progress.set_postfix_str(figures(report, measure), refresh=False)
                        if not watched:
                            say(progress, f"epoch {epoch}/{epochs} | {place(report, run)}")
                    progress.update()
                case EpochDone() if not short or event.epoch == epochs:
                    say(progress, epoch_line(event, measure))
                case RolledBack():
                    progress.n = event.step
                    say(progress, rollback_line(event))
                case LogRestored(log=log):
                    say(progress, f"{log}: was removed; all of it has been written again")
                case Ended():
                    progress.close()
                    click.echo(end_line(event, measure))


def say(progress: Any, line: str) -> None:
    """Write a line to standard error, above the bar if there is one."""
    progress.clear()
    note(line)


def place(report: Report, run: Run) -> str:
    """Return a report's line."""
    step = (report.step - 1) % len(run.blocks) + 1
    shown = figures(report, run.config.model.measure)
    return f"step {step}/{len(run.blocks)} | {report.seconds:.0f} s | {shown}"


def figures(report: Report, measure: str) -> str:
    """Return loss, perplexity and speed."""
    nats = report.nats_per_token
    ppl = math.exp(min(nats, 700))
    return f"loss {nats:.3f} | {measure} {ppl:.2f} | {report.tokens_per_second:,.0f} tokens/s"


def epoch_line(done: EpochDone, measure: str) -> str:
    """Return an epoch's line."""
    name = f"epoch {done.epoch}" + (f" ({done.part:.0%} of it)" if done.part < 1 else "")
    return f"{name}: {epoch_figures(asdict(done), measure)}, {done.seconds:.0f} s"


def epoch_figures(epoch: Mapping[str, Any], measure: str) -> str:
    """Return an epoch's perplexities and its rate, from the names that the history has."""
    parts = [f"train {measure} {epoch['train_perplexity']:.2f}"]
    if epoch["valid_perplexity"] is not None:
        parts.append(f"valid {epoch['valid_perplexity']:.2f}{' (best)' * epoch['best']}")
    return ", ".join([*parts, f"learning rate {epoch['learning_rate']:g}"])


def rollback_line(event: RolledBack) -> str:
    """Return what is said when training goes back."""
    return (
        f"{event.reason.partition(';')[0]}; back to step {event.step} of epoch {event.epoch}, "
        f"learning rates times {event.rate_factor:g} from here on"
    )


def end_line(ended: Ended, measure: str) -> str:
    """Return the last line, with the exact figure where there is a validation text."""
    line = f"done after {ended.reason}, {ended.seconds:.0f} s: {ended.checkpoint}"
    if ended.valid_perplexity is None:
        return line
    return f"{line}, epoch {ended.best_epoch}, valid {measure} {ended.valid_perplexity:.2f}"
