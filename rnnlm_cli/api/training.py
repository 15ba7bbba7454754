"""Training from Python."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any, cast

from rnnlm_cli.api.arguments import Path, path_of
from rnnlm_cli.api.language_model import LanguageModel, load
from rnnlm_cli.api.machine import check_environment
from rnnlm_cli.checks import check_flag
from rnnlm_cli.config import Config, config_to_plain, load_config, make_config
from rnnlm_cli.config.load import ModelOf
from rnnlm_cli.config.task import Language, TaskConfig, tag_of
from rnnlm_cli.errors import ConfigError, UsageError, quoted
from rnnlm_cli.train.events import Event
from rnnlm_cli.train.poll import Stopped
from rnnlm_cli.train.session import Session
from rnnlm_cli.train.start import Start, begin
from rnnlm_cli.train.tuning import model_to_continue


def train(
    config: Path | Mapping[str, Any] | Config,
    *,
    overrides: Mapping[str, Any] | None = None,
    resume: bool = False,
    overwrite: bool = False,
    cache: bool = True,
    on_event: Callable[[Event], None] | None = None,
) -> LanguageModel:
    """Train a model, and return the best one, as it is in ``checkpoint.path``.

    The files are those of ``rnnlm train``. How many threads compute is the key
    ``training.threads``.

    Args:
        config: A YAML file, or its keys as nested mappings, whose paths are relative to the
            working directory.
        overrides: Other values of some keys: ``{"training.epochs": 2}``.
        resume: Continue from the last saved state; begin where there is none.
        overwrite: Start over and replace existing files.
        cache: Keep the ids of a large text beside it.
        on_event: Called with what happens, once it is on disk: the events of
            ``rnnlm_cli.train.events``, among them ``EpochDone``. It may raise ``Stopped``, so that
            the state is saved and training ends; ``train`` then raises it too.

    Raises:
        ConfigError: The configuration is wrong.
        UsageError: A checkpoint is in the way, the state does not fit, or a file is missing.
        CorpusError, CheckpointError: A text or a checkpoint is not valid.
        DivergedError: Training has diverged; what was saved before still is.
        Stopped: ``on_event`` raised it.
        OSError: Something could not be written; what was saved before still is.
    """
    return load(
        run_training(
            Language,
            config,
            overrides=overrides,
            resume=resume,
            overwrite=overwrite,
            cache=cache,
            on_event=on_event,
        )
    )


def run_training(
    task: type[TaskConfig],
    config: Path | Mapping[str, Any] | Config,
    *,
    overrides: Mapping[str, Any] | None = None,
    resume: bool = False,
    overwrite: bool = False,
    cache: bool = True,
    on_event: Callable[[Event], None] | None = None,
) -> str:
    """Train a model for a task as ``train`` does; return the path of the best one.

    Raises:
        UsageError: The configuration is for another task, or as ``train``.
    """
    for name, flag in (("resume", resume), ("overwrite", overwrite), ("cache", cache)):
        check_flag(name, flag)
    if resume and overwrite:
        raise UsageError("exclude each other", field="resume", place="and overwrite")
    check_environment()
    start = Start.RESUME if resume else Start.OVERWRITE if overwrite else Start.NEW
    model_of = model_to_continue(resume)
    checked = read_config(config, overrides or {}, model_of)
    if not isinstance(checked.task, task):
        raise UsageError(
            f"task.kind is {tag_of(type(checked.task))}, but this trains for {tag_of(task)}; use "
            "rnnlm_cli.train, or train of the class for that task",
            field="config",
        )
    session = begin(checked, start, use_cache=cache)
    if not session.finished:
        watch(session, on_event)
    return session.files.model


def watch(session: Session, on_event: Callable[[Event], None] | None) -> None:
    """Train, and hand on what happens.

    Raises:
        Stopped: ``on_event`` raised it; the state is saved.
    """
    stopping: list[Stopped] = []

    def poll() -> None:
        if stopping:
            raise stopping[0]

    events = cast(Generator[Event, None, None], session.events(poll))
    with contextlib.closing(events):  # whatever on_event raises, the files are free again
        for event in events:
            if on_event is not None:
                try:
                    on_event(event)
                except Stopped as stopped:
                    stopping.append(stopped)


def read_config(
    config: Path | Mapping[str, Any] | Config,
    overrides: Mapping[str, Any],
    model_of: ModelOf | None = None,
) -> Config:
    """Return a checked configuration, with other values of some keys.

    Raises:
        ConfigError: It is wrong.
    """
    changes = list(as_written(overrides))
    if isinstance(config, Config):
        return make_config(config_to_plain(config), changes)
    if isinstance(config, Mapping):
        return make_config(config, changes, model_of)
    return load_config(path_of("config", config), changes, model_of=model_of)


def as_written(overrides: Mapping[str, Any]) -> Iterable[str]:
    """Write overrides as a command line has them, ``KEY=VALUE`` with a value in YAML.

    Raises:
        ConfigError: A value is not plain.
    """
    for key, value in overrides.items():
        try:
            yield f"{key}={json.dumps(value, ensure_ascii=False)}"
        except (TypeError, ValueError):
            raise ConfigError(
                f"{quoted(value)} is not a plain value", field="overrides", place=quoted(key)
            ) from None
