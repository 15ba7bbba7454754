"""``rnnlm corpus fetch``."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import click

from rnnlm_cli.commands.shared.bars import Bar, megabytes
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.options import (
    DIRECTORY,
    TEXT,
    FiniteRange,
    WholeRange,
    Word,
    check_outputs,
    overwrite_option,
)
from rnnlm_cli.commands.shared.partners import needs, partners
from rnnlm_cli.corpora.fetch import fetch, has_content
from rnnlm_cli.corpora.sources import SOURCES, Source
from rnnlm_cli.errors import UsageError, printable


@click.command(
    epilog=examples(
        "Penn Treebank",
        "rnnlm corpus fetch ptb",
        "a text of your own choice",
        "rnnlm corpus fetch novel --url https://example.org/novel.txt",
    )
)
@click.argument("name", type=Word(list(SOURCES)))
@click.option(
    "--out",
    "directory",
    type=DIRECTORY,
    metavar="DIR",
    default="corpora",
    show_default=True,
    help="Directory to write to.",
)
@click.option("--url", type=TEXT, metavar="URL", help="Fetch this file as DIR/NAME.txt instead.")
@click.option("--sha256", type=TEXT, metavar="HEX", help="SHA-256 that the content must have.")
@click.option(
    "--max-bytes",
    type=WholeRange(min=1),
    help="Refuse a larger file.  [default: the known size, 1 GB with --url]",
)
@click.option(
    "--max-seconds",
    type=FiniteRange(min=0, min_open=True, max=10**7),
    metavar="SECONDS",
    help="Time limit.  [default: 600 per file, 3600 with --url]",
)
@overwrite_option
@partners(needs("--sha256", "--url", because="known corpora have their own"))
def command(
    name: str,
    directory: str,
    url: str | None,
    sha256: str | None,
    max_bytes: int | None,
    max_seconds: float | None,
    overwrite: bool,
) -> None:
    """Download a corpus: ptb, ptb-char, tiny-shakespeare, or any text with --url.

    The content is checked before the file gets its name; a failed download leaves no file.
    """
    wanted = [
        source._replace(
            max_bytes=max_bytes or source.max_bytes,
            max_seconds=max_seconds or source.max_seconds,
        )
        for source in sources(name, url, sha256)
    ]
    missing = [source for source in wanted if not has_content(source, Path(directory))]
    check_outputs([Path(directory, source.name) for source in missing], overwrite)
    for source in wanted:
        path = Path(directory, source.name)
        if source not in missing:
            note(f"{path} already exists")
            continue
        with Bar(0, megabytes, printable(source.name)) as progress:
            digest = fetch(source, Path(directory), partial(advance, progress), overwrite)
        note(f"wrote {path}, SHA-256 {digest}")


def advance(progress: Bar, received: int, total: int | None) -> None:
    """Update the bar."""
    progress.total = total or 0
    progress.update(received)


def sources(name: str, url: str | None, sha256: str | None) -> list[Source]:
    """Return what to fetch.

    Raises:
        UsageError: The name is unknown and no URL is given, or it is known and one is given.
    """
    if url is not None:
        if name in SOURCES:
            raise UsageError(f"{name}: is a known corpus; with --url choose another name")
        if sha256 is not None and not re.fullmatch("[0-9a-fA-F]{64}", sha256):
            raise UsageError(f"--sha256 {sha256}: expected 64 hexadecimal digits")
        if "/" in name or "\\" in name or name.startswith("."):
            raise UsageError(
                f"{name}: is used as a file name; choose one without /, \\ or a leading dot"
            )
        suffix = ".txt.gz" if url.endswith(".gz") else ".txt"
        return [Source(f"{name}{suffix}", url, sha256.lower() if sha256 else None)]
    if name not in SOURCES:
        raise UsageError(
            f"{name}: not a known corpus ({', '.join(SOURCES)}); name one or give --url"
        )
    return SOURCES[name]
