"""``rnnlm plot attention``."""

from __future__ import annotations

from pathlib import Path

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.looking import draw_sheet, picture_options
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.models import choose_network, one_model_options
from rnnlm_cli.commands.shared.options import TEXT
from rnnlm_cli.config.task import Translation
from rnnlm_cli.data.rows import check_line
from rnnlm_cli.errors import UsageError
from rnnlm_cli.generate.translation import Translator
from rnnlm_cli.report.translation import attention_sheet, translation_values
from rnnlm_cli.system.json_line import json_line

MOST = 12
"""Maximum lines in a picture."""


@click.command(
    "attention",
    epilog=examples(
        "a line",
        "rnnlm plot attention 'a b c' --checkpoint checkpoints/turned.pkl --out attention.svg",
        "several, one below the other",
        "rnnlm plot attention 'a b c' 'c c b' --checkpoint checkpoints/turned.pkl --out two.png",
    ),
)
@click.argument("texts", type=TEXT, nargs=-1, required=True, metavar="TEXT...")
@one_model_options
@picture_options("attention")
def command(
    texts: tuple[str, ...],
    checkpoint_path: str | None,
    config_path: str | None,
    out: str,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Which tokens of a line each token of its translation looks at.

    The model is one of task.kind: translation with task.attention: dot. Each TEXT is translated
    (the most likely token at each step); a row of its picture is a token that was written.
    """
    if len(texts) > MOST:
        raise UsageError(f"{len(texts)} texts are given; a picture has at most {MOST}")
    for text in texts:
        check_line(text)
    chosen = choose_network(checkpoint_path, config_path, Translation)
    translator = Translator(chosen.saved)
    translator.check_attention()
    found = [one for _, one in translator.translations(texts)]
    pictures = [(one, translator.attention(one)) for one in found]
    sheet = attention_sheet(pictures, chosen.saved.codec, Path(chosen.path).name)
    draw_sheet(out, sheet, overwrite)
    if as_json:
        rows = zip(texts, pictures, strict=True)
        values = [translation_values(text, translator.text(one), one, a) for text, (one, a) in rows]
        print_result(json_line({"translations": values}))
