"""``rnnlm eval rescore``."""

from __future__ import annotations

from collections.abc import Iterator

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.lists import (
    MOST_WEIGHT,
    SLF,
    Reader,
    context_option,
    decoded,
    format_option,
    natural,
)
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.mixtures import Others, mixture_options
from rnnlm_cli.commands.shared.models import choose_model, device_option, model_options
from rnnlm_cli.commands.shared.options import FILE, FiniteRange, WholeRange, encoding_option
from rnnlm_cli.commands.shared.partners import excludes, needs, partners
from rnnlm_cli.commands.shared.ranks import check_same_models, divided
from rnnlm_cli.evaluate.dealing import Deal
from rnnlm_cli.evaluate.lattices import LatticeDecoder, Search
from rnnlm_cli.exchange.nbest import best_of_each
from rnnlm_cli.exchange.nbest_formats import DEFAULT, FORMATS, Rescored
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.state import State
from rnnlm_cli.report.lines import hypothesis_values, path_values
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.text.reader import check_there, display_name
from rnnlm_cli.train.dealing import deal_of
from rnnlm_cli.train.group import Group


def is_slf(form: str) -> bool:
    """Whether a format is that of lattices."""
    return form == SLF


@click.command(
    epilog=examples(
        "the best hypothesis of each list",
        "printf '1 you say hello .\\n1 you hello say .\\n' | rnnlm eval rescore -",
        "the score of each hypothesis",
        "printf '1 you say hello .\\n' | rnnlm eval rescore - --scores-only",
    )
)
@click.argument("nbest", type=FILE, nargs=-1, required=True)
@model_options
@mixture_options
@format_option
@click.option(
    "--weight",
    type=FiniteRange(min=0, max=MOST_WEIGHT),
    default=1.0,
    show_default=True,
    help="Weight of this model's log-probability; the score of an older model gets 1 - WEIGHT.",
)
@click.option(
    "--word-penalty",
    type=FiniteRange(min=-MOST_WEIGHT, max=MOST_WEIGHT),
    help="Added to the score for each word, log10; below 0 for fewer words.  [default: 0, or the "
    "lattice's]",
)
@click.option(
    "--lm-scale",
    type=FiniteRange(min=0, max=MOST_WEIGHT),
    help="What a lattice's scores of language models are multiplied by.  [default: the lattice's]",
)
@click.option(
    "--beam",
    type=FiniteRange(min=0, min_open=True),
    default=Search.beam,
    show_default=True,
    help="Drop what is so much below the best at its time in a lattice, natural log.",
)
@click.option(
    "--max-tokens-per-node",
    type=WholeRange(min=1),
    default=Search.most,
    show_default=True,
    help="Hypotheses per node of a lattice, at most.",
)
@click.option(
    "--recombination-order",
    type=WholeRange(min=1),
    default=Search.recombine,
    show_default=True,
    help="Number of last words; of hypotheses at a node that have the same ones, keep the best.",
)
@context_option
@encoding_option()
@click.option("--scores-only", is_flag=True, help="Print the score of every hypothesis, in order.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per hypothesis.")
@device_option
@partners(
    needs(
        "--lm-scale --beam --max-tokens-per-node --recombination-order",
        "--format",
        when=is_slf,
        said="--format slf",
    ),
    excludes("--format", "--scores-only", when=is_slf, because="a lattice has no list"),
)
@divided
def command(
    nbest: tuple[str, ...],
    checkpoint_path: str | None,
    config_path: str | None,
    others: Others,
    form: str | None,
    weight: float,
    word_penalty: float | None,
    lm_scale: float | None,
    beam: float,
    max_tokens_per_node: int,
    recombination_order: int,
    context: str | None,
    encoding: str | None,
    scores_only: bool,
    as_json: bool,
    group: Group,
) -> None:
    """Rescore the hypotheses of n-best lists, or lattices.

    Prints the best hypothesis of each list in NBEST (- is standard input), or all scores. A
    hypothesis is scored as a line by itself, its end included. score = ascore + (1 - WEIGHT)
    lscore + WEIGHT log10 p, where a format has the first two; for kaldi a cost, -ln. For moses
    whole lines are printed, with one more feature, rnnlm= ln p, and WEIGHT ln p added to their
    score. Hypotheses of one list must follow each other. Of a lattice the best path is printed,
    after its name; its score is that of an n-best list, with the lattice's scales. With --json each
    has its line, list and text, its natural log-probability by this model (logprob), and its score,
    log10. Several processes (mpiexec -n N, docs/scaling.md) divide hypotheses and lattices.
    """
    named = choose_model(checkpoint_path, config_path)
    check_same_models(group, [named.path, *others.names])
    check_there([*nbest, *([] if context is None else [context])])  # before weights are fitted
    saved, deal = others.mixed(named).saved, deal_of(group)
    reader = Reader(saved, encoding)
    state = group.first(lambda: reader.state(context))
    if form == SLF:
        search = Search(
            weight,
            lm_scale,
            natural(word_penalty),
            beam,
            max_tokens_per_node,
            recombination_order,
        )
        for line in rescored_lattices(reader, saved, nbest, search, state, deal, as_json):
            print_result(line)
        return
    chosen = FORMATS[form or DEFAULT]
    write = chosen.write if scores_only else chosen.write_best
    for path in nbest:
        found = reader.scored(path, form, state, deal)
        rescored = (Rescored(own, new, weight, word_penalty or 0.0) for own, new in found)
        shown = rescored if scores_only else best_of_each(rescored, display_name(path))
        for one in shown:
            print_result(json_line(hypothesis_values(one)) if as_json else write(one))


def rescored_lattices(
    reader: Reader,
    model: TrainedModel,
    paths: tuple[str, ...],
    search: Search,
    state: State | None,
    deal: Deal,
    as_json: bool,
) -> Iterator[str]:
    """Yield a line for the best path of each lattice."""
    decoder = LatticeDecoder(model, search, state)
    for lattice, (best, *_) in decoded(reader, decoder, paths, deal):
        if as_json:
            yield json_line(path_values(lattice, best))
        else:
            yield " ".join([lattice.name, *best.words])
