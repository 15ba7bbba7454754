"""Pages that show a file of the project, for the links that lead to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from site_maker.addresses import ROOT, address, source_of

KINDS = {
    ".c": "c",
    ".conf": "nginx",
    ".h": "c",
    ".json": "json",
    ".md": "markdown",
    ".py": "python",
    ".service": "ini",
    ".sh": "sh",
    ".yaml": "yaml",
}
"""How a file is colored; others are plain."""


def pages(paths: Iterable[str]) -> dict[str, str]:
    """Return the pages that show files; a directory has a list and a page for each file."""
    shown = (each for path in sorted(paths) if source_of(address(path)) for each in below(path))
    return {f"source/{path}.md": page(path) for path in shown}


def below(path: str) -> Iterator[str]:
    """Yield a path and, for a directory, each of its files."""
    yield path
    if (ROOT / path).is_dir():
        yield from (p.relative_to(ROOT).as_posix() for p in files_in(ROOT / path))


def files_in(directory: Path) -> list[Path]:
    """Return the files of a directory, without those that are made by running."""
    return sorted(p for p in directory.iterdir() if p.is_file() and p.suffix not in (".pyc", ".so"))


def page(path: str) -> str:
    """Return the page of a file or directory; the search passes over it."""
    head = f"---\ntitle: {path}\nsearch: {{exclude: true}}\n---\n\n# `{path}`\n\n"
    if (ROOT / path).is_dir():
        directory = Path(path).name
        return head + "".join(
            f"- [{p.name}]({directory}/{p.name}.md)\n" for p in files_in(ROOT / path)
        )
    text = (ROOT / path).read_text(encoding="utf-8").rstrip()
    return f"{head}~~~~~~{KINDS.get(Path(path).suffix, 'text')}\n{text}\n~~~~~~\n"
