"""What a request wants of a model's thread: some work, or texts."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from rnnlm_cli.generate.filters import Filters
from rnnlm_cli.generate.together import Text
from rnnlm_cli.serve.choice import Choice
from rnnlm_cli.serve.handover import Mailbox

Pieces = Generator[None, None, Any]
"""Work in pieces: it yields between them and returns the result."""


class Task:
    """What a request wants of a model.

    Attributes:
        box: Where the request waits.
        cancelled: Set by the request when it does not wait any more.
        done: Whether nothing follows.
        error: What went wrong.
    """

    def __init__(self) -> None:
        self.box = Mailbox()
        self.cancelled = self.done = False
        self.error: BaseException | None = None


class Work(Task):
    """A piece of work with one result."""

    def __init__(self, pieces: Pieces) -> None:
        super().__init__()
        self.pieces = pieces
        self.result: Any = None


class Writing(Task):
    """The texts of a request."""

    def __init__(self, choices: Sequence[Choice], filters: Filters, top: int) -> None:
        super().__init__()
        self.choices, self.filters, self.top = choices, filters, top
        self.texts: dict[Text, Choice] = {}

    @property
    def open(self) -> bool:
        """Whether a text is not complete."""
        return any(choice.finish is None for choice in self.choices)
