"""The runs of the course: small programs and commands, and what they print."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_maker.places import OUTPUTS, ROOT, RUNS

TOLERANCE = 0.02
"""By how much a number may differ from the one that was kept, relative to it."""

KINDS = {".py": "python", ".sh": "sh"}


@dataclass(frozen=True)
class Run:
    """A file in ``docs/course/runs``.

    Its first lines may be remarks that no page shows::

        # long: why only the whole course runs it, not the quick part of it
        # tolerance: 0.1
        # words differ: why only the number of lines is compared

    Attributes:
        name: The chapter's number and a word.
        kind: ``python`` or ``sh``.
        text: The program as a page shows it.
        long: Why it is not among the quick ones; empty for a quick one.
        tolerance: See ``TOLERANCE``.
        words_differ: Why what it prints may consist of other words; empty if it may not.
    """

    name: str
    kind: str
    text: str
    long: str = ""
    tolerance: float = TOLERANCE
    words_differ: str = ""

    @property
    def output(self) -> Path:
        """The file of what it printed when that was kept."""
        return OUTPUTS / f"{self.name}.txt"


def load(name: str) -> Run:
    """Read a run.

    Raises:
        LookupError: There is none of this name.
    """
    for suffix, kind in KINDS.items():
        if (path := RUNS / f"{name}{suffix}").exists():
            text, remarks = path.read_text(encoding="utf-8"), {}
            while found := re.match(r"# (long|tolerance|words differ): (.*)\n+", text):
                remarks[found[1]] = found[2]
                text = text[found.end() :]
            tolerance = float(remarks.get("tolerance", TOLERANCE))
            words = remarks.get("words differ", "")
            return Run(name, kind, text, remarks.get("long", ""), tolerance, words)
    raise LookupError(f"docs/course/runs has no {name}")


class Room:
    """A directory in which the runs of the course are made one after another.

    It has what a checkout has at its top level: ``configs`` and ``corpora``. What one run leaves
    there the next may use.
    """

    def __init__(self, directory: Path) -> None:
        """Prepare the directory; what earlier runs left there stays."""
        self.directory = directory
        (directory / "tools").mkdir(parents=True, exist_ok=True)
        for name in ("configs", "corpora"):
            ignored = shutil.ignore_patterns("*.train.txt", "*.valid.txt", "*.test.txt")
            shutil.copytree(ROOT / name, directory / name, dirs_exist_ok=True, ignore=ignored)
        tool = directory / "tools" / "rnnlm"
        tool.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m rnnlm_cli "$@"\n')
        tool.chmod(0o755)
        paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
        self.environment = {
            **os.environ,
            "PATH": f"{directory / 'tools'}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }

    def make(self, run: Run) -> tuple[str, float]:
        """Return what a run prints, and its seconds.

        Raises:
            RuntimeError: It fails.
        """
        begun = time.monotonic()
        command = [sys.executable, "-"] if run.kind == "python" else ["sh", "-e"]
        done = subprocess.run(
            command,
            cwd=self.directory,
            env=self.environment,
            input=run.text,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{run.name} fails:\n{done.stdout}{done.stderr}")
        return done.stdout, time.monotonic() - begun

    def pictures(self) -> Sequence[Path]:
        """Return the pictures that runs left."""
        return sorted(self.directory.glob("*.svg"))
