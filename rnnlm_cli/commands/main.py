"""``rnnlm``: the group of all commands, and how an error becomes one line and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

import click

from rnnlm_cli import __version__
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.group import LazyGroup
from rnnlm_cli.commands.shared.messages import as_option, note, silence
from rnnlm_cli.errors import NO_ROOM, DeviceMemoryError, RnnlmError, one_line
from rnnlm_cli.system.launcher import launched

COMMANDS = {
    "init": ("rnnlm_cli.commands.init", "Write a starter config and its corpus into a directory."),
    "corpus": ("rnnlm_cli.commands.corpus", "Make or fetch a corpus to train on."),
    "train": ("rnnlm_cli.commands.train", "Train a model from a YAML config."),
    "tune": (
        "rnnlm_cli.commands.tune",
        "Search for the best config by many trainings; needs Optuna.",
    ),
    "ngram": ("rnnlm_cli.commands.ngram", "Estimate an n-gram model of a config's training text."),
    "eval": ("rnnlm_cli.commands.eval", "Measure how well a model predicts a text."),
    "generate": ("rnnlm_cli.commands.generate", "Generate text from a start."),
    "translate": ("rnnlm_cli.commands.translate", "Translate lines of text."),
    "label": ("rnnlm_cli.commands.label", "Label lines of text, by a classifier."),
    "interactive": (
        "rnnlm_cli.commands.interactive",
        "Type a start, see the text stream, repeat.",
    ),
    "fill": ("rnnlm_cli.commands.fill", "Fill the blanks of a line."),
    "serve": (
        "rnnlm_cli.commands.serve",
        "Answer programs over HTTP, and show a page; needs Starlette.",
    ),
    "near": ("rnnlm_cli.commands.near", "The words that a model takes for most like WORD."),
    "import": ("rnnlm_cli.commands.imports", "Make a checkpoint from another program's weights."),
    "export": ("rnnlm_cli.commands.export", "Write a checkpoint's weights for other programs."),
    "plot": ("rnnlm_cli.commands.plot", "Draw a picture, PNG or SVG; needs matplotlib."),
    "report": (
        "rnnlm_cli.commands.report",
        "Write one HTML page about models and trainings.",
    ),
    "show": ("rnnlm_cli.commands.show", "Show what a checkpoint holds."),
    "config": ("rnnlm_cli.commands.config", "Check or explain a config."),
    "completion": (
        "rnnlm_cli.commands.completion",
        "Print a script that lets a shell complete commands by Tab.",
    ),
    "help": ("rnnlm_cli.commands.help", "Show the help of a command."),
}


REMEDIES = {
    errno.ENOSPC: "free some space, or choose another path",
    errno.EDQUOT: "free some space, or choose another path",
    errno.EFBIG: "raise the file size limit (ulimit -f), or choose another path",
    errno.ENOENT: "the directory does not exist; create it, or choose another path",
    errno.EACCES: "choose a path that you may write to",
    errno.EPERM: "choose a path that you may write to",
    errno.EROFS: "choose a path that can be written to",
    errno.EISDIR: "name a file",
    errno.ENOTDIR: "part of the path is not a directory; choose another path",
    errno.EEXIST: "part of the path is not a directory; choose another path",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EMFILE: "close other files",
}
"""The remedy for each system error, by its number."""


MEANT = {
    "rnnlm corpus python-docs": "--out",
    "rnnlm eval perplexity": "--corpus",
    "rnnlm eval sentences": "--corpus",
    "rnnlm eval words": "--corpus",
    "rnnlm fill": "the line in quotation marks",
    "rnnlm generate": "--start",
    "rnnlm init": "--config",
    "rnnlm interactive": "--checkpoint",
}
"""What a user may have meant by an argument that a command does not take."""


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "in an empty directory: a config and its text",
        "rnnlm init",
        "train the model",
        "rnnlm train --config configs/hello.yaml",
        "let it write",
        "rnnlm generate --start you",
        "what a command can do",
        "rnnlm help train",
    ),
)
@click.version_option(__version__, "-V", "--version", prog_name="rnnlm")
def cli() -> None:
    """Recurrent neural network language models: train, evaluate, generate."""


def run(args: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code: 0, 1 (contents, disk), 2 (usage), 130 (Ctrl-C)."""
    try:
        if os.environ.get("RNNLM_THREADS") or os.environ.get("RNNLM_ENGINE"):
            from rnnlm_cli.api.machine import check_environment  # loads NumPy; --help does without

            check_environment()
        # click's main would turn a closed pipe into an error
        with cli.make_context("rnnlm", list(sys.argv[1:] if args is None else args)) as context:
            cli.invoke(context)
        if sys.stdout is not None:
            sys.stdout.flush()
        return 0
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except BrokenPipeError:  # the reader of the output closed it
        silence(1)
        return 0
    except (Exception, KeyboardInterrupt) as error:
        message, code = explain(error)
        if os.environ.get("RNNLM_DEBUG") == "1":
            raise
        if not (isinstance(error, click.UsageError) and (launched() or (0,))[0] > 0):
            note(f"Error: {one_line(message)}")  # of several ranks the first says it
        return code


def explain(error: BaseException) -> tuple[str, int]:
    """Return the line to print for an error, and the exit code."""
    match error:
        case RnnlmError():
            return error.said(as_option), error.exit_code
        case click.UsageError():
            path = error.ctx.command_path if error.ctx else "rnnlm"
            said = error.format_message().rstrip(".")
            if said.startswith("Got unexpected extra argument") and path in MEANT:
                said += f" (did you mean {MEANT[path]}?)"
            return f"{said}; see {path} --help", error.exit_code
        case click.ClickException():
            return error.format_message(), error.exit_code
        case KeyboardInterrupt() | click.Abort():
            return "interrupted", 130
        case UnicodeEncodeError() if error.encoding != "utf-8":  # of the output or of file names
            odd = ascii(error.object[error.start])
            return (
                f"the encoding {error.encoding} cannot represent {odd}; set PYTHONUTF8=1 and "
                "PYTHONIOENCODING=utf-8",
                1,
            )
        case OSError():
            # errors of written files have a file name
            unnamed = "standard output: " if error.errno in NO_ROOM else ""
            place = f"{error.filename}: " if error.filename else unnamed
            remedy = REMEDIES.get(error.errno or 0, "check the disk or the connection")
            return f"{place}{error.strerror or error}; {remedy}", 1
        case DeviceMemoryError():
            return str(error), 1
        case MemoryError():
            return "out of memory; choose a smaller model, batch or text", 1
        case _:
            kind = type(error).__name__
            return f"{kind}: {error}; this is a bug, RNNLM_DEBUG=1 shows where", 1
