"""Check the built site: every link arrives, and nothing is asked of a network while one reads.

``python docs/site_maker/check.py build/site`` reads all pages of both languages, which MkDocs
builds separately: it holds the links within a language, and this those between them, too.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script", "img", "iframe", "link", "source", "video", "audio", "object", "embed"}
"""Elements whose address a browser asks for by itself."""

IN_STYLE = re.compile(r"@import|url\(\s*[\"']?(?!data:|#)([^\"')]+)")


class Reader(HTMLParser):
    """The anchors of a page, and what it leads to and loads."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[tuple[str, str]] = []  # element, address
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element says."""
        for name, value in attrs:
            if name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value or "")
            elif name in ("href", "src") and value:
                self.links.append((tag, value))


def faults(site: Path) -> Iterator[str]:
    """Yield each link that does not arrive, and each address that is not of the site itself."""
    pages = {path: Reader(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        for tag, link in page.links:
            if why := wrong(path, tag, link, pages):
                yield f"{path.relative_to(site)}: {link}: {why}"
    for path in sorted(site.rglob("*.css")):
        for found in IN_STYLE.finditer(path.read_text("utf-8")):
            if not found[1] or urlsplit(found[1]).netloc or not (path.parent / found[1]).is_file():
                yield f"{path.relative_to(site)}: {found[0]}: is not a file of the site"


def wrong(path: Path, tag: str, link: str, pages: dict[Path, Reader]) -> str:
    """Return what is wrong with a link, or an empty text."""
    to = urlsplit(link)
    if to.scheme in ("http", "https", "mailto") and tag not in LOADED:
        return ""
    if to.scheme == "data":
        return ""
    if to.scheme or to.netloc or to.path.startswith("/"):
        return "is not an address of the site"
    target = (path.parent / unquote(to.path)).resolve() if to.path else path
    if not target.is_file():
        return "there is no such file"
    anchor = unquote(to.fragment)
    if anchor and target in pages and anchor not in pages[target].anchors:
        return "there is no such place on the page"
    return ""


def main(site: str) -> int:
    """Print the faults; return 1 if there are any."""
    found = [*faults(Path(site).resolve())]
    sys.stdout.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
