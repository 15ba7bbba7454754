"""What a rank that fails gives the others, and what they raise then."""

from __future__ import annotations

from typing import NamedTuple

from rnnlm_cli.train.poll import Stopped


class Elsewhere(Exception):  # noqa: N818 (the error is another rank's)
    """Another rank has failed, and tells the user.

    Attributes:
        exit_code: The exit code of all.
    """

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


class Failure(NamedTuple):
    """What a rank that failed gives the others instead of a value."""

    exit_code: int
    is_stop: bool = False


def failure_of(error: BaseException) -> Failure:
    """Return what the other ranks get for an error; a reader that has read enough is none."""
    code = 0 if isinstance(error, BrokenPipeError) else getattr(error, "exit_code", 1)
    return Failure(code, isinstance(error, Stopped))
