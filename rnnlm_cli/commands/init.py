"""``rnnlm init``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.options import (
    DIRECTORY,
    FILE,
    TEXT,
    FiniteRange,
    check_outputs,
    encoding_option,
    overwrite_option,
)
from rnnlm_cli.commands.shared.partners import excludes, needs, partners
from rnnlm_cli.commands.shared.schema_file import write_schema
from rnnlm_cli.config.corpus import FIELD
from rnnlm_cli.config.json_schema import companion
from rnnlm_cli.config.run_names import MODEL
from rnnlm_cli.errors import UsageError
from rnnlm_cli.plan.draft import Setting, written
from rnnlm_cli.plan.look import look_at
from rnnlm_cli.plan.propose import propose
from rnnlm_cli.shipped import shipped
from rnnlm_cli.system.paths import relative_to
from rnnlm_cli.system.text_encodings import AUTO, UTF8
from rnnlm_cli.system.whole_file import whole_file
from rnnlm_cli.text.sources.expand import reads

STARTER = "hello"

MINUTES = 10.0

CORPUS_COMMANDS = {
    "python-docs": "rnnlm corpus python-docs --out {directory}/python-docs.txt",
    "ptb": "rnnlm corpus fetch ptb --out {directory}",
    "ptb-char": "rnnlm corpus fetch ptb-char --out {directory}",
    "char": "rnnlm corpus fetch tiny-shakespeare --out {directory}",
}
"""Command that gets a config's corpus, by prefix of the config's name; the longest counts."""


@click.command(
    epilog=examples(
        "the smallest model, in the current directory",
        "rnnlm init",
        "a config for your own text, in another directory",
        "rnnlm init my-model --text novel.txt --minutes 60",
        "another shipped config",
        "rnnlm init my-model --config ptb-lstm",
    )
)
@click.argument("directory", type=DIRECTORY, default=".")
@click.option(
    "--config",
    "name",
    type=click.Choice([path.stem for path in shipped("configs")]),
    help=f"Name of a shipped config.  [default: {STARTER}]",
)
@click.option(
    "--text",
    "texts",
    type=FILE,
    metavar="FILE",
    multiple=True,
    help="Your own text, for which a config is made: a file, a directory or a pattern. Repeatable.",
)
@click.option(
    "--minutes",
    type=FiniteRange(0, 1e6, min_open=True),
    help=f"How long the training may take on this machine.  [default: {MINUTES:g}]",
)
@click.option(
    "--field",
    type=TEXT,
    metavar="NAME",
    help=f"Field that is the text, in a file of records (corpus.field).  [default: {FIELD}]",
)
@encoding_option(AUTO)
@overwrite_option
@partners(
    excludes("--text", "--config"),
    needs("--minutes", "--text"),
    needs("--field", "--text"),
    needs("--encoding", "--text"),
)
def command(
    directory: str,
    name: str | None,
    texts: Sequence[str],
    minutes: float | None,
    field: str | None,
    encoding: str | None,
    overwrite: bool,
) -> None:
    """Write a config to start from into DIRECTORY, by default the current one.

    With --text it looks at your text, tries networks for a few seconds, and writes a config that
    suits both and the time: configs/NAME.yaml, with reasons beside the keys. Else it writes a
    shipped config to configs/, and its corpus to corpora/. No file is replaced without --overwrite.
    """
    if texts:
        given = {"field": field, "encoding": encoding}
        write_proposal(Path(directory), texts, minutes or MINUTES, given, overwrite)
    else:
        write_shipped(Path(directory), name or STARTER, overwrite)


def write_shipped(root: Path, name: str, overwrite: bool) -> None:
    """Write a shipped config, and the corpus of the starter."""
    copies = {
        root / "configs" / path.name: path for path in shipped("configs") if path.stem == name
    }
    if name == STARTER:
        copies |= {root / "corpora" / path.name: path for path in shipped("corpora")}
    check_outputs(list(copies), overwrite)
    for target, source in copies.items():
        write(target, source.read_bytes(), overwrite)
    write_schema(next(iter(copies)), overwrite)
    if prefixes := [prefix for prefix in CORPUS_COMMANDS if name.startswith(prefix)]:
        corpus_command = CORPUS_COMMANDS[max(prefixes, key=len)]
        note(f"next: {corpus_command.format(directory=root / 'corpora')}")
    note(f"next: rnnlm train --config {next(iter(copies))}")


def write_proposal(
    root: Path,
    texts: Sequence[str],
    minutes: float,
    given: Mapping[str, str | None],
    overwrite: bool,
) -> None:
    """Write a config for a user's own text, and tell what was chosen and why.

    Args:
        root: The directory.
        texts: Names of the text.
        minutes: For the training.
        given: Field and encoding, ``None`` where the user does not say.
        overwrite: Whether an existing config may be replaced.
    """
    name = name_for(texts)
    target, checkpoint = root / "configs" / f"{name}.yaml", root / "checkpoints" / f"{name}{MODEL}"
    check_outputs([target], overwrite)
    check_apart(texts, [target, checkpoint])
    shown = " ".join(texts)
    note(f"reading {shown}")
    text = look_at(texts, given["field"] or FIELD, given["encoding"] or AUTO)
    for line in [*text.notes, *text.lines]:
        note(f"  {line}")
    note("trying networks on this machine, for some seconds")
    proposal = propose(text, 60 * minutes)
    for line in proposal.told:
        note(f"  {line}")
    settings = [
        Setting("corpus.train", moved(texts, target.parent)),
        *form_settings(given["field"], given["encoding"] or text.encoding),
        *proposal.settings,
        Setting("checkpoint.path", f"../checkpoints/{checkpoint.name}"),
    ]
    made = f"Made by rnnlm init --text {shown} --minutes {minutes:g}, for the machine it ran on."
    content = companion(target).modeline + written(settings, [made, *text.lines])
    write(target, content.encode(), overwrite)
    write_schema(target, overwrite)
    note(f"next: rnnlm train --config {target}")


def check_apart(texts: Sequence[str], paths: Sequence[Path]) -> None:
    """Refuse to write into a text: a training must not read what it writes.

    Raises:
        UsageError: One of the paths would be a file of a directory or a pattern.
    """
    text_of = reads(texts)
    for path in paths:
        if (text := text_of(str(path))) is not None:
            raise UsageError(
                f"{path} would belong to the text {text}",
                field="text",
                remedy="name another DIRECTORY, or only the files of the text",
            )


def form_settings(field: str | None, encoding: str) -> list[Setting]:
    """Return the keys that say how the files of a text are read, where they need one."""
    settings = [] if field is None else [Setting("corpus.field", field, "of each record")]
    return settings if encoding == UTF8 else [*settings, Setting("corpus.encoding", encoding)]


def name_for(texts: Sequence[str]) -> str:
    """Return a name for the config of a text: that of its file or directory, without endings.

    >>> name_for(["a/novel.txt.gz"]), name_for(["novels/*.txt"]), name_for(["*.txt"])
    ('novel', 'novels', 'text')
    """
    path = texts[0]
    while path and ("*" in path or os.path.basename(path).startswith(".") or path.endswith("/")):
        path = os.path.dirname(path)
    return os.path.basename(path).partition(".")[0] or "text"


def moved(texts: Sequence[str], directory: Path) -> str | list[str]:
    """Return the names of a text relative to the directory of its config."""
    names = [relative_to(name, str(directory)) for name in texts]
    return names if len(names) > 1 else names[0]


def write(target: Path, content: bytes, overwrite: bool) -> None:
    """Write a file into a directory that need not exist."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(target, overwrite) as file:
        file.write(content)
    note(f"wrote {target}")
