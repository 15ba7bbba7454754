"""Where the course lies."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "docs" / "course"
RUNS = COURSE / "runs"
OUTPUTS = COURSE / "outputs"
PICTURES = COURSE / "pictures"
LANGUAGES = {"en": COURSE, "ko": ROOT / "docs" / "ko" / "course"}
"""The directory of each language's chapters; a chapter has the same file name in all."""


def chapters(language: str = "en") -> list[Path]:
    """Return the chapters of a language, in order; none where its directory is missing."""
    return sorted(LANGUAGES[language].glob("[0-9][0-9]-*.md"))
