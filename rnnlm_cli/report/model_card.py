"""A model card: what the Hugging Face Hub reads above a model, and what a person wants to know.

The front matter is YAML with the Hub's keys: ``license``, ``language``, ``library_name``,
``pipeline_tag``, ``tags``, and ``model-index``, whose results the Hub shows as a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from rnnlm_cli.checkpoint import TrainingState
from rnnlm_cli.config import config_to_plain, move_paths
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.measure import PERPLEXITY
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.report.checkpoint import seconds_of
from rnnlm_cli.report.log import LogLine
from rnnlm_cli.report.models import best_record
from rnnlm_cli.report.table import duration, figure, visible
from rnnlm_cli.system.paths import last_name
from rnnlm_cli.tasks import measure_of
from rnnlm_cli.train.progress import counted

TASK = {"type": "text-generation", "name": "Language modeling"}

METRICS = {
    "perplexity": "perplexity",
    "perplexity_per_word": "perplexity per word",
    "bits_per_character": "bits per character",
    "bits_per_byte": "bits per byte",
}
"""The figures of a text, by their keys in JSON, and what they are called."""

HUB_LICENSE = re.compile(r"[a-z0-9][a-z0-9.-]*")
"""How the Hub writes a licence: ``mit``, ``apache-2.0``, ``cc-by-4.0``."""


class Run(NamedTuple):
    """When a training began, and how many seconds it took; what no model file has."""

    begun: str = ""
    seconds: float | None = None


class CardFacts(NamedTuple):
    """What a card tells besides the model.

    Attributes:
        name: The model's name.
        commands: How to use the directory with rnnlm, a command per line.
        figures: What ``rnnlm eval perplexity`` gave as JSON, for each text.
        license: The licence; ``None`` if it is not said.
        languages: Codes of languages, such as ``en``.
        run: The time of the training.
        lacks: What the tokenizer cannot say; empty for nothing.
        has_tokenizer: Whether there is a ``tokenizer.json``.
    """

    name: str
    commands: str
    figures: Sequence[Mapping[str, Any]] = ()
    license: str | None = None
    languages: Sequence[str] = ()
    run: Run = Run()
    lacks: str = ""
    has_tokenizer: bool = True


def run_of(model: TrainedModel, lines: Sequence[LogLine], state: TrainingState | None) -> Run:
    """Return the time of a model's training, from the state in its file or from its log.

    A log counts only if it has the last epoch, or validation, in the model's history.
    """
    if state is not None:
        return Run(state.begun, seconds_of(state))
    if not model.history:
        return Run()
    last, key = model.history[-1], measure_of(model.config).key("train")
    recorded = (last.epoch, last.part, last.step, last.train)
    if recorded not in [(e.epoch, e.part, e.step, getattr(e, key)) for e in lines]:
        return Run()
    begun = next((line.date for line in lines if line.event == "start"), "")
    return Run(begun, next((e.seconds for e in reversed(lines) if e.seconds is not None), None))


def checked_figures(values: Any, place: str) -> Mapping[str, Any]:
    """Return what ``rnnlm eval perplexity`` gave as JSON.

    Raises:
        UsageError: It is something else.
    """
    number = values.get("perplexity") if isinstance(values, dict) else None
    if not isinstance(number, int | float) or not isinstance(values.get("corpus"), str):
        raise UsageError(
            "is not the JSON of rnnlm eval perplexity for a model that predicts the next token",
            place=place,
        )
    warnings = values.get("warnings")
    given = [str(one) for one in warnings] if isinstance(warnings, list) else []
    return {**values, "corpus": last_name(values["corpus"]), "warnings": given}


def model_card(model: TrainedModel, facts: CardFacts) -> str:
    """Return the text of a card."""
    head = yaml.safe_dump(front_matter(model, facts), sort_keys=False, allow_unicode=True)
    parts = [
        f"---\n{head}---\n",
        f"# {cell(facts.name)}\n",
        *_description(model),
        *_figures(model, facts),
        *_data(model),
        *_training(model, facts.run),
        *_use(facts),
        "## Licence\n",
        f"{cell(facts.license)}\n" if facts.license else "Not stated.\n",
    ]
    return "\n".join(parts)


def front_matter(model: TrainedModel, facts: CardFacts) -> dict[str, Any]:
    """Return what the Hub reads."""
    head: dict[str, Any] = {"language": list(facts.languages)} if facts.languages else {}
    if facts.license is not None and HUB_LICENSE.fullmatch(facts.license):
        head["license"] = facts.license
    elif facts.license is not None:
        head |= {"license": "other", "license_name": facts.license}
    cell_kind = model.config.model.cell
    head |= {
        "library_name": "rnnlm",
        "pipeline_tag": TASK["type"],
        "tags": ["rnnlm", "recurrent-neural-network", "language-model", cell_kind],
    }
    if results := [_result(name, numbers) for name, numbers in measured(model, facts)]:
        head["model-index"] = [{"name": facts.name, "results": results}]
    return head


def measured(model: TrainedModel, facts: CardFacts) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield the name of each text with figures, and the figures by the keys of ``METRICS``."""
    record, validated = best_record(model.history, PERPLEXITY) if model.history else (None, False)
    if record is not None and validated:
        names = [text.name for text in model.origin.texts if text.split == "valid"]
        of_text = PERPLEXITY.text_values(record.valid_figures)
        yield (
            f"{', '.join(names) or 'the held-out end of the training text'} (validation)",
            numbers_in({"perplexity": record.valid, **of_text}),
        )
    for values in facts.figures:
        yield values["corpus"], numbers_in(values)
        if isinstance(adapted := values.get("adapted"), dict):
            how = str(adapted.get("how", "adapted"))
            yield f"{values['corpus']}, with {how}", numbers_in(adapted)


def numbers_in(values: Mapping[str, Any]) -> dict[str, float]:
    """Return the figures that are there, by the keys of ``METRICS``."""
    return {key: values[key] for key in METRICS if isinstance(values.get(key), int | float)}


def _result(text: str, numbers: Mapping[str, float]) -> dict[str, Any]:
    metrics = [
        {"type": key, "name": METRICS[key], "value": float(f"{value:.6g}")}
        for key, value in numbers.items()
    ]
    return {"task": dict(TASK), "dataset": {"name": text, "type": text}, "metrics": metrics}


def _description(model: TrainedModel) -> Iterator[str]:
    config, vocabulary = model.config.model, model.vocabulary
    layers = "1 layer" if config.layers == 1 else f"{config.layers} layers"
    tied = ", with one matrix for embedding and output" if config.tie_weights else ""
    skips = ", with skip connections" if config.residual else ""
    yield (
        f"A recurrent neural network language model: {layers} of {CELLS[config.cell].title} with "
        f"{config.hidden_size:,} units, embeddings of {config.embedding_size:,}{tied}{skips}. It "
        f"reads a text as units of the kind `{model.codec.unit}`, of which it knows "
        f"{len(vocabulary):,}, and gives the probability of the next one. "
        f"{model.network.parameter_count:,} parameters.\n"
    )


def _figures(model: TrainedModel, facts: CardFacts) -> Iterator[str]:
    rows = list(measured(model, facts))
    if not rows:
        return
    yield "## Figures\n"
    yield f"| text | {' | '.join(METRICS.values())} |"
    yield f"|---|{'---|' * len(METRICS)}"
    for text, numbers in rows:
        shown = [figure(numbers[key], ",.4g") if key in numbers else "" for key in METRICS]
        yield f"| {cell(text)} | {' | '.join(shown)} |"
    yield ""
    for values in facts.figures:
        for warning in values["warnings"]:
            yield f"- {cell(values['corpus'])}: {cell(warning)}\n"


def _data(model: TrainedModel) -> Iterator[str]:
    origin = model.origin
    yield "## Data\n"
    if not origin.texts and not origin.earlier:
        yield "The texts that it was trained on are not recorded.\n"
        return
    yield "| used for | text | files | SHA-256 |\n|---|---|---|---|"
    for texts, note in ((origin.texts, ""), (origin.earlier, ", of a model it started from")):
        for text in texts:
            digest = f"`{cell(text.sha256)}`" if text.sha256 else "not hashed"
            yield f"| {cell(text.split)}{note} | {cell(text.name)} | {text.files} | {digest} |"
    yield ""


def _training(model: TrainedModel, run: Run) -> Iterator[str]:
    plain = move_paths(config_to_plain(model.config), last_name)
    version = f"rnnlm {model.origin.version}" if model.origin.version else "another program"
    begun = f", begun {run.begun}" if run.begun else ""
    took = "" if run.seconds is None else f", which took {duration(run.seconds)}"
    epochs = f", {counted(model.history[-1].epoch, 'epoch')}" if model.history else ""
    yield "## Training\n"
    yield f"By {cell(version)}{cell(begun)}{epochs}{took}. The whole configuration:\n"
    yield f"```yaml\n{yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)}```\n"


def _use(facts: CardFacts) -> Iterator[str]:
    yield "## Use\n"
    yield f"```\n{facts.commands}\n```\n"
    yield (
        "`model.safetensors` has the names and layouts of PyTorch's word_language_model example, "
        "and all that rnnlm needs in its metadata."
    )
    if facts.has_tokenizer:
        yield (
            "`tokenizer.json` gives the model's ids; a newline is the end of a line. Before its "
            "first word the model reads the id of one, from a zero state."
        )
    if facts.lacks:
        kind = "It does not tell" if facts.has_tokenizer else "There is no `tokenizer.json` for"
        yield f"{kind} {facts.lacks}."
    yield ""


def cell(text: str) -> str:
    """Return a text, which may be a stranger's, as part of a line or of a table."""
    return re.sub(r"[|`<>\[\]]", lambda found: f"&#{ord(found[0])};", visible(text))
