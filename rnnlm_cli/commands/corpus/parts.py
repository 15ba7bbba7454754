"""The files of a corpus in three parts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from rnnlm_cli.checks import Range
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.options import FILE, WholeRange, check_outputs
from rnnlm_cli.corpora.split import Split
from rnnlm_cli.errors import UsageError
from rnnlm_cli.generate.limits import SEED
from rnnlm_cli.system.whole_file import whole_file

Command = Callable[..., Any]


def parts_options(name: str, what: str, lines: int, limits: Range) -> Callable[[Command], Command]:
    """Return a decorator that adds ``--out`` and ``--lines``.

    Args:
        name: The corpus, for the default file.
        what: What a line is, for the help.
        lines: The default number of lines.
        limits: The limits on it.
    """

    def added(command: Command) -> Command:
        number = click.option(
            "--lines",
            type=WholeRange.of(limits),
            default=lines,
            show_default=True,
            help=f"{what} in all three parts together.",
        )
        return out_option(f"{name}.tsv")(number(command))

    return added


def out_option(default: str, whole: bool = False) -> Callable[[Command], Command]:
    """Return the option ``--out`` of a corpus in three parts.

    Args:
        default: The default file, in ``corpora/``.
        whole: Whether the whole text is written too.
    """
    suffix = Path(default).suffix
    train, valid, test = (f"FILE.{name}{suffix}" for name in Split._fields)
    text = f"the whole text to FILE{suffix}, and its parts" if whole else "the parts"
    return click.option(
        "--out",
        type=FILE,
        metavar=f"FILE{suffix}",
        default=f"corpora/{default}",
        show_default=True,
        help=f"Write {text} to {train}, {valid} and {test}.",
    )


seed_option = click.option(
    "--seed", type=WholeRange.of(SEED), default=1, show_default=True, help="Random seed."
)


def part_paths(out: str, overwrite: bool, whole: bool = False) -> list[Path]:
    """Return ``FILE.train.EXT``, ``FILE.valid.EXT`` and ``FILE.test.EXT`` for ``FILE.EXT``.

    Args:
        out: The file.
        overwrite: Whether they may exist.
        whole: Return the file itself first, which holds the whole text.

    Raises:
        UsageError: ``--out`` is a directory, or one of them already exists.
    """
    path = Path(out)
    if out.endswith("/") or not path.name or path.is_dir():
        raise UsageError(f"--out {out}: is a directory; name a file")
    parts = [path.with_suffix(f".{name}{path.suffix}") for name in Split._fields]
    paths = [path, *parts] if whole else parts
    check_outputs(paths, overwrite)
    return paths


def write_pairs(paths: list[Path], parts: Split, overwrite: bool) -> None:
    """Write each part to its file, one line each, and say so."""
    for path, lines in zip(paths, parts, strict=True):
        write_lines(path, lines, overwrite)
        note(f"wrote {path}: {len(lines):,} lines")


def write_lines(path: Path, lines: list[str], overwrite: bool) -> None:
    """Write a text; its directory is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path, overwrite) as file:
        file.write("".join(f"{line}\n" for line in lines).encode())
