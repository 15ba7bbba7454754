"""How training is shown: a bar on a terminal, one plain line per report elsewhere."""

from __future__ import annotations

from typing import Any

from rnnlm_cli.commands.shared.bars import bar
from rnnlm_cli.commands.shared.messages import note, on_terminal, print_result
from rnnlm_cli.commands.shared.waiting import NOTABLE_SECONDS
from rnnlm_cli.evaluate.measure import Measure
from rnnlm_cli.report.checkpoint import bits, epoch_figures, epoch_name
from rnnlm_cli.report.table import figure
from rnnlm_cli.train.events import (
    Ended,
    EpochDone,
    LogRestored,
    NotExclusive,
    Report,
    RolledBack,
    StepDone,
    Validating,
    ValidationDone,
)
from rnnlm_cli.train.poll import Poll
from rnnlm_cli.train.session import Session

BAR = "{desc} {bar} {percentage:.0f}%, {remaining} left{postfix}"
"""Short enough to leave room for a bar on 80 columns."""

NO_LOCKS = "this file system has no locks; do not start a second training on these files"


def display(session: Session, poll: Poll) -> None:
    """Train and show progress; ``poll`` is called between blocks."""
    trainer, training, measure = session.trainer, session.config.training, session.measure
    epochs = training.epochs
    # one line per epoch of a few steps would fill the screen
    short = len(session.blocks) < training.report_every and session.texts.valid is None
    watched = on_terminal()
    start = trainer.progress.step
    with bar(trainer.total_steps, "step", initial=start, bar_format=BAR) as progress:
        for event in session.events(poll):
            match event:
                case StepDone(epoch=epoch, report=report, warnings=warnings):
                    progress.set_description(f"epoch {epoch}/{epochs}", refresh=False)
                    if report is not None:
                        progress.set_postfix_str(figures(report, measure), refresh=False)
                        if not watched:
                            say(progress, f"epoch {epoch}/{epochs} | {place(report, session)}")
                    for warning in warnings:
                        say(progress, f"warning: {warning}")
                    progress.update()
                case Validating(final=final):
                    progress.set_description("validating")
                    if not watched and (line := waiting_line(session, final)):
                        say(progress, line)
                case ValidationDone():
                    say(progress, epoch_line(event, measure))
                case EpochDone() if not short or event.record.epoch == epochs:
                    say(progress, epoch_line(event, measure))
                case RolledBack():
                    progress.n = event.step
                    say(progress, rollback_line(event))
                case NotExclusive(checkpoint=path):
                    say(progress, f"{path}: {NO_LOCKS}")
                case LogRestored(log=log):
                    say(progress, f"{log}: was removed; all of it has been written again")
                case Ended():
                    progress.close()
                    print_result(end_line(event, measure))


def say(progress: Any, line: str) -> None:
    """Write a line to standard error, above the bar if there is one."""
    progress.clear()
    note(line)


def waiting_line(session: Session, final: bool) -> str:
    """Return the line before a validation; empty if the validation will be short."""
    progress, texts = session.trainer.progress, session.texts
    tokens = len(texts.valid or ())
    epochs = progress.epoch + progress.block / len(session.blocks)
    seconds = progress.seconds * tokens / max(epochs * len(texts.train), 1)  # as in training
    if seconds < NOTABLE_SECONDS:
        return ""
    what = "exact perplexity of the best model" if final else "validating"
    return f"{what}: {tokens:,} tokens, about {seconds:.0f} s"


def place(report: Report, session: Session) -> str:
    """Return the line of a report."""
    step = (report.step - 1) % len(session.blocks) + 1
    shown = figures(report, session.measure)
    return f"step {step}/{len(session.blocks)} | {report.seconds:.0f} s | {shown}"


def figures(report: Report, measure: Measure) -> str:
    """Return loss, perplexity (or its like) and speed."""
    nats = report.nats_per_token
    loss, shown = figure(nats, ".3f"), figure(measure.figure(nats), ".2f")
    return f"loss {loss} | {measure.name} {shown} | {report.tokens_per_second:,.0f} tokens/s"


def epoch_line(done: EpochDone | ValidationDone, measure: Measure) -> str:
    """Return the line of an epoch, or of a validation within it."""
    figures = epoch_figures(done.record, measure)
    return f"{epoch_name(done.record)}: {figures}, {done.seconds:.0f} s"


def rollback_line(event: RolledBack) -> str:
    """Return the line of a rollback."""
    return (
        f"{event.reason.partition(';')[0]}; back to step {event.step} of epoch {event.epoch}, "
        f"learning rates times {event.rate_factor:g} from here on"
    )


def end_line(ended: Ended, measure: Measure) -> str:
    """Return the last line, with the exact figure if there is a validation text."""
    line = f"done after {ended.reason}, {ended.seconds:.0f} s: {ended.checkpoint}"
    if ended.valid is None:
        return line
    valid = figure(ended.valid, ".2f")
    line = f"{line}, epoch {ended.best_epoch}, valid {measure.name} {valid}"
    return f"{line}, {bits(ended.valid_figures)}" if ended.valid_figures else line
