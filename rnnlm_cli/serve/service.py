"""What all requests share: models, limits, counts, and how many requests there may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rnnlm_cli.errors import quoted
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.serve.errors import ApiError, busy, draining
from rnnlm_cli.serve.limits import Limits
from rnnlm_cli.serve.metrics import Metrics
from rnnlm_cli.serve.served import Served, names_of
from rnnlm_cli.serve.tasks import Task, Work
from rnnlm_cli.serve.worker import Worker


class Service:
    """Models, limits and counts.

    Attributes:
        models: By id.
        limits: Of this server.
        metrics: What was counted.
        draining: Whether the server ends, and takes on nothing new.
        report: Takes a line about an error of the program itself.
    """

    def __init__(
        self,
        models: Sequence[tuple[str, TrainedModel]],
        limits: Limits | None = None,
        report: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Prepare; ``start`` begins the threads.

        Args:
            models: The path of each model's file, and the model.
            limits: Of this server.
            report: Takes a line about an error of the program itself.

        Raises:
            UsageError: A file is named twice.
        """
        self.limits, self.report = limits or Limits(), report
        self.metrics, self.draining = Metrics(), False
        names = names_of(path for path, _ in models)
        self.models = {
            name: Served(name, changed(path), model, Worker(model, self.limits.max_streams))
            for name, (path, model) in zip(names, models, strict=True)
        }

    def start(self) -> None:
        """Begin the models' threads."""
        for served in self.models.values():
            served.worker.start()

    def stop(self) -> None:
        """End the models' threads."""
        for served in self.models.values():
            served.worker.stop()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take one of the places of requests.

        Raises:
            ApiError: There is none, or the server ends.
        """
        if self.draining:
            raise draining()
        if self.metrics.running >= self.limits.max_requests:
            raise busy(f"the server has {self.limits.max_requests} requests; come again")
        self.metrics.running += 1
        try:
            yield
        finally:
            self.metrics.running -= 1

    def model(self, name: str | None, can: str) -> Served:
        """Return a model that can do something; without a name the only one.

        Raises:
            ApiError: There is none.
        """
        if name is None and len(self.models) == 1:
            name = next(iter(self.models))
        if name not in self.models:
            known = ", ".join(self.models)
            what = "must be given" if name is None else f"{quoted(name)} is not served"
            status, code = (400, None) if name is None else (404, "model_not_found")
            raise ApiError(status, f"model: {what}; there are: {known}", "model", code)
        self.models[name].require(can)
        return self.models[name]

    async def result(self, served: Served, work: Work) -> Any:
        """Let a model's thread do some work, and wait for it.

        Raises:
            ApiError: It takes too long.
        """
        self.begin(served, work)
        try:
            while not work.done:
                await work.box.wait()
        except TimeoutError:
            raise self.too_long() from None
        finally:
            self.leave(served, work)
        if work.error is not None:
            raise work.error
        return work.result

    def begin(self, served: Served, task: Task) -> None:
        """Give a model's thread a task; its time begins."""
        task.box.open(self.limits.max_seconds)
        served.worker.submit(task)

    def leave(self, served: Served, task: Task) -> None:
        """Tell a model's thread that no request waits for a task any more."""
        task.box.close()
        if not task.done:
            served.worker.cancel(task)

    def too_long(self) -> ApiError:
        """Return the error of work that takes too long."""
        seconds = self.limits.max_seconds
        message = f"the work takes longer than {seconds} seconds; ask for less"
        return ApiError(413, message, code="time_limit")


def changed(path: str) -> int:
    """Return when a file was written, in seconds; 0 if it is not there."""
    try:
        return int(Path(path).stat().st_mtime)
    except OSError:
        return 0
