"""``rnnlm corpus python-docs``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.corpus.parts import out_option, part_paths, write_lines
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.options import overwrite_option
from rnnlm_cli.corpora.python_docs import python_docs


@click.command(
    "python-docs",
    epilog=examples(
        "the whole text and its parts",
        "rnnlm corpus python-docs --out corpora/python-docs.txt",
    ),
)
@out_option("python-docs.txt", whole=True)
@overwrite_option
def command(out: str, overwrite: bool) -> None:
    """English prose from Python's own documentation, as installed.

    One sentence per line, words and punctuation separated by spaces. Each document is in one of the
    three parts as a whole. The text depends only on the version of Python.
    """
    paths = part_paths(out, overwrite, whole=True)
    parts = python_docs()
    texts = [[line for part in parts for line in part], *parts]
    for path, lines in zip(paths, texts, strict=True):
        write_lines(path, lines, overwrite)
        tokens = sum(len(line.split()) + 1 for line in lines)
        note(f"wrote {path}: {len(lines):,} sentences, {tokens:,} tokens")
