"""``rnnlm eval translation``."""

from __future__ import annotations

import time
from functools import partial

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note, print_result, warned
from rnnlm_cli.commands.shared.models import choose_network, model_options
from rnnlm_cli.commands.shared.options import FiniteRange, WholeRange
from rnnlm_cli.commands.shared.partners import needs, partners
from rnnlm_cli.commands.shared.texts import (
    GivenText,
    config_of_texts,
    reads_training_text,
    text_options,
)
from rnnlm_cli.config.task import Translation
from rnnlm_cli.data.named import named_limits, with_encoding
from rnnlm_cli.data.pairs import read_pair_split, read_pairs
from rnnlm_cli.evaluate.cautions import TRAINED_ON
from rnnlm_cli.evaluate.perplexity import summed_nats
from rnnlm_cli.generate.beam import PENALTY, WIDTH
from rnnlm_cli.generate.quality import has_scores, measure_translation
from rnnlm_cli.generate.translation import LINES_AT_ONCE, Translator
from rnnlm_cli.report.translation import quality_table, quality_values
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.tasks import known_by
from rnnlm_cli.tasks.translation import pair_blocks


@click.command(
    epilog=examples(
        "on the text that the model's config names",
        "rnnlm eval translation --checkpoint checkpoints/turned.pkl",
        "with a beam search, on another text, as JSON",
        "rnnlm eval translation --checkpoint checkpoints/turned.pkl --beam 5 --corpus pairs.tsv "
        "--json",
    )
)
@model_options
@partial(text_options, records=False)
@click.option(
    "--beam",
    type=WholeRange.of(WIDTH),
    help="Beam search of this width.  [default: the most likely token at each step]",
)
@click.option(
    "--length-penalty",
    type=FiniteRange.of(PENALTY),
    default=1.0,
    show_default=True,
    help="For --beam: rank translations by log-probability / length ** this number.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@partners(needs("--length-penalty", "--beam"))
def command(
    checkpoint_path: str | None,
    config_path: str | None,
    corpus: GivenText | None,
    split: str | None,
    encoding: str | None,
    beam: int | None,
    length_penalty: float,
    as_json: bool,
) -> None:
    """How well a model translates.

    The text has lines of source, tab and target. Prints how many sources are translated exactly to
    their targets, chrF and BLEU (by sacrebleu, if it is installed), and the perplexity of the
    targets.
    """
    chosen = choose_network(checkpoint_path, config_path, Translation)
    saved, known = chosen.saved, known_by(chosen.saved)
    if corpus is not None:
        limits = named_limits(saved.config, encoding)
        pairs = read_pairs(saved.config, corpus.path, known, limits)
    else:
        config = with_encoding(config_of_texts(chosen, split), encoding)
        pairs = read_pair_split(config, split, known)
    start = time.perf_counter()
    nats, _ = summed_nats(saved.network, pair_blocks(pairs, LINES_AT_ONCE))
    result = measure_translation(Translator(saved), pairs, nats, beam, length_penalty)
    if not has_scores():
        note("without chrF and BLEU: pip install 'rnnlm-cli[translation]' adds them")
    values = quality_values(result, pairs.name, chosen.path)
    trained_on = reads_training_text(chosen, corpus, split)
    values["warnings"] = warned([TRAINED_ON] * trained_on)
    values["seconds"] = round(time.perf_counter() - start, 3)
    print_result(json_line(values) if as_json else quality_table(values))
