"""``rnnlm report``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import click

from rnnlm_cli import __version__, checkpoint
from rnnlm_cli.checkpoint import Checkpoint
from rnnlm_cli.commands.eval.compare import compared, pair_of
from rnnlm_cli.commands.shared.bars import Bar
from rnnlm_cli.commands.shared.calls import spelled
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import as_option, note
from rnnlm_cli.commands.shared.models import Chosen, newest_model
from rnnlm_cli.commands.shared.options import (
    HTML,
    MODEL_OR_LOG,
    TEXT,
    WholeRange,
    check_outputs,
    overwrite_option,
)
from rnnlm_cli.commands.shared.texts import (
    WantedText,
    first_lines,
    reads_training_text,
    text_options,
)
from rnnlm_cli.commands.shared.waiting import announced
from rnnlm_cli.config.run_names import LOG, stem_of
from rnnlm_cli.data.named import choose_split
from rnnlm_cli.errors import RnnlmError, UsageError
from rnnlm_cli.generate.limits import SEED
from rnnlm_cli.report.curves import Curves, read_curves
from rnnlm_cli.report.html.call import Shown
from rnnlm_cli.report.html.compared import comparison, settings
from rnnlm_cli.report.html.document import Document
from rnnlm_cli.report.html.look import Look, Settings
from rnnlm_cli.report.html.sections import SECTIONS
from rnnlm_cli.report.html.trainings import trainings
from rnnlm_cli.report.log import is_log
from rnnlm_cli.system.whole_file import whole_file
from rnnlm_cli.text.reader import STANDARD_INPUT

MOST_NAMES = 4
"""Names in the title of a page."""


@click.command(
    epilog=examples(
        "of the newest model and its training",
        "rnnlm report",
        "two models, compared on one text",
        "rnnlm report checkpoints/hello.pkl checkpoints/hello.last.pkl --out compared.html",
        "a training that may still run",
        "rnnlm report checkpoints/hello.jsonl --out training.html",
    )
)
@click.argument("files", metavar="[CHECKPOINT|LOG]...", type=MODEL_OR_LOG, nargs=-1)
@click.option(
    "--out",
    type=HTML,
    metavar="FILE",
    default="report.html",
    show_default=True,
    help="The page.",
)
@(lambda command: text_options(command, "valid, else test, else train"))
@click.option(
    "--tokens",
    type=WholeRange(2),
    default=3_000,
    show_default=True,
    help="Read the text up to the line of its N-th token.",
)
@click.option(
    "--word",
    "words",
    type=TEXT,
    multiple=True,
    metavar="WORD",
    help="Show the neighbours of this word. Repeatable.  [default: some frequent words]",
)
@click.option(
    "--seed", type=WholeRange.of(SEED), default=1, show_default=True, help="Seed of the samples."
)
@overwrite_option
def command(
    files: tuple[str, ...],
    out: str,
    wanted: WantedText,
    tokens: int,
    words: tuple[str, ...],
    seed: int,
    overwrite: bool,
) -> None:
    """Write one HTML page about models and trainings.

    It has the config, the texts and the epochs of each checkpoint, its learning curves if its log
    is beside it, its figures on a text, calibration, surprise, samples, neighbours and neurons.
    Below each section is the command that gives its figures. Several checkpoints are also compared
    with the first one on one text, the first one's by default. The page needs no network and runs
    no script.
    """
    check_outputs([out], overwrite)
    if wanted.corpus == STANDARD_INPUT:
        raise UsageError(
            "the text is read more than once; name a file", field="corpus", place=STANDARD_INPUT
        )
    if not files:
        files = (str(newest_model()),)
        note(f"using {files[0]}")
    logs = {path: read_curves(path) for path in files if is_log(path)}
    looks = []
    for path in dict.fromkeys(path for path in files if not is_log(path)):
        with announced(f"reading {path}"):
            stored = checkpoint.load(path)
        looks.append(look_at(path, stored, wanted, Settings(tokens, words, seed)))
        logs |= log_beside(path)
    page = made(looks, list(logs.values()), wanted, tokens)
    with whole_file(out, overwrite) as file:
        file.write(page.encode())
    note(f"wrote {out}")


def log_beside(path: str) -> dict[str, Curves]:
    """Return the log of a checkpoint's training, if it is beside it and has something to draw."""
    stem = stem_of(path)
    for log in (f"{stem}{LOG}", f"{stem}{LOG}.gz"):
        if os.path.isfile(log):
            try:
                return {log: read_curves(log)}
            except RnnlmError as error:
                note(f"no curves: {error.said(as_option)}")
    return {}


def look_at(path: str, stored: Checkpoint, wanted: WantedText, chosen: Settings) -> Look:
    """Return a model with the beginning of the text that is named, or else its own.

    Raises:
        UsageError, CorpusError: The text that the options name cannot be read.
    """
    model, read = Chosen(path, stored.model, None, path), wanted
    if wanted.corpus is None:
        read = wanted._replace(split=split_of(model, wanted.split))
    named: dict[str, Any] = {"split": read.split, "encoding": read.encoding}
    if read.corpus is not None:
        named |= {"corpus": read.corpus, "field": read.field}
    try:
        inline = first_lines(model, read, chosen.tokens)
        trained_on = reads_training_text(model, read)
    except RnnlmError as error:
        if wanted.corpus is not None or wanted.split:
            raise
        return Look(path, stored, None, error.said(as_option), named, False, chosen)
    return Look(path, stored, inline, "", named, trained_on, chosen)


def split_of(chosen: Chosen, split: str | None) -> str | None:
    """Return the text to read: that of validation, else the usual one."""
    config = chosen.saved.config
    if split is None and config.corpus.valid is not None:
        return "valid"
    return choose_split(config, split)


def made(looks: Sequence[Look], logs: Sequence[Curves], wanted: WantedText, tokens: int) -> str:
    """Return the page."""
    names = [look.name for look in looks] or [curves.stem for curves in logs]
    title = names
    if len(names) > MOST_NAMES:
        title = [*names[: MOST_NAMES - 1], f"and {len(names) - MOST_NAMES + 1} more"]
    total = len(SECTIONS) * len(looks) + 2 * (len(looks) > 1) + bool(logs)
    with Bar(total, lambda count: f"{count:.0f} sections") as progress:

        def poll(heading: str) -> None:
            progress.label = heading
            progress.update()

        page = Document(", ".join(title), spelled, lambda error: error.said(as_option), poll)
        if len(looks) > 1:
            page.add("Models", lambda: settings(looks))
            page.add("Comparison", lambda: all_compared(looks, wanted, tokens))
        if logs:
            page.add("Training", lambda: trainings(logs))
        for look in looks:
            page.add_model(look.name if names.count(look.name) == 1 else look.path, look)
    for reason, headings in page.left_out.items():
        note(f"left out {', '.join(headings)}: {reason}")
    return page.page(f"Made by rnnlm {__version__}. Each command gives the figures above it.")


def all_compared(looks: Sequence[Look], wanted: WantedText, tokens: int) -> Shown:
    """Compare each model with the first one, on its text.

    Raises:
        UsageError: There is no text, or no two models can be compared.
    """
    first = looks[0]
    if first.inline is None:
        raise UsageError(first.no_text)
    wanted = wanted._replace(split=first.named["split"])
    found: list[Mapping[str, Any]] = []
    left_out: list[str] = []
    for other in looks[1:]:
        try:
            pair = pair_of(first.path, first.model, other.path, other.model)
            found.append(compared(pair, wanted, first.inline))
        except RnnlmError as error:
            if len(looks) == 2:
                raise
            left_out.append(f"{other.path}: {error.said(as_option)}")
    if not found:
        raise UsageError(left_out[0])
    return comparison(found, first.named, tokens, left_out)
