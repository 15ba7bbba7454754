"""The page: a fixed table of files, read once, so that no path of a request names a file."""

from __future__ import annotations

from importlib import resources

from rnnlm_cli.serve.answers import Answer

KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""What a file of the page may be, by its ending."""

INDEX = "index.html"

PLAIN = b"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>rnnlm</title></head>
<body><h1>rnnlm</h1>
<p>This server answers programs: see <a href="/openapi.json">/openapi.json</a>.</p>
</body></html>
"""
"""Shown where the page is not installed."""


def page_files() -> dict[str, Answer]:
    """Return the answers by path: ``/`` and ``/page/NAME``."""
    found = {"/": Answer(200, PLAIN, KINDS[".html"])}
    directory = resources.files("rnnlm_cli.serve") / "page"
    for file in directory.iterdir() if directory.is_dir() else ():
        ending = file.name[file.name.rfind(".") :]
        if ending in KINDS:
            path = "/" if file.name == INDEX else f"/page/{file.name}"
            headers = {"Cache-Control": "no-cache"}
            found[path] = Answer(200, file.read_bytes(), KINDS[ending], headers)
    return found
