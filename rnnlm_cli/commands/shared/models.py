"""Which model a command uses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import click
from msgspec import structs

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.options import CONFIG, MODEL
from rnnlm_cli.commands.shared.partners import excludes, partners
from rnnlm_cli.commands.shared.waiting import announced
from rnnlm_cli.config import Config, Mark, as_written, differences, keys_marked, load_config
from rnnlm_cli.config.run_names import LOG, is_model_name
from rnnlm_cli.config.task import Description, Language, TaskConfig
from rnnlm_cli.errors import UsageError, quoted, shortened
from rnnlm_cli.generate.limits import skipped_ids
from rnnlm_cli.model.trained import TrainedModel, TrainedNetwork, given_label, require_task

DIRECTORY = Path("checkpoints")


class ChosenNetwork(NamedTuple):
    """A model of any task and where it came from."""

    path: str
    saved: TrainedNetwork
    config: Config | None  # names the texts; None: the checkpoint's does
    texts_of: str | None  # the checkpoint that names the texts, if there is no config


class Chosen(NamedTuple):
    """A language model and where it came from, as ``ChosenNetwork``."""

    path: str
    saved: TrainedModel
    config: Config | None
    texts_of: str | None


AnyChosen = ChosenNetwork | Chosen


def model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--checkpoint`` and ``--config``."""
    checkpoint_option = click.option(
        "--checkpoint",
        "checkpoint_path",
        type=MODEL,
        metavar="FILE",
        help="Model to use.  [default: that of --config, else the newest in checkpoints/]",
    )
    config_option = click.option(
        "--config",
        "config_path",
        type=CONFIG,
        metavar="FILE",
        help="Use this config's model and corpora.",
    )
    return checkpoint_option(config_option(command))


def one_model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--checkpoint`` and ``--config``, of which one is given: no text of a config is read."""
    rule = excludes("--checkpoint", "--config", because="each names the model")
    return model_options(partners(rule)(command))


def device_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--device``; it is in effect before a model is read, until the command's end."""

    def use(ctx: click.Context, param: click.Parameter, device: str) -> None:
        from rnnlm_cli.api.machine import choose_device  # loads NumPy; --help does without

        choose_device(device)
        ctx.call_on_close(lambda: choose_device("cpu"))

    return click.option(
        "--device",
        type=click.Choice(("cpu", "cuda", "auto")),
        default="cpu",
        show_default=True,
        expose_value=False,
        callback=use,
        help="Where to compute: cuda is a CUDA device; auto is that if there is one and the model "
        "runs there, else the CPU.",
    )(command)


def choose_model(checkpoint_path: str | None, config_path: str | None) -> Chosen:
    """Load the language model that the options name, or the newest one.

    Raises:
        UsageError, CheckpointError: As ``choose_network``.
    """
    return language_of(choose_network(checkpoint_path, config_path, Language))


def language_of(found: ChosenNetwork) -> Chosen:
    """Return a model of ``task.kind: language`` as a language model."""
    return Chosen(found.path, TrainedModel(**vars(found.saved)), found.config, found.texts_of)


def choose_writer(
    checkpoint_path: str | None, config_path: str | None, given: str | None
) -> Chosen:
    """Load a language model; or one that writes a line for a label, and give it the label.

    Raises:
        UsageError, CheckpointError: As ``choose_network``; or the label is missing or unknown, or
            the model takes none.
    """
    found = choose_network(checkpoint_path, config_path, Language, Description)
    if isinstance(found.saved.config.task, Description):
        saved = given_label(found.saved, given)
        return Chosen(found.path, saved, found.config, found.texts_of)
    if given is not None:
        raise UsageError(
            "is for a model of task.kind: description", field="given", place=quoted(given)
        )
    return language_of(found)


def choose_network(
    checkpoint_path: str | None, config_path: str | None, *tasks: type[TaskConfig]
) -> ChosenNetwork:
    """Load the model that the options name, or the newest one; it must be for one of the tasks.

    Raises:
        UsageError: There is no model, a named file is missing, or the model is for another task.
        CheckpointError: The file is not a valid checkpoint.
    """
    load = cache(lambda path: checkpoint.load_any(path).model)
    config = None
    if config_path:  # what it does not write, because it fine-tunes, is as in the model it trained
        named = checkpoint_path
        config = load_config(
            config_path, model_of=lambda first, p: load(named or p or first).config
        )
    path = checkpoint_path or (config.checkpoint.path if config else None)
    if path is None:
        path = str(newest_model())
        note(f"using {path}")
    with announced(f"reading {path}"):
        saved = load(path)
    require_task(path, saved.config, *tasks)
    chosen = ChosenNetwork(path, saved, config, None if config else path)
    if config_path and config and (line := shape_note(config_path, chosen, config)):
        note(line)
    return chosen


def read_as(chosen: Chosen, lines: Literal["stream", "independent"] | None) -> Chosen:
    """Return a model that reads lines as asked for; print a note if it was trained otherwise.

    Raises:
        UsageError: It cannot: it is bidirectional, or has no end-of-line token.
    """
    config = chosen.saved.config
    trained = config.training.lines
    if chosen.saved.network.bidirectional:
        if lines == "stream":
            raise UsageError("a bidirectional model reads each line by itself", field="lines")
        return chosen
    if lines is None or lines == trained:
        if trained == "independent":
            note(
                "each line is read by itself, as the model was trained (training.lines: "
                "independent); --lines stream reads the text as one"
            )
        return chosen
    if lines == "independent":
        chosen.saved.line_start()  # it raises an error if there is none
    note(f"the model was trained with training.lines: {trained}, and is read with {lines}")
    training = structs.replace(config.training, lines=lines)
    other = structs.replace(config, training=training)
    return chosen._replace(saved=replace(chosen.saved, config=other))


def shape_note(config_path: str, chosen: ChosenNetwork, config: Config) -> str | None:
    """Return a note on the keys in which a config describes another model than the one used.

    Its texts are used; they may differ from those of the checkpoint.
    """
    others = [
        f"{key} is {as_written(shown)} here and {as_written(used)} there"
        for key, (used, shown) in differences(chosen.saved.config, config).items()
        if key.startswith(("model.", "corpus."))
        and key
        not in keys_marked(
            Mark.TEXT, Mark.TEXT_FORM, Mark.TEXT_LIMIT, Mark.NOT_INHERITED, Mark.OF_THE_MODEL
        )
    ]
    if not others:
        return None
    return (
        f"{config_path}: describes another model than {chosen.path}, which is used unchanged: "
        f"{'; '.join(others)}"
    )


def tokens_as_read(saved: TrainedModel, tokens: Sequence[str], option: str) -> list[str]:
    """Return an option's tokens as the model reads them; print a note for each unknown one."""
    found: list[str] = []
    for token in tokens:
        forms = saved.codec.forms(token)
        known = [form for form in forms if form in saved.vocabulary]
        if not known:
            note(f"{option} {shortened(forms[0])}: not in the vocabulary, so never drawn")
        found += known or forms[:1]
    return found


def known_ids(saved: TrainedModel, tokens: Sequence[str], option: str = "--skip") -> list[int]:
    """Return the ids of tokens that must not be drawn; unknown tokens are ignored.

    Raises:
        UsageError: No token would be left.
    """
    return skipped_ids(saved, tokens_as_read(saved, tokens, option))


def newest_model() -> Path:
    """Return the newest model in ``checkpoints/``.

    Raises:
        UsageError: There is no model.
    """
    remedy = "train one with rnnlm train --config FILE, or name one with --checkpoint"
    return _newest(is_model_name, "model", remedy)


def newest_log() -> Path:
    """Return the newest log in ``checkpoints/``.

    Raises:
        UsageError: There is no log.
    """
    remedy = "rnnlm train writes one (NAME.jsonl); or name a log"
    return _newest(lambda name: name.endswith(LOG), "log", remedy)


def _newest(matches: Callable[[str], bool], what: str, remedy: str) -> Path:
    found = [path for path in DIRECTORY.glob("*") if matches(path.name) and path.is_file()]
    if not found:
        raise UsageError(f"{DIRECTORY}/: contains no {what}; {remedy}")
    return max(found, key=lambda path: path.stat().st_mtime_ns)
