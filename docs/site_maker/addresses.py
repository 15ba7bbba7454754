"""Which file of the project is which page of the site, in each language.

Links are written for a reader of the files: relative, to a file of the project. On the site they
lead to the page that is made from the file: a page of the documentation, or, for code and configs,
a page that shows the file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

TOP = {
    "README.md": "index.html",
    "README.ko.md": "ko/index.html",
    "CONTRIBUTING.md": "contributing.html",
    "SECURITY.md": "security.html",
    "CHANGELOG.md": "changelog.html",
}
"""Pages made from files of the top level, as they are addressed on the site."""

FOLDERS = {"en": ("docs/", ""), "ko": ("docs/ko/", "ko/")}
"""For each language the directory of its files, and how its addresses begin."""

PAGES = (".md", ".svg", ".png")
"""Files in ``docs`` that are on the site as they are; others are shown."""

LINK = re.compile(
    r"(?P<fence>^ *(```+|~~~+).*?^ *\2$)"
    r"|(?P<text>(?:\[`[^`\n]+`)?\]\()(?P<link>[^)\s]+)"
    r"|(?P<code>`[^`\n]+`)",
    re.DOTALL | re.MULTILINE,
)
"""A block of code, the end of a link (with its text, if that is code), code in a sentence."""

NAME = re.compile(r"`((?:rnnlm_cli|configs|examples|benchmarks)/[\w./-]+\.\w+)`")
"""A file named in a sentence, of those that a reader of the site may want to see."""


def language_of(path: str) -> str:
    """Return the language of a page, by its file."""
    return "ko" if path.startswith("docs/ko/") or path == "README.ko.md" else "en"


def address(path: str) -> str:
    """Return the address of a file of the project, from the top of the site.

    Raises:
        LookupError: There is no such file.
    """
    if not (ROOT / path).exists():
        raise LookupError(f"there is no {path}")
    if path in TOP:
        return TOP[path]
    if path.startswith("docs/") and path.endswith(PAGES):
        folder, begin = FOLDERS[language_of(path)]
        return begin + re.sub(r"\.md$", ".html", path.removeprefix(folder))
    return f"source/{path}.html"


def source_of(address: str) -> str:
    """Return the file of the project that an address shows, or an empty text.

    >>> source_of("source/configs/hello.yaml.html")
    'configs/hello.yaml'
    """
    found = re.fullmatch(r"source/(.+)\.html", address)
    return found[1] if found else ""


def is_shown(file: Path) -> bool:
    """Return whether a file that is only named becomes a page: not a very long one."""
    return file.is_file() and file.stat().st_size < 100_000


def targets(text: str, path: str) -> Iterator[str]:
    """Yield each file of the project to which a page leads."""
    found: list[str] = []
    rewritten(text, path, lambda target, _: found.append(target) or "")
    yield from found


def rewritten(text: str, path: str, lead: Callable[[str, str], str]) -> str:
    """Return a page whose links to files of the project are what ``lead(file, anchor)`` returns.

    A file of code that is named in a sentence becomes a link. Blocks of code stay as they are.
    """

    def one(found: re.Match[str]) -> str:
        if found["fence"]:
            return found[0]
        if found["code"]:
            name = NAME.fullmatch(found["code"])
            if name is None or not is_shown(ROOT / name[1]):
                return found[0]
            return f"[{found[0]}]({lead(name[1], '')})"
        to, mark, anchor = found["link"].partition("#")
        if "://" in to or not to:
            return found[0]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), to))
        return found["text"] + lead(target, mark + anchor)

    return LINK.sub(one, text)
