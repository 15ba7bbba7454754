"""Word errors as table rows and as values for JSON."""

from __future__ import annotations

from typing import Any

from rnnlm_cli.evaluate.word_errors import WordErrors

ERRORS_HEADER = "error rate    substitutions  deletions  insertions    words  settings"


def errors_row(errors: WordErrors, settings: str) -> str:
    """Return a row below ``ERRORS_HEADER``."""
    return (
        f"{errors.rate:>10.2%}  {errors.substitutions:>15,}  {errors.deletions:>9,}  "
        f"{errors.insertions:>10,}  {errors.words:>7,}  {settings}"
    )


def errors_values(errors: WordErrors) -> dict[str, Any]:
    """Return word errors as plain values."""
    return {
        "word_error_rate": errors.rate,
        "substitutions": errors.substitutions,
        "deletions": errors.deletions,
        "insertions": errors.insertions,
        "words": errors.words,
    }
