"""``rnnlm translate``."""

from __future__ import annotations

from collections.abc import Iterator

import click

from rnnlm_cli.commands.shared.beam import beam_options
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.given_lines import GivenLines, given_lines_options
from rnnlm_cli.commands.shared.messages import note, print_result
from rnnlm_cli.commands.shared.models import choose_network, one_model_options
from rnnlm_cli.commands.shared.options import WholeRange
from rnnlm_cli.commands.shared.partners import needs, partners
from rnnlm_cli.config.task import Translation as TranslationTask
from rnnlm_cli.generate.translation import LINES_AT_ONCE, Translation, Translator
from rnnlm_cli.report.translation import attention_table, translation_values
from rnnlm_cli.system.json_line import json_line


@click.command(
    epilog=examples(
        "a line",
        "rnnlm translate --checkpoint checkpoints/turned.pkl 'a b c'",
        "the three best translations that a beam search finds, with their log-probabilities",
        "rnnlm translate --checkpoint checkpoints/turned.pkl 'a b c' --beam 5 --top 3 --json",
        "which words of the source each word looks at",
        "rnnlm translate --checkpoint checkpoints/turned.pkl 'a b c' --attention",
        "every line from a pipe, each as it arrives",
        "echo 'c b' | rnnlm translate --checkpoint checkpoints/turned.pkl --file -",
    )
)
@given_lines_options("Translate")
@one_model_options
@beam_options("translations")
@click.option(
    "--top",
    type=WholeRange(min=1),
    default=1,
    show_default=True,
    help="For --beam: translations per line, the best first.",
)
@click.option(
    "--length",
    type=WholeRange(1, 100_000),
    help="Maximum tokens of a translation.  [default: 50 more than twice those of the line]",
)
@click.option(
    "--attention",
    is_flag=True,
    help="Below each translation, how much each of its tokens looks at those of the line.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per translation.")
@partners(needs("--top", "--beam"))
def command(
    given: GivenLines,
    checkpoint_path: str | None,
    config_path: str | None,
    beam: int | None,
    length_penalty: float,
    top: int,
    length: int | None,
    attention: bool,
    as_json: bool,
) -> None:
    """Translate lines of text.

    The model is one of task.kind: translation. Prints a line per line; a blank line has a blank
    translation.
    """
    if beam is not None and top > beam:
        raise click.UsageError(f"--top {top}: --beam {beam} finds at most {beam} translations")
    saved = choose_network(checkpoint_path, config_path, TranslationTask).saved
    translator = Translator(saved, length)
    if attention:
        translator.check_attention()
    lines, at_once = given.read(saved), 1 if given.live else LINES_AT_ONCE
    for line, found in translated(translator, lines, at_once, beam, length_penalty, top):
        weights = translator.attention(found) if attention else None
        written = translator.text(found)
        if as_json:
            print_result(json_line(translation_values(line, written, found, weights)))
            continue
        print_result(written)
        if weights is not None:
            print_result(f"\n{attention_table(found, weights, saved.codec)}\n")
        if not found.ended:
            note(f"the translation was cut off after {len(found.tokens):,} tokens")


def translated(
    translator: Translator,
    lines: Iterator[str],
    at_once: int,
    beam: int | None,
    penalty: float,
    top: int,
) -> Iterator[tuple[str, Translation]]:
    """Yield lines with their translations; of a beam search the best ones of each."""
    if beam is None:
        yield from translator.translations(lines, at_once)
        return
    for line in lines:
        for found in translator.best(line, beam, penalty)[:top]:
            yield line, found
