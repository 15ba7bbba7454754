"""``rnnlm ngram``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note, print_result
from rnnlm_cli.commands.shared.options import (
    MODEL,
    UTF8,
    PathName,
    WholeRange,
    check_outputs,
    config_option,
    overwrite_option,
    set_option,
)
from rnnlm_cli.commands.shared.partners import needs, partners
from rnnlm_cli.commands.shared.waiting import announced
from rnnlm_cli.config import load_config
from rnnlm_cli.config.run_names import arpa_of
from rnnlm_cli.errors import quoted
from rnnlm_cli.evaluate.ngram import held_out_figures
from rnnlm_cli.exchange.arpa_writer import write_arpa
from rnnlm_cli.generate.limits import SEED
from rnnlm_cli.learned.approximation import TOKENS, estimate_ngrams
from rnnlm_cli.ngrams.kneser_ney import ORDER, Discounts
from rnnlm_cli.report.ngram import ngram_table, ngram_values
from rnnlm_cli.system.json_line import json_line

THRESHOLDS = "N[,N...]"


def thresholds(
    context: click.Context, option: click.Parameter, value: str | None
) -> tuple[int, ...]:
    """Parse the numbers of ``--prune``."""
    if value is None:
        return ()
    parts = value.split(",")
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        raise click.BadParameter(f"{quoted(value)} is not of the form {THRESHOLDS}")
    return tuple(map(int, parts))


@click.command(
    epilog=examples(
        "a model of up to three words",
        "rnnlm ngram --config configs/hello.yaml --order 3",
        "with the vocabulary of a model",
        "rnnlm ngram --config configs/hello.yaml --checkpoint checkpoints/hello.pkl --out n.arpa",
        "nearer to the network, by text that it writes",
        "rnnlm ngram --config ptb.yaml --order 3 --checkpoint ptb.pkl --generated 4000000",
        "a smaller file, without what occurs once",
        "rnnlm ngram --config configs/hello.yaml --order 3 --prune 0,1 --out hello.arpa.gz",
    )
)
@config_option
@set_option
@click.option(
    "--order",
    type=WholeRange.of(ORDER),
    default=5,
    show_default=True,
    help="Length of the longest n-grams.",
)
@click.option(
    "--prune",
    metavar=THRESHOLDS,
    callback=thresholds,
    type=UTF8,
    help="Per order, drop n-grams that occur at most N times; the last N is for all longer ones, "
    "and the first is 0.  [default: drop none]",
)
@click.option(
    "--checkpoint",
    "checkpoint_path",
    type=MODEL,
    metavar="FILE",
    help="Model whose vocabulary to use.  [default: that of the training text]",
)
@click.option(
    "--generated",
    type=WholeRange.of(TOKENS),
    metavar="N",
    help="Mix with the model of N tokens that --checkpoint writes.",
)
@click.option(
    "--seed",
    type=WholeRange.of(SEED),
    default=1,
    show_default=True,
    help="Random seed of --generated.",
)
@click.option(
    "--out",
    type=PathName(".arpa", ".arpa.gz"),
    metavar="FILE",
    help="ARPA file to write, compressed if it ends in .gz.  [default: beside the config's model, "
    "NAME.5gram.arpa]",
)
@overwrite_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@partners(needs("--generated", "--checkpoint"), needs("--seed", "--generated"))
def command(
    config_path: str,
    overrides: tuple[str, ...],
    order: int,
    prune: tuple[int, ...],
    checkpoint_path: str | None,
    generated: int | None,
    seed: int,
    out: str | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Estimate an n-gram model of a config's training text, and write it as an ARPA file.

    Modified Kneser-Ney smoothing, interpolated, as KenLM's lmplz estimates it. Tokens and
    vocabulary are those of the network that the config trains, so that both can be mixed; the token
    that ends lines is </s>, and the unknown token <unk>. Prints how many n-grams there are, the
    discounts, and the perplexity of the validation and the test text. Mix the file with a network
    by --interpolate of rnnlm eval, generate, fill and interactive. With --generated, text that the
    network writes is counted too (Deoras et al., 2011), for the first pass of a decoder: a model of
    it is mixed with that of the training text, with weights fitted on the validation text. Each of
    the two has discounts of its own.
    """
    config = load_config(config_path, overrides, "--set")
    path = out or arpa_of(config.checkpoint.path, order)
    check_outputs([path], overwrite)
    known = checkpoint.load(checkpoint_path).model if checkpoint_path else None
    writing = f", also of {generated:,} that {checkpoint_path} writes" if generated else ""
    with announced(f"counting n-grams of at most {order} tokens{writing}"):
        model, mixed_in = estimate_ngrams(config, order, prune, known, generated, seed)
    note_fallback(model.estimate.discounts, "the text")
    if mixed_in is not None:
        note_fallback(mixed_in.discounts, "the generated text")
        shares = f"{1 - mixed_in.weight:.4f} and {mixed_in.weight:.4f}"
        note(
            f"the training text and {mixed_in.tokens:,} generated tokens have the weights {shares}"
        )
    figures = held_out_figures(model, config)  # before a file is written: a text may be missing
    with announced(f"writing {path}"):
        write_arpa(path, model.estimate.model, model.names, overwrite)
    values = ngram_values(path, model.estimate, figures, mixed_in)
    print_result(json_line(values) if as_json else ngram_table(values))
    note(f"wrote {path}")


def note_fallback(discounts: Sequence[Discounts], text: str) -> None:
    """Print a note for each order whose discounts could not be estimated from a text."""
    for n, one in enumerate(discounts, 1):
        if not one.estimated:
            amounts = ", ".join(f"{amount:g}" for amount in one.amounts)
            note(
                f"{n}-grams: {text} is too small, or too regular, to estimate their discounts; "
                f"they are {amounts}"
            )
