"""How a training shows: a bar on a terminal, a plain line a report elsewhere."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rnnlm_cli.commands.shared.bars import bar
from rnnlm_cli.commands.shared.messages import note, on_terminal, print_result
from rnnlm_cli.commands.shared.waiting import NOTABLE_SECONDS
from rnnlm_cli.evaluate.perplexity import perplexity
from rnnlm_cli.report.checkpoint import epoch_figures
from rnnlm_cli.report.table import figure
from rnnlm_cli.train.events import (
    Ended,
    EpochDone,
    LogRestored,
    Report,
    RolledBack,
    StepDone,
    Validating,
)
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
                case StepDone(epoch=epoch, report=report, warnings=warnings):
                    progress.set_description(f"epoch {epoch}/{epochs}", refresh=False)
                    if report is not None:
                        progress.set_postfix_str(figures(report, measure), refresh=False)
                        if not watched:
                            say(progress, f"epoch {epoch}/{epochs} | {place(report, run)}")
                    for warning in warnings:
                        say(progress, f"warning: {warning}")
                    progress.update()
                case Validating(final=final):
                    progress.set_description("validating")
                    if not watched and (line := waiting_line(run, final)):
                        say(progress, line)
                case EpochDone() if not short or event.epoch == epochs:
                    say(progress, epoch_line(event, measure))
                case RolledBack():
                    progress.n = event.step
                    say(progress, rollback_line(event))
                case LogRestored(log=log):
                    say(progress, f"{log}: was removed; all of it has been written again")
                case Ended():
                    progress.close()
                    print_result(end_line(event, measure))


def say(progress: Any, line: str) -> None:
    """Write a line to standard error, above the bar if there is one."""
    progress.clear()
    note(line)


def waiting_line(run: Run, final: bool) -> str:
    """Return what is said before a validation; nothing where it will be over at once."""
    progress, tokens = run.trainer.progress, len(run.texts.valid or ())
    epochs = progress.epoch + progress.block / len(run.blocks)
    seconds = progress.seconds * tokens / max(epochs * len(run.texts.train), 1)  # as in training
    if seconds < NOTABLE_SECONDS:
        return ""
    what = "exact perplexity of the best model" if final else "validating"
    return f"{what}: {tokens:,} tokens, about {seconds:.0f} s"


def place(report: Report, run: Run) -> str:
    """Return a report's line."""
    step = (report.step - 1) % len(run.blocks) + 1
    shown = figures(report, run.config.model.measure)
    return f"step {step}/{len(run.blocks)} | {report.seconds:.0f} s | {shown}"


def figures(report: Report, measure: str) -> str:
    """Return loss, perplexity and speed."""
    nats = report.nats_per_token
    loss, shown = figure(nats, ".3f"), figure(perplexity(nats, 1), ".2f")
    return f"loss {loss} | {measure} {shown} | {report.tokens_per_second:,.0f} tokens/s"


def epoch_line(done: EpochDone, measure: str) -> str:
    """Return an epoch's line."""
    name = f"epoch {done.epoch}" + (f" ({done.part:.0%} of it)" if done.part < 1 else "")
    return f"{name}: {epoch_figures(asdict(done), measure)}, {done.seconds:.0f} s"


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
    valid = figure(ended.valid_perplexity, ".2f")
    return f"{line}, epoch {ended.best_epoch}, valid {measure} {valid}"
