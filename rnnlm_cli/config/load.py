"""Loads and checks a configuration from a YAML file and overrides."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from rnnlm_cli.config.document import MOST_SCALAR, parse_yaml
from rnnlm_cli.config.explain import explain
from rnnlm_cli.config.raw import fill_defaults, inherit, move_paths, written
from rnnlm_cli.config.rules import broken_rule
from rnnlm_cli.config.schema import Config, config_from_plain
from rnnlm_cli.errors import ConfigError, is_unicode, quoted, shortened
from rnnlm_cli.system.paths import rebase

MOST_BYTES = 1_000_000
"""Maximum bytes of a config file; a longer one is probably another file."""


ModelOf = Callable[[str, str], Config]
"""From ``training.init_from`` and ``checkpoint.path`` to the configuration of the model to start
from, which gives what is not written; see ``raw.inherit``."""


def load_config(
    path: str,
    overrides: Iterable[str] = (),
    said: str = "override",
    model_of: ModelOf | None = None,
) -> Config:
    """Read and check a configuration.

    Paths in the file are relative to it, paths in the overrides to the working directory; in the
    result all are relative to the working directory, or absolute.

    Args:
        path: The YAML file.
        overrides: ``KEY=VALUE`` each, the key dotted, the value YAML.
        said: The name of an override in messages.
        model_of: Called if ``training.init_from`` is given; its errors are passed on.

    Raises:
        ConfigError: The file, an override, a key or a value is wrong; names the first one found.
    """
    data, places = _written(path)
    return _finished(data, path, places, overrides, said, model_of)


def written_config(path: str, overrides: Iterable[str] = ()) -> dict[str, Any]:
    """Return the raw values that a file and overrides have, without defaults and unchecked.

    Args:
        path: The YAML file.
        overrides: As in ``load_config``; paths are those of its result.

    Raises:
        ConfigError: The file or an override cannot be parsed.
    """
    data, _ = _written(path)
    for override in overrides:
        _override(data, override, "override")
    return data


def _written(path: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the raw values of a file, paths relative to the working directory, and their places.

    Raises:
        ConfigError: It cannot be read, or is not a mapping.
    """
    data, lines = parse_yaml(_read(path), path)
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: not a mapping; a config has the keys corpus and checkpoint")
    places = {key: f"{path}:{line}" for key, line in lines.items()}
    move_paths(data, partial(rebase, folder=os.path.dirname(path)))
    return data, places


def make_config(
    values: Mapping[str, Any], overrides: Iterable[str] = (), model_of: ModelOf | None = None
) -> Config:
    """Check a configuration that is in memory, with the keys that a file has.

    Args:
        values: Nested mappings; paths are relative to the working directory.
        overrides: As in ``load_config``.
        model_of: As in ``load_config``.

    Raises:
        ConfigError: A key or a value is wrong; the first one found.
    """
    try:
        data = msgspec.to_builtins(values, enc_hook=os.fspath)  # a copy
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"config: {error}; use plain values, as a YAML file has them") from None
    return _finished(data, "config", {}, overrides, model_of=model_of)


def _finished(
    data: dict[str, Any],
    name: str,
    places: dict[str, str],
    overrides: Iterable[str],
    said: str = "override",
    model_of: ModelOf | None = None,
) -> Config:
    """Apply overrides to raw values, fill in defaults, and check them; see ``check``."""
    for override in overrides:
        place = f"{said} {shortened(override)}"
        key = _override(data, override, place)
        places[key] = place
        while key := key.rpartition(".")[0]:  # sections that only the override created
            places.setdefault(key, place)
    init_from = written(data, "training.init_from")
    if init_from and model_of is not None:
        inherit(data, model_of(init_from, written(data, "checkpoint.path")))
    fill_defaults(data)
    return check(data, name, places)


def check(data: Any, name: str, places: dict[str, str]) -> Config:
    """Check raw values.

    Args:
        data: Nested dicts.
        name: The file, for keys without a place.
        places: The place of each dotted key.

    Raises:
        ConfigError: A key is unknown or missing, a value of the wrong type or out of range, or
            two keys contradict each other.
    """
    for key, text in _texts(data):
        if "\0" in text or not is_unicode(text):
            place = places.get(re.sub(r"\[.*?\]", "", key), name)
            raise ConfigError(
                f"{place}: {key}: {quoted(text)} is not valid text; use Unicode without NUL"
            )
    try:
        config = config_from_plain(data)
    except msgspec.ValidationError as error:
        raise ConfigError(explain(str(error), data, name, places)) from None
    if broken := broken_rule(config):
        key, said = broken
        raise ConfigError(f"{places.get(key, name)}: {said}")
    return config


def _read(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ConfigError(f"{path}: longer than {MOST_BYTES:,} bytes; name a config file")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; name a config file") from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path}: byte {error.start + 1} is not UTF-8; save it as UTF-8"
        ) from None
    except ValueError as error:  # a path with a NUL byte
        raise ConfigError(f"{quoted(path)}: {error}; name a config file") from None


def _texts(data: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every string of nested values, including keys, with its dotted key."""
    if isinstance(data, str):
        yield key, data
    elif isinstance(data, dict):
        for name, value in data.items():
            inner = f"{key}.{name}" if key else str(name)
            yield inner, str(name)
            yield from _texts(value, inner)
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _texts(value, f"{key}[{number}]")


def _override(data: dict[str, Any], override: str, place: str) -> str:
    """Apply one ``KEY=VALUE`` and return the key; errors name it as ``place``."""
    key, separator, text = override.partition("=")
    if not separator or not key:
        raise ConfigError(f"{place}: expected KEY=VALUE, such as training.epochs=2")
    # a lone dash is standard input; in YAML it would be a list
    value = text if text == "-" else parse_yaml(text, place)[0]
    *sections, last = key.split(".")
    if len(sections) > 9 or len(key) > MOST_SCALAR:
        raise ConfigError(f"{place}: the key is too long; write it like training.optimizer.kind")
    parent = data
    for section in sections:
        inner = parent.setdefault(section, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"{place}: {section} holds {quoted(inner)}, not a mapping")
        parent = inner
    parent[last] = value
    return key
