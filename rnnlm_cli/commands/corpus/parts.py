"""The files of a corpus in three parts."""

from __future__ import annotations

from pathlib import Path

from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.options import check_outputs
from rnnlm_cli.corpora.split import Split
from rnnlm_cli.errors import UsageError
from rnnlm_cli.system.whole_file import whole_file


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
    if out.endswith("/") or not path.name:
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
