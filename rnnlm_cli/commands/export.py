"""``rnnlm export``."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import click

from rnnlm_cli import checkpoint
from rnnlm_cli.checkpoint import Checkpoint
from rnnlm_cli.commands.shared import options
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.options import TEXT, check_outputs, overwrite_option
from rnnlm_cli.commands.shared.partners import needs, partners
from rnnlm_cli.config.run_names import LOG, MODEL, stem_of
from rnnlm_cli.errors import RnnlmError, UsageError, quoted
from rnnlm_cli.exchange.files import write_content
from rnnlm_cli.exchange.formats import DTYPES, FORMATS
from rnnlm_cli.exchange.hub import FILES, hub_files
from rnnlm_cli.report.log import read_log
from rnnlm_cli.report.model_card import CardFacts, checked_figures, model_card, run_of
from rnnlm_cli.text.opened import open_regular

USE = "rnnlm import hub . --out model.pkl\nrnnlm generate --checkpoint model.pkl"

HUB = "hub"
"""The format that is a directory."""

MOST_FIGURES = 1 << 20
"""Maximum bytes of a file of figures; one has a thousand."""


@click.command(
    epilog=examples(
        "for NumPy",
        "rnnlm export checkpoints/hello.pkl --format npz --out hello.npz",
        "for ONNX Runtime",
        "rnnlm export checkpoints/hello.pkl --format onnx --out hello.onnx",
        "for the Hugging Face Hub: a directory with a model card",
        "rnnlm export checkpoints/hello.pkl --format hub --out hello --license mit --language en",
        "the word vectors",
        "rnnlm export checkpoints/hello.pkl --format word2vec --out hello.vec",
    )
)
@click.argument("file", type=options.MODEL)
@click.option(
    "--format",
    "kind",
    type=click.Choice([*FORMATS, HUB]),
    required=True,
    help="safetensors and hub need the extra 'export', onnx the extra 'onnx'.",
)
@click.option(
    "--out",
    type=options.FILE,
    metavar="PATH",
    help="File to write, or for hub the directory.  [default: FILE with another suffix]",
)
@click.option(
    "--dtype",
    type=click.Choice(DTYPES),
    help="Type in which weights are stored; float16 halves the file.  [default: the model's]",
)
@click.option(
    "--figures",
    type=options.FILE,
    metavar="FILE",
    multiple=True,
    help="For the model card of hub: what rnnlm eval perplexity --json printed. Repeatable.",
)
@click.option(
    "--license",
    type=TEXT,
    metavar="NAME",
    help="For the model card of hub: the licence, such as mit or cc-by-4.0.",
)
@click.option(
    "--language",
    "languages",
    type=TEXT,
    metavar="CODE",
    multiple=True,
    help="For the model card of hub: a language, such as en. Repeatable.",
)
@overwrite_option
@partners(
    needs(
        "--figures --license --language",
        "--format",
        when=lambda kind: kind == HUB,
        said="--format hub",
    )
)
def command(
    file: str,
    kind: str,
    out: str | None,
    dtype: str | None,
    figures: tuple[str, ...],
    license: str | None,
    languages: tuple[str, ...],
    overwrite: bool,
) -> None:
    """Write a checkpoint's weights, or its word vectors, for other programs.

    Names and layouts are those of PyTorch's word_language_model example: encoder.weight,
    rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0, rnn.bias_hh_l0, ..., decoder.weight,
    decoder.bias. Vocabulary and config are included as JSON.

    hub is a directory as the Hugging Face Hub has it: model.safetensors, config.json,
    tokenizer.json, and a model card, README.md. rnnlm import hub reads it.

    onnx is the whole network for ONNX Runtime. Inputs are ids (steps, streams) and the states,
    outputs log_probs (steps, streams, vocabulary) and the states after. It computes in float32.

    word2vec is a text of the embedding's vectors, for programs that read word2vec's or fastText's
    .vec files, and for the config key model.embeddings.
    """
    stored = checkpoint.load(file)
    out = out or default_out(file, kind)
    if kind == HUB:
        measured = [figures_in(path, file) for path in figures]
        name = os.path.basename(os.path.abspath(out))
        facts = CardFacts(name, USE, measured, license, languages)
        write_hub(file, stored, out, dtype, facts, overwrite)
    else:
        if os.path.realpath(out) == os.path.realpath(file):
            raise click.UsageError(f"--out {out}: is the checkpoint itself; name another file")
        check_outputs([out], overwrite)
        content, holds = FORMATS[kind](stored.model, os.path.dirname(out), dtype)
        write_content(out, content, overwrite)
        note(f"wrote {out}: {holds}")
    if kind not in ("onnx", "word2vec") and stored.model.config.model.residual:
        note("the model has skip connections, which PyTorch's layers lack; see model.residual")


def default_out(file: str, kind: str) -> str:
    """Return what to write if it is not named: beside the checkpoint, by its name."""
    stem = file.removesuffix(MODEL)
    return f"{stem}-{HUB}" if kind == HUB else f"{stem}.{kind}"


def figures_in(path: str, file: str) -> Mapping[str, Any]:
    """Return the figures of a model in a file; print a note if they are those of another one.

    Raises:
        UsageError: There is no such file, or it is not the JSON of ``rnnlm eval perplexity``.
    """
    try:
        with open_regular(path) as opened:
            values = json.loads(opened.read(MOST_FIGURES))
    except OSError as error:
        raise UsageError(f"--figures {path}: {error.strerror}; name a file of figures") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--figures {path}: is not JSON: {error}") from None
    found = checked_figures(values, f"--figures {path}")
    other = str(found.get("checkpoint", file))
    if os.path.realpath(other) != os.path.realpath(file):
        note(f"{path}: has the figures of {quoted(other)}; are they those of {file}?")
    return found


def write_hub(
    file: str,
    stored: Checkpoint,
    out: str,
    dtype: str | None,
    facts: CardFacts,
    overwrite: bool,
) -> None:
    """Write the directory, and say what a tokenizer.json cannot.

    Raises:
        UsageError: A file already exists, or the model cannot be exported.
        OSError: A file cannot be written.
    """
    check_outputs([os.path.join(out, name) for name in FILES], overwrite)
    model = stored.model
    tokenizer = model.codec.as_json(model.vocabulary)
    facts = facts._replace(
        run=run_of(model, log_beside(file), stored.training_state),
        lacks=tokenizer.lacks,
        has_tokenizer=tokenizer.plain is not None,
    )
    files = hub_files(model, out, dtype, model_card(model, facts))
    written = {name: content for name, content in files.items() if content is not None}
    for name, content in written.items():
        write_content(os.path.join(out, name), content, overwrite)
    note(f"wrote {out}: {', '.join(written)}")
    if tokenizer.plain is None:
        note(f"there is no tokenizer.json: it cannot say {tokenizer.lacks}")
    elif tokenizer.lacks:
        note(f"tokenizer.json does not tell {tokenizer.lacks}")
    if facts.license is None:
        note("the model card states no licence; add one with --license")


def log_beside(file: str) -> Sequence[Any]:
    """Return the lines of the log beside a model; none if there is no log that can be read."""
    try:
        return read_log(stem_of(file) + LOG)
    except RnnlmError:
        return ()
