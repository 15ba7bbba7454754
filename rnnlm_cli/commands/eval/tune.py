"""``rnnlm eval tune``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import click

from rnnlm_cli.commands.eval.tune_dynamic import (
    DECAYS,
    RATES,
    RMS_DECAYS,
    RMS_RATES,
    dynamic_grid,
    listed,
)
from rnnlm_cli.commands.eval.tune_rescore import tune_rescore
from rnnlm_cli.commands.shared.adaptation import (
    MOST_SEGMENT,
    MOST_THETA,
    MOST_TOKENS,
    as_numbers,
    as_option,
    cache_option,
    cache_settings,
)
from rnnlm_cli.commands.shared.dynamic import gradient_rms, rms_options
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.lists import MOST_WEIGHT, context_option, format_option
from rnnlm_cli.commands.shared.messages import note, print_result, warned
from rnnlm_cli.commands.shared.models import choose_model, device_option, model_options
from rnnlm_cli.commands.shared.options import FILE, FiniteRange, WholeRange
from rnnlm_cli.commands.shared.partners import needs, partners
from rnnlm_cli.commands.shared.ranks import check_same_models, divided
from rnnlm_cli.commands.shared.texts import (
    WantedText,
    chosen_text,
    reads_training_text,
    text_options,
)
from rnnlm_cli.data.named import choose_split, with_texts_of
from rnnlm_cli.errors import quoted
from rnnlm_cli.evaluate.cautions import TRAINED_ON
from rnnlm_cli.evaluate.dynamic import EPSILON, SEGMENT_TOKENS, DynamicSettings
from rnnlm_cli.evaluate.neural_cache import CacheSettings
from rnnlm_cli.evaluate.tuning import Tried, tune_cache, tune_dynamic
from rnnlm_cli.model.gradient_rms import GradientRms
from rnnlm_cli.report.perplexity import TRIED_HEADER, tried_row, tried_values
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.train.dealing import deal_of
from rnnlm_cli.train.group import Group

SIZES, THETAS, WEIGHTS = (500, 2000), (0.1, 0.3, 0.6, 1.0), (0.05, 0.1, 0.15, 0.2, 0.3)

MODEL_WEIGHTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 12.0)
PENALTIES = (-5.0, -3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 5.0)


def is_rescore(what: str) -> bool:
    """Whether settings of a rescoring are asked for."""
    return what == "rescore"


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def several(option: str, kind: Any, default: tuple[float, ...], text: str) -> Decorator:
    """Return an option that may be given several times."""
    return click.option(
        option, type=kind, multiple=True, default=default, show_default=True, help=text
    )


@click.command(
    epilog=examples(
        "a cache",
        "rnnlm eval tune cache --corpus corpora/hello.txt --size 10 --theta 0.5",
        "a model that keeps learning",
        "rnnlm eval tune dynamic --corpus corpora/hello.txt --rate 0.1 --decay 0",
        "that learns as Krause et al. (2018) published it, beside a cache",
        "rnnlm eval tune dynamic --corpus corpora/hello.txt --rms --segment 5 --cache 10,0.5,0.1",
    )
)
@click.argument("what", type=click.Choice(["cache", "dynamic", "rescore"]))
@click.argument("nbest", type=FILE, nargs=-1)
@model_options
@partial(text_options, default="valid")
@several("--size", WholeRange(1, MOST_TOKENS), SIZES, "Tokens in the cache. Repeatable.")
@several("--theta", FiniteRange(0, MOST_THETA), THETAS, "How sharp the cache is. Repeatable.")
@several(
    "--lambda",
    FiniteRange(min=0, max=1, min_open=True, max_open=True),
    WEIGHTS,
    "Weight of the cache, between 0 and 1. Repeatable.",
)
@several(
    "--rate",
    FiniteRange(min=0, min_open=True),
    (),
    f"Learning rate of --dynamic. Repeatable.  [default: {listed(RATES)}; with --rms "
    f"{listed(RMS_RATES)}]",
)
@several(
    "--decay",
    FiniteRange(min=0, max=1, max_open=True),
    (),
    f"Decay of --dynamic, below 1. Repeatable.  [default: {listed(DECAYS)}; with --rms "
    f"{listed(RMS_DECAYS)}]",
)
@several(
    "--epsilon",
    FiniteRange(min=0, min_open=True),
    (EPSILON,),
    "Added to the root mean squares of --rms. Repeatable.",
)
@several(
    "--segment",
    WholeRange(1, MOST_SEGMENT),
    (SEGMENT_TOKENS,),
    "Tokens that are scored before --dynamic learns from them. Repeatable.",
)
@rms_options
@cache_option("A cache that is used beside --dynamic.")
@click.option(
    "--tokens",
    type=WholeRange(min=2),
    help="Use only the text's first tokens; no figures per byte then.",
)
@click.option(
    "--references",
    type=FILE,
    metavar="FILE",
    help="What was said in NBEST, a line per list: its id and the words; for moses and srilm only "
    "the words, in the order of the lists.",
)
@format_option
@several(
    "--weight",
    FiniteRange(min=0, max=MOST_WEIGHT),
    MODEL_WEIGHTS,
    "Weight of this model's log-probability. Repeatable.",
)
@several(
    "--word-penalty",
    FiniteRange(min=-MOST_WEIGHT, max=MOST_WEIGHT),
    PENALTIES,
    "Added to the score for each word, log10. Repeatable.",
)
@context_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per setting.")
@device_option
@partners(
    needs(
        "--size --theta --lambda",
        "what",
        when=lambda what: what == "cache",
        said="the argument cache",
    ),
    needs(
        "--rate --decay --segment --rms --cache",
        "what",
        when=lambda what: what == "dynamic",
        said="the argument dynamic",
    ),
    needs("--epsilon --rms-file", "--rms"),
    needs(
        "--references --format --weight --word-penalty --context",
        "what",
        when=is_rescore,
        said="the argument rescore",
    ),
    needs(
        "--corpus --split --field --tokens",
        "what",
        when=lambda what: not is_rescore(what),
        said="the argument cache or dynamic",
    ),
)
@divided
def command(
    what: str,
    nbest: tuple[str, ...],
    checkpoint_path: str | None,
    config_path: str | None,
    wanted: WantedText,
    size: tuple[int, ...],
    theta: tuple[float, ...],
    rate: tuple[float, ...],
    decay: tuple[float, ...],
    epsilon: tuple[float, ...],
    segment: tuple[int, ...],
    rms: bool,
    rms_file: str | None,
    cache: tuple[float, ...] | None,
    tokens: int | None,
    references: str | None,
    form: str | None,
    weight: tuple[float, ...],
    word_penalty: tuple[float, ...],
    context: str | None,
    as_json: bool,
    group: Group,
    **named: tuple[float, ...],
) -> None:
    """Find settings for --cache or --dynamic, or for eval rescore.

    Tries every combination, by default on the validation text, and prints perplexity, bits per byte
    and the options to give to rnnlm eval perplexity, the best last. With dynamic --rms the training
    text is read first, once per --segment.

    With rescore it reads the lists or lattices in NBEST, and prints word error rates, before and
    with the ten best combinations of --weight and --word-penalty, the best last. Lattices are
    searched once, with the weight 0.5, and their paths are a list.

    Several processes (mpiexec -n N, docs/scaling.md) divide the settings, or with rescore the
    hypotheses and lattices.
    """
    if is_rescore(what) and not (nbest and references):
        raise click.UsageError("rescore needs NBEST and --references; add files of lists, and it")
    if nbest and not is_rescore(what):
        raise click.UsageError(f"{quoted(nbest[0])}: NBEST needs the argument rescore; omit it")
    chosen = choose_model(checkpoint_path, config_path)
    check_same_models(group, [chosen.path])
    if references:
        settings, encoding = (weight, word_penalty), wanted.encoding
        tune_rescore(
            chosen.saved, nbest, references, form, context, encoding, settings, as_json, group
        )
        return
    chosen.saved.require_left_to_right("adapt to a text from left to right")
    if wanted.corpus is None and wanted.split is None:
        wanted = wanted._replace(split="valid")
        choose_split(with_texts_of(chosen.saved.config, chosen.config), wanted.split)
    text = group.first(lambda: chosen_text(chosen, wanted))
    if reads_training_text(chosen, wanted):
        warned([TRAINED_ON])
    read = text.size if tokens is None or tokens >= len(text) else None
    if tokens is not None:
        text = replace(text, ids=text.ids[:tokens])
    model = chosen.saved.network
    if what == "cache":
        tried = tune_cache(model, text, size, theta, named["lambda"], read, deal_of(group))
    else:
        grid = dynamic_grid(rate, decay, epsilon, segment, rms, rms_file)
        caching = cache_settings(cache) if cache else None

        def squares(segment: int) -> GradientRms:
            return group.first(lambda: gradient_rms(chosen, segment, rms_file))

        own = squares if rms else None
        tried = tune_dynamic(model, text, grid, own, caching, read, deal_of(group))
    show(tried, as_json, f" --cache {as_numbers(cache)}" if cache else "")


def show(tried: Iterable[Tried], as_json: bool, beside: str) -> None:
    """Print what was tried, the best last.

    Args:
        tried: The settings with their results.
        as_json: Print objects.
        beside: Options that all of them need in addition.
    """
    found = []
    for one in tried:
        found.append(one)
        note(tried_row(one, option_of(one, beside)))
    if not as_json:
        print_result(TRIED_HEADER)
    for one in sorted(found, key=lambda one: -one.perplexity):
        if as_json:
            print_result(json_line(tried_values(one)))
        else:
            print_result(tried_row(one, option_of(one, beside)))


def option_of(tried: Tried, beside: str = "") -> str:
    """Return the options to give to ``rnnlm eval perplexity``."""
    if isinstance(tried.settings, DynamicSettings):
        return as_option(tried.settings) + beside
    if isinstance(tried.settings, CacheSettings):
        return f"--cache {as_numbers(tuple(map(float, tried.settings)))}"
    return f"the model as it is{beside and f', with{beside}'}"
