"""Errors as OpenAI's clients expect them: JSON with a message of one line, and a status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from rnnlm_cli.errors import RnnlmError, one_line

INVALID = "invalid_request_error"


class ApiError(Exception):
    """What the client of a request did wrong, or why it has to wait.

    Attributes:
        status: Of HTTP.
        message: One line.
        param: The field of the request at fault.
        code: A word that programs can compare.
        headers: More headers of the answer.
    """

    def __init__(
        self,
        status: int,
        message: str,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message = status, one_line(message)
        self.param, self.code, self.headers = param, code, dict(headers or {})

    @property
    def values(self) -> dict[str, Any]:
        """The error as plain values."""
        kind = INVALID if self.status < 500 else "server_error"
        return {
            "error": {
                "message": self.message,
                "type": kind,
                "param": self.param,
                "code": self.code,
            }
        }


def busy(message: str, seconds: int = 1) -> ApiError:
    """Return the error of a request for which there is no room now."""
    return ApiError(429, message, code="rate_limit_exceeded", headers={"Retry-After": str(seconds)})


def draining() -> ApiError:
    """Return the error of a request that comes while the server ends."""
    return ApiError(503, "the server is ending", code="draining", headers={"Retry-After": "5"})


def as_api_error(error: BaseException) -> ApiError:
    """Return what to answer to an error; one of the program's own is not explained to a client."""
    match error:
        case ApiError():
            return error
        case msgspec.ValidationError():
            message, _, place = str(error).partition(" - at ")
            param = place.strip("`").removeprefix("$").removeprefix(".").removeprefix("[...]")
            return ApiError(400, f"{param}: {message}" if param else message, param or None)
        case msgspec.DecodeError() | UnicodeDecodeError():
            return ApiError(400, f"the body is not JSON in UTF-8: {error}")
        case RnnlmError():
            status = 400 if error.exit_code == 2 else 500
            return ApiError(status, str(error), error.field or None)
        case RecursionError():
            return ApiError(400, "the body is nested too deeply")
        case _:
            return ApiError(500, "the server made a mistake; its log has the details")
