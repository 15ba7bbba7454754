"""How a trial of a search is shown: a bar on a terminal; its result has a line elsewhere."""

from __future__ import annotations

from rnnlm_cli.commands.shared.bars import Bar
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.training_lines import figures, rollback_line
from rnnlm_cli.search.trial import Trial
from rnnlm_cli.train.events import Event, Report, RolledBack, StepDone, Validating
from rnnlm_cli.train.poll import Poll


def display(trial: Trial, poll: Poll) -> None:
    """Run a trial that is prepared, to its end; ``poll`` is called between blocks."""
    if trial.session is None:
        return
    with TrialBar(trial) as shown:
        for event in trial.events(poll):
            shown.show(event)


class TrialBar(Bar):
    """The bar of a whole trial."""

    def __init__(self, trial: Trial) -> None:
        """Begin where the trial does."""
        assert trial.session is not None
        self._trial, self._session = trial, trial.session
        self._report: Report | None = None
        super().__init__(self._session.trainer.total_steps, str, f"trial {trial.number}")
        self.n = self._session.trainer.progress.step

    def show(self, event: Event) -> None:
        """Show an event."""
        match event:
            case StepDone():
                self._report = event.report or self._report
                self.n = event.step
                self.label = f"trial {self._trial.number}, epoch {event.epoch}"
            case Validating():
                self.label = f"trial {self._trial.number}, validating"
            case RolledBack():
                self.clear()
                note(f"trial {self._trial.number}: {rollback_line(event)}")
        self.tick()

    def figures(self) -> list[str]:
        """Return the time left, then the figures of the last report."""
        if self._report is None:
            return super().figures()
        return [*super().figures()[:1], *figures(self._report, self._session.measure)]
