"""``rnnlm corpus fetch``."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import click

from rnnlm_cli.commands.bars import bar
from rnnlm_cli.commands.messages import note
from rnnlm_cli.commands.options import TEXT
from rnnlm_cli.corpora.fetch import fetch, is_there
from rnnlm_cli.corpora.sources import SOURCES, Source
from rnnlm_cli.errors import UsageError


@click.command(
    epilog="Examples: rnnlm corpus fetch ptb; "
    "rnnlm corpus fetch novel --url https://example.org/novel.txt"
)
@click.argument("name", type=TEXT)
@click.option(
    "--out",
    "folder",
    type=TEXT,
    metavar="DIR",
    default="corpora",
    show_default=True,
    help="Where to put it.",
)
@click.option("--url", type=TEXT, metavar="URL", help="Fetch this file as DIR/NAME.txt instead.")
@click.option("--sha256", type=TEXT, metavar="HEX", help="What its content must hash to.")
def command(name: str, folder: str, url: str | None, sha256: str | None) -> None:
    """Download a corpus: ptb, tiny-shakespeare, or any text with --url.

    The content is checked before it gets its name; a download that fails leaves nothing behind.
    """
    for source in sources(name, url, sha256):
        path = Path(folder, source.name)
        if is_there(source, Path(folder)):
            note(f"{path} is there already")
            continue
        with bar(0, "B", desc=source.name, unit_divisor=1024) as progress:
            digest = fetch(source, Path(folder), partial(advance, progress))
        note(f"wrote {path}, SHA-256 {digest}")


def advance(progress: Any, received: int, total: int | None) -> None:
    """Move the bar on."""
    progress.total = total
    progress.update(received)


def sources(name: str, url: str | None, sha256: str | None) -> list[Source]:
    """Return what to fetch.

    Raises:
        UsageError: The name is unknown and there is no address, or it is known and there is one.
    """
    if url is not None:
        if name in SOURCES:
            raise UsageError(f"{name}: is a corpus of its own; with --url choose another name")
        if sha256 is not None and not re.fullmatch("[0-9a-fA-F]{64}", sha256):
            raise UsageError(f"--sha256 {sha256}: expected 64 hexadecimal digits")
        if "/" in name or "\\" in name or name.startswith("."):
            raise UsageError(f"{name}: is to become a file's name; choose one without / and dots")
        suffix = ".txt.gz" if url.endswith(".gz") else ".txt"
        return [Source(f"{name}{suffix}", url, sha256.lower() if sha256 else None)]
    if sha256 is not None:
        raise UsageError("--sha256: belongs to --url; the known corpora have theirs")
    if name not in SOURCES:
        raise UsageError(
            f"{name}: not a known corpus ({', '.join(SOURCES)}); name one or give --url"
        )
    return SOURCES[name]
