"""``rnnlm corpus python-docs``."""

from __future__ import annotations

from pathlib import Path

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.options import FILE, check_outputs, overwrite_option
from rnnlm_cli.corpora.python_docs import Split, python_docs
from rnnlm_cli.errors import UsageError
from rnnlm_cli.system.whole_file import whole_file


@click.command(
    "python-docs",
    epilog=examples(
        "the whole text and its parts",
        "rnnlm corpus python-docs --out corpora/python-docs.txt",
    ),
)
@click.option(
    "--out",
    type=FILE,
    metavar="FILE",
    default="corpora/python-docs.txt",
    show_default=True,
    help="File for the whole text; its parts are written beside it.",
)
@overwrite_option
def command(out: str, overwrite: bool) -> None:
    """English prose from Python's own documentation, as installed.

    Writes FILE.txt, and beside it FILE.train.txt, FILE.valid.txt and FILE.test.txt: one
    sentence per line, words and punctuation separated by spaces, split by whole documents. The
    text depends only on the version of Python.
    """
    path = Path(out)
    if out.endswith("/") or not path.name:
        raise UsageError(f"--out {out}: is a directory; name a file")
    targets = [path, *(path.with_suffix(f".{name}{path.suffix}") for name in Split._fields)]
    check_outputs(targets, overwrite)
    parts = python_docs()._asdict().values()
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [[line for part in parts for line in part], *parts]
    for target, lines in zip(targets, texts, strict=True):
        with whole_file(target, overwrite) as file:
            file.write("".join(f"{line}\n" for line in lines).encode())
        tokens = sum(len(line.split()) + 1 for line in lines)
        note(f"wrote {target}: {len(lines):,} sentences, {tokens:,} tokens")
