"""``rnnlm eval translation``."""

from __future__ import annotations

import time
from functools import partial

import click

from rnnlm_cli.commands.shared.beam import beam_options
from rnnlm_cli.commands.shared.columns import chosen_columns
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note, print_result, warned
from rnnlm_cli.commands.shared.models import choose_network, model_options
from rnnlm_cli.commands.shared.texts import (
    WantedText,
    reads_training_text,
    text_options,
)
from rnnlm_cli.config.task import Translation
from rnnlm_cli.data.pairs import PAIRS
from rnnlm_cli.evaluate.cautions import translation_cautions, unknown_note
from rnnlm_cli.evaluate.perplexity import summed_nats
from rnnlm_cli.generate.quality import has_scores, measure_translation
from rnnlm_cli.generate.translation import LINES_AT_ONCE, Translator
from rnnlm_cli.report.translation import quality_table, quality_values
from rnnlm_cli.system.json_line import json_line
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
@beam_options("translations")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    checkpoint_path: str | None,
    config_path: str | None,
    wanted: WantedText,
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
    saved = chosen.saved
    pairs = chosen_columns(PAIRS, chosen, wanted)
    for said in unknown_note(pairs.source.oov + pairs.oov, saved.vocabulary.unknown):
        note(said)
    start = time.perf_counter()
    nats, _ = summed_nats(saved.network, pair_blocks(pairs, LINES_AT_ONCE))
    result = measure_translation(Translator(saved), pairs, nats, beam, length_penalty)
    if not has_scores():
        note("without chrF and BLEU: pip install 'rnnlm-cli[translation]' adds them")
    values = quality_values(result, pairs.name, chosen.path)
    trained_on = reads_training_text(chosen, wanted)
    values["warnings"] = warned(translation_cautions(saved, pairs, nats, trained_on))
    values["seconds"] = round(time.perf_counter() - start, 3)
    print_result(json_line(values) if as_json else quality_table(values))
