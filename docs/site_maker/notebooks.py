"""Notebooks of the course, made from its chapters: the same text, programs and outputs.

``python docs/site_maker/notebooks.py DIRECTORY`` writes them. With ``--run`` it runs the quick
cells of those of a language, and compares what they print with what the chapters show.
"""

from __future__ import annotations

import argparse
import os
import posixpath
import re
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import jupytext
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_output

sys.path.insert(0, str(Path(__file__).parents[1]))

from course_maker import runs
from course_maker.compare import differences
from course_maker.pages import BLOCK
from course_maker.places import LANGUAGES, ROOT, chapters

from site_maker.addresses import FOLDERS, address, rewritten

NOTES = {
    "en": "*This notebook is made from [a chapter of the course]({chapter}). Run it where "
    "`configs` and `corpora` are, as in the project's directory; some cells write files there.*",
    "ko": "*이 노트북은 [강좌의 한 장]({chapter})에서 만들었습니다. 프로젝트의 디렉터리처럼 "
    "`configs`와 `corpora`가 있는 곳에서 실행해 주세요. 그곳에 파일을 쓰는 셀도 있습니다.*",
}
"""What a notebook says below its title."""

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}

FENCE = re.compile(r"^( *```(?:python|sh))$", re.MULTILINE)
PICTURE = re.compile(r"!\[([^\]]*)\]\((\S+?([\w-]+\.svg))\)")
FOLDED = re.compile(r"<details[^>]*>\s*<summary>(.*?)</summary>|</details>")

AS_TEXT = " .noeval"
"""The mark of a block of code that jupytext leaves in the text."""


def name_of(chapter: Path) -> str:
    """Return the file name of a chapter's notebook."""
    return f"{chapter.stem}.ipynb"


def notebook(chapter: Path, language: str) -> NotebookNode:
    """Make a notebook: each run is a cell with what it prints, the rest is text."""
    text = chapter.read_text(encoding="utf-8")
    made = jupytext.reads(as_cells(text, chapter, language), fmt="md")
    made.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    shown = programs(text)
    for number, cell in enumerate(made.cells):
        cell["id"] = f"{chapter.stem[:2]}-{number}"
        cell.metadata = {}
        if cell.cell_type == "code":
            run = next(shown)
            cell.source = typed(run)
            if run.output.exists() and (printed := run.output.read_text("utf-8")):
                cell.outputs = [new_output("stream", name="stdout", text=printed)]
        else:
            attach_pictures(cell, chapter)
    return made


def programs(text: str) -> Iterator[runs.Run]:
    """Yield the runs whose programs a chapter shows, in order."""
    for kind, asked, _ in BLOCK.findall(text):
        name, *part = asked.split()
        if kind == "run" and part != ["output"]:
            yield runs.load(name)


def as_cells(text: str, chapter: Path, language: str) -> str:
    """Return a chapter in the Markdown of jupytext, in which each program begins a cell.

    What is printed is left out here: a cell has it. A fold cannot reach over several cells, so
    its title becomes a heading.
    """

    def block(found: re.Match[str]) -> str:
        kind, asked, body = found.groups()
        if kind == "code":
            return body
        return "" if asked.endswith(" output") else "```python\n\n```\n"

    title, _, rest = text.partition("\n")
    here = posixpath.dirname(FOLDERS[language][1] + "notebooks/x")
    path = chapter.relative_to(ROOT).as_posix()

    def lead(to: str, anchor: str) -> str:
        if (ROOT / to).parent == chapter.parent and to.endswith(".md"):
            return name_of(Path(to)) + anchor
        if to.endswith(".svg"):
            return posixpath.relpath(to, posixpath.dirname(path))
        return posixpath.relpath(address(to), here) + anchor

    note = NOTES[language].format(chapter=posixpath.relpath(address(path), here))
    rest = rewritten(FENCE.sub(rf"\1{AS_TEXT}", rest), path, lead)
    rest = FOLDED.sub(lambda found: f"**{found[1]}**" if found[1] else "", rest)
    return f"{title}\n\n{note}\n{BLOCK.sub(block, rest)}"


def typed(run: runs.Run) -> str:
    """Return what a cell runs: Python as it is, commands in a shell of their own."""
    return run.text.rstrip() if run.kind == "python" else f"%%sh\n{run.text.rstrip()}"


def attach_pictures(cell: NotebookNode, chapter: Path) -> None:
    """Let a text cell carry its pictures, and drop the marks of its blocks of code."""
    kept: dict[str, dict[str, str]] = {}

    def attached(found: re.Match[str]) -> str:
        svg = (chapter.parent / found[2]).read_bytes()
        kept[found[3]] = {"image/svg+xml": b64encode(svg).decode("ascii")}
        return f"![{found[1]}](attachment:{found[3]})"

    cell.source = PICTURE.sub(attached, cell.source).replace(f"{AS_TEXT}\n", "\n")
    if kept:
        cell["attachments"] = kept


def written(language: str) -> dict[str, str]:
    """Return the notebooks of a language by their file names."""
    return {
        name_of(chapter): jupytext.writes(notebook(chapter, language), fmt="ipynb")
        for chapter in chapters(language)
    }


def run(chapter: Path, language: str, room: runs.Room) -> Iterator[str]:
    """Run the quick cells of a notebook, and yield each line that differs from what it shows.

    As in ``make course QUICK=1``, no quick run needs one that takes long.
    """
    made = notebook(chapter, language)
    cells = [cell for cell in made.cells if cell.cell_type == "code"]
    shown = programs(chapter.read_text(encoding="utf-8"))
    quick = [(cell, done) for cell, done in zip(cells, shown, strict=True) if not done.long]
    kept = [printed(cell) for cell, _ in quick]
    made.cells = [cell for cell, _ in quick]
    resources = {"metadata": {"path": str(room.directory)}}
    NotebookClient(made, timeout=60, kernel_name="python3", resources=resources).execute()
    for (cell, done), text in zip(quick, kept, strict=True):
        yield from differences(text, printed(cell), done.tolerance, not done.words_differ)


def printed(cell: NotebookNode) -> str:
    """Return what a cell prints; notes and progress bars are not compared."""
    outputs = cell.get("outputs", [])
    return "".join(o.text for o in outputs if o.get("name") == "stdout")


def main() -> int:
    """Write the notebooks, or run them; return 1 if one prints something else."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("directory", type=Path, help="where they are written, by language")
    parser.add_argument("--run", choices=LANGUAGES, help="run the quick cells of a language")
    asked = parser.parse_args()
    for language in LANGUAGES:
        directory = asked.directory / FOLDERS[language][1]
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in written(language).items():
            (directory / name).write_text(content, encoding="utf-8")
    if not asked.run:
        return 0
    different = False
    with tempfile.TemporaryDirectory() as directory:
        room = runs.Room(Path(directory))
        os.environ.update(room.environment)
        for chapter in chapters(asked.run):
            begun = time.monotonic()
            found = [*run(chapter, asked.run, room)]
            sys.stdout.write(f"{name_of(chapter)}: {time.monotonic() - begun:.0f} s\n")
            sys.stdout.write("".join(f"    {line}\n" for line in found))
            different |= bool(found)
    return int(different)


if __name__ == "__main__":
    sys.exit(main())
