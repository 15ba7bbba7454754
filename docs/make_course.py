"""Make the generated parts of the course: runs, drawings, and the blocks of its chapters.

``make course`` makes all of it and says what differs from what was kept; that is replaced, so that
``git diff`` shows it. With ``--texts`` nothing is run: included code, drawings and blocks are
brought up to date, which takes a second. ``--quick`` leaves out the runs that take long, and
``--check`` replaces nothing. Names of chapters (``04``) make only these. It ends with 1 if a run
differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from course_maker import pages, runs
from course_maker.compare import differences
from course_maker.drawings import DRAWINGS
from course_maker.places import LANGUAGES, PICTURES, ROOT, chapters

ROOM = ROOT / "build" / "course"


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def make_run(room: runs.Room, run: runs.Run, check: bool) -> bool:
    """Make a run, say what differs, and keep it unless this is a check; is it the same?"""
    try:
        printed, seconds = room.make(run)
    except RuntimeError as error:
        say(str(error))
        return False
    kept = run.output.read_text(encoding="utf-8") if run.output.exists() else None
    found = list(differences(kept or "", printed, run.tolerance, words=not run.words_differ))
    differs = kept is None or bool(found)
    say(f"{run.name}: {seconds:.0f} s{', differs:' if differs else ''}")
    for line in found:
        say(f"    {line}")
    if differs and not check:
        run.output.parent.mkdir(exist_ok=True)
        run.output.write_text(printed, encoding="utf-8")
    return not differs


def keep_pictures(room: runs.Room) -> None:
    """Keep the pictures that commands drew, unless they differ by rounding only."""
    for drawn in room.pictures():
        kept, new = PICTURES / drawn.name, drawn.read_text(encoding="utf-8")
        if not kept.exists() or any(differences(kept.read_text(encoding="utf-8"), new, 0.05)):
            kept.write_text(new, encoding="utf-8")
            say(f"    {drawn.name} is drawn anew")
        drawn.unlink()


def bring_up_to_date() -> None:
    """Write all drawings, and the generated blocks of the chapters of all languages."""
    PICTURES.mkdir(exist_ok=True)
    for name, draw in DRAWINGS.items():
        (PICTURES / f"{name}.svg").write_text(draw(), encoding="utf-8")
    for language in LANGUAGES:
        for chapter in chapters(language):
            text = chapter.read_text(encoding="utf-8")
            if (new := pages.filled(text)) != text:
                chapter.write_text(new, encoding="utf-8")


@contextmanager
def place(check: bool) -> Iterator[Path]:
    """Give the directory of the runs: an empty one for a check."""
    if not check:
        yield ROOM
        return
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory)


def make(wanted: list[str], quick: bool, check: bool) -> bool:
    """Make the runs of chapters; are all as they were?"""
    same = True
    with place(check) as directory:
        room = runs.Room(directory)
        for chapter in chapters():
            if wanted and not any(chapter.name.startswith(name) for name in wanted):
                continue
            for name in pages.runs_of(chapter.read_text(encoding="utf-8")):
                run = runs.load(name)
                if not (quick and run.long):
                    same &= make_run(room, run, check)
            if not check:
                keep_pictures(room)
    return same


def main() -> int:
    """Read the command line, and make what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("chapters", nargs="*", help="only these, such as 04; all by default")
    parser.add_argument("--texts", action="store_true", help="run nothing")
    parser.add_argument("--quick", action="store_true", help="leave out what takes long")
    parser.add_argument("--check", action="store_true", help="replace nothing")
    asked = parser.parse_args()
    same = asked.texts or make(asked.chapters, asked.quick, asked.check)
    if not asked.check:
        bring_up_to_date()
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
