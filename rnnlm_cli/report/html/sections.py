"""The sections of a model: each a function that returns its content, and the commands for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import yaml

from rnnlm_cli.config import config_to_plain
from rnnlm_cli.evaluate.cautions import cautions
from rnnlm_cli.learned.calibration import measure_calibration
from rnnlm_cli.learned.surprise import mean_nats, surprises
from rnnlm_cli.report.calibration import calibration_sheet, conclusions
from rnnlm_cli.report.charts import Bars, Chart
from rnnlm_cli.report.checkpoint import checkpoint_values
from rnnlm_cli.report.html.call import Call, Shown
from rnnlm_cli.report.html.colored import surprise_text
from rnnlm_cli.report.html.flow import flow
from rnnlm_cli.report.html.look import Look
from rnnlm_cli.report.html.markup import Content, joined, table, tag, word
from rnnlm_cli.report.html.svg import figures
from rnnlm_cli.report.html.words import nearest, neurons
from rnnlm_cli.report.html.written import samples
from rnnlm_cli.report.perplexity import optional
from rnnlm_cli.report.table import NOTHING, abridged, cell, figure, visible, with_values

SURPRISED = 80
"""Tokens that are shown with their surprise."""

EXPECTED = 2
"""Likeliest tokens below each of them."""


def config(look: Look) -> Shown:
    """The configuration as YAML."""
    plain = config_to_plain(look.model.config)
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True).rstrip()
    return Shown(tag("pre", text, class_="columns"), [shown(look)])


def data(look: Look) -> Shown:
    """The texts that the model was made from, and its vocabulary."""
    values = checkpoint_values(look.path, look.stored)
    vocabulary, shapes = values["vocabulary"], values["shapes"]
    rows: list[Sequence[Content]] = [
        (text["split"] + of, text["name"], f"{text['files']:,}", tag("code", text["sha256"] or "-"))
        for of, texts in (("", values["texts"]), (", earlier", values["earlier_texts"]))
        for text in texts
    ]
    made = f"rnnlm {values['rnnlm']}" if values["rnnlm"] else "another program"
    known = [tag("span", word(visible(token)), " ") for token in vocabulary["most_frequent"]]
    body = joined(
        tag("p", f"Made by {made}."),
        table(["text", "name", "files", "SHA-256"], rows, left=2) if rows else "",
        tag(
            "p",
            f"Vocabulary: {vocabulary['size']:,} tokens; unknown ones become ",
            word(visible(vocabulary["unknown"])),
            ". The most frequent: ",
            known,
        ),
        table(
            ["parameter", "shape"],
            [(name, " \u00d7 ".join(map(str, shape))) for name, shape in shapes.items()],
            caption=f"{values['parameters']:,} parameters",
        ),
    )
    return Shown(body, [shown(look)])


def history(look: Look) -> Shown:
    """The epochs of the training."""
    records, measure = look.model.history, look.measure
    if not records:
        return Shown(tag("p", "No epoch is finished."), [shown(look)])
    names = [f"train {measure.name}", f"valid {measure.name}", "valid bits/character"]
    rows = [["epoch", *names, "learning rate"]]
    for record in records:
        number = record.epoch - 1 + record.part
        figures_of = record.valid_figures
        rows.append(
            [
                f"{number:.3g}{' (best)' if record.best and record.valid is not None else ''}",
                figure(record.train),
                cell(record.valid),
                NOTHING if figures_of is None else figure(figures_of.bits_per_character, ".4f"),
                f"{record.learning_rate:g}",
            ]
        )
    header, *rows = with_values(rows)
    kept = abridged([str(k) for k in range(len(rows))])
    few = [rows[int(k)] if k.isdigit() else [k, *[""] * (len(header) - 1)] for k in kept]
    return Shown(table(header, few), [shown(look)])


def perplexity(look: Look) -> Shown:
    """The figures of the text, with and without unknown words."""
    result, measure = look.result, look.measure
    warnings = cautions(look.model, look.text, result, look.trained_on)
    rows = [
        (measure.name, figure(result.perplexity)),
        (f"{measure.name} without unknown words", optional(result.perplexity_without_unknown)),
        (f"{measure.name} per word", optional(result.perplexity_per_word, "no word")),
        ("nats per token", figure(result.nats_per_token, ".4f")),
        ("bits per token", figure(result.bits_per_token, ".4f")),
        ("bits per character", figure(result.bits_per_character, ".4f")),
        ("bits per byte", figure(result.bits_per_byte, ".4f")),
        ("tokens predicted", f"{result.tokens:,}"),
        (
            "unknown among them",
            f"{result.unknown:,} ({result.oov:,} out of vocabulary, {result.oov_rate:.2%})",
        ),
    ]
    body = joined(
        tag("p", f"The beginning of {visible(look.text.name)}."),
        (tag("p", line, class_="warning") for line in warnings),
        table(["figure", "value"], rows),
    )
    return Shown(body, [look.call_on_text("eval perplexity", tokens=look.settings.tokens)])


def by_frequency(look: Look) -> Shown:
    """The figures by how often a token occurs in the training text."""
    bands = look.result.bands
    names = [
        "never"
        if band.at_least == 0
        else f"{band.at_least:,}+"
        if band.below is None
        else f"{band.at_least:,}\u2013{band.below - 1:,}"
        for band in bands
    ]
    places = list(range(len(bands)))
    chart = Chart(
        "",
        "times in the training text",
        look.measure.name,
        [Bars("", places, [band.perplexity for band in bands], 0.8)],
        y_log=True,
        x_ticks=(places, names),
    )
    rows = [
        (name, f"{band.tokens:,}", figure(band.perplexity))
        for name, band in zip(names, bands, strict=True)
    ]
    body = joined(table(["times in training", "tokens", look.measure.name], rows), figures([chart]))
    call = look.call_on_text("eval perplexity", tokens=look.settings.tokens, by_frequency=True)
    return Shown(body, [call])


def calibration(look: Look) -> Shown:
    """Whether probabilities are what they say."""
    found = measure_calibration(look.model, look.text, look.settings.tokens)
    (charts,) = calibration_sheet(found, look.name).rows
    said = ". ".join(line[0].upper() + line[1:] for line in conclusions(found))
    call = look.call_on_text("plot calibration", tokens=look.settings.tokens)
    return Shown(joined(tag("p", f"{said}."), figures(charts)), [call])


def surprise(look: Look) -> Shown:
    """The first tokens with their nats, and what was expected."""
    found = surprises(look.model, look.excerpt(SURPRISED), EXPECTED)
    known = len(look.model.vocabulary)
    body = joined(
        tag(
            "p",
            f"The stronger the color, the less expected; {mean_nats(found):.2f} nats per token. "
            "Below a token: its nats (? if unknown), then the likeliest ones in its place.",
        ),
        surprise_text(found, look.model.codec, known),
    )
    return Shown(body, [look.call_on_text("plot surprise", tokens=SURPRISED, top=EXPECTED)])


def shown(look: Look) -> Call:
    """Return the command that shows what a checkpoint holds."""
    return Call("show", [look.path])


SECTIONS: dict[str, Callable[[Look], Shown]] = {
    "Config": config,
    "Data and size": data,
    "Epochs": history,
    "Figures": perplexity,
    "By frequency": by_frequency,
    "Calibration": calibration,
    "Surprise": surprise,
    "Samples": samples,
    "Neighbours": nearest,
    "Neurons": neurons,
    "Gradient flow": flow,
}
"""The sections of a model by their headings, in order."""
