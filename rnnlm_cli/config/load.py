"""From a YAML file and overrides to a checked configuration."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from rnnlm_cli.config.document import MOST_SCALAR, parse_yaml
from rnnlm_cli.config.explain import explain
from rnnlm_cli.config.schema import (
    AdaptiveSoftmax,
    Config,
    ModelConfig,
    NtAsgd,
    Plateau,
    TrainingConfig,
    config_from_plain,
)
from rnnlm_cli.errors import ConfigError, is_unicode, quoted, shortened
from rnnlm_cli.system.paths import rebase

MOST_BYTES = 1_000_000
"""Of a config file; a longer one is another file, named by mistake."""

PATH_KEYS = ("corpus.train", "corpus.valid", "corpus.test", "training.init_from", "checkpoint.path")


def load_config(path: str, overrides: Iterable[str] = (), said: str = "override") -> Config:
    """Read and check a configuration.

    Paths in the file are relative to it, paths in the overrides to the working directory; in the
    result all are relative to the working directory, or absolute.

    Args:
        path: The YAML file.
        overrides: ``KEY=VALUE`` each, the key dotted, the value YAML.
        said: What messages call an override.

    Raises:
        ConfigError: The file, an override, a key or a value is wrong; the first one found.
    """
    data, lines = parse_yaml(_read(path), path)
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: not a mapping; a config has the keys corpus and checkpoint")
    places = {key: f"{path}:{line}" for key, line in lines.items()}
    move_paths(data, partial(rebase, folder=os.path.dirname(path)))
    for override in overrides:
        place = f"{said} {shortened(override)}"
        key = _override(data, override, place)
        places[key] = place
        while key := key.rpartition(".")[0]:  # a section that only the option made is its own too
            places.setdefault(key, place)
    _fill_defaults(data)
    return check(data, path, places)


def check(data: Any, name: str, places: dict[str, str]) -> Config:
    """Check raw values.

    Args:
        data: Nested dicts.
        name: The file, for keys that stand nowhere.
        places: Where each dotted key stands.

    Raises:
        ConfigError: A key is unknown or missing, a value of the wrong type or out of range, or
            two keys contradict each other.
    """
    for key, text in _texts(data):
        if "\0" in text or not is_unicode(text):
            place = places.get(re.sub(r"\[.*?\]", "", key), name)
            raise ConfigError(
                f"{place}: {key}: {quoted(text)} is no text; write Unicode without NUL"
            )
    try:
        config = config_from_plain(data)
    except msgspec.ValidationError as error:
        raise ConfigError(explain(str(error), data, name, places)) from None
    corpus = config.corpus
    if corpus.end_of_line == corpus.unknown:
        raise ConfigError(
            f"{places.get('corpus.unknown', name)}: corpus.unknown and corpus.end_of_line are both "
            f"{corpus.unknown}; name two tokens"
        )
    for key, token in (("unknown", corpus.unknown), ("end_of_line", corpus.end_of_line or "")):
        if corpus.lowercase and token != token.lower():
            raise ConfigError(
                f"{places.get(f'corpus.{key}', name)}: corpus.{key}: {token} never stands in a "
                "text that corpus.lowercase made lower case; write it in lower case"
            )
    if config.model.direction == "bidirectional" and corpus.end_of_line is None:
        raise ConfigError(
            f"{places.get('model.direction', name)}: model.direction: bidirectional reads line by "
            "line; give corpus.end_of_line a token such as <eos>"
        )
    if config.model.tie_weights and isinstance(config.model.output_layer, AdaptiveSoftmax):
        raise ConfigError(
            f"{places.get('model.tie_weights', name)}: model.tie_weights: an adaptive output layer "
            "has no matrix like the embedding's; set it to false, or take kind: sampled"
        )
    if config.model.forget_bias != 0 and config.model.cell != "lstm":
        raise ConfigError(
            f"{places.get('model.forget_bias', name)}: model.forget_bias: a {config.model.cell} "
            "has no forget gate; leave it out, or take model.cell: lstm"
        )
    needs_valid = {
        "training.patience": config.training.patience is not None,
        "training.schedule": isinstance(config.training.schedule, Plateau),
        "training.optimizer": isinstance(config.training.optimizer, NtAsgd),
    }
    for key, needed in needs_valid.items():
        if needed and config.corpus.valid is None:
            raise ConfigError(
                f"{places.get(key, name)}: {key} watches the validation text, and corpus.valid "
                "is not given; give it a file or a fraction such as 0.05"
            )
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
    """Give every text of nested values, the keys too, with the dotted key where it stands."""
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
    """Set one ``KEY=VALUE``, which errors call ``place``; return the key."""
    key, separator, text = override.partition("=")
    if not separator or not key:
        raise ConfigError(f"{place}: expected KEY=VALUE, such as training.epochs=2")
    # a lone dash is standard input; YAML would read a list
    value = text if text == "-" else parse_yaml(text, place)[0]
    *sections, last = key.split(".")
    if len(sections) > 9 or len(key) > MOST_SCALAR:
        raise ConfigError(f"{place}: no key is so long; write it like training.optimizer.kind")
    parent = data
    for section in sections:
        inner = parent.setdefault(section, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"{place}: {section} holds {quoted(inner)}, not a mapping")
        parent = inner
    parent[last] = value
    return key


def move_paths(data: Any, move: Callable[[str], str]) -> Any:
    """Put every path of a configuration's raw values through a function, in place; return them."""
    for key in PATH_KEYS:
        section, last = key.split(".")
        place = data.get(section)
        if not isinstance(place, dict):
            continue
        value = place.get(last)
        if isinstance(value, str):
            place[last] = move(value)
        elif isinstance(value, list):
            place[last] = [move(v) if isinstance(v, str) else v for v in value]
    return data


def _fill_defaults(data: dict[str, Any]) -> None:
    """Fill in, in place, the defaults that hang on other keys.

    Characters have no end-of-line token unless one is asked for; an optimizer, a schedule or an
    initialization without a kind is of the default kind.
    """
    corpus = data.get("corpus")
    if isinstance(corpus, dict) and corpus.get("unit") == "char":
        corpus.setdefault("end_of_line", None)
    training, model = TrainingConfig(), ModelConfig()
    defaults = {
        ("training", "optimizer"): training.optimizer,
        ("training", "schedule"): training.schedule,
        ("model", "initialization"): model.initialization,
        ("model", "output_layer"): model.output_layer,
    }
    for (section, key), default in defaults.items():
        place = data.get(section)
        if isinstance(place, dict) and isinstance(place.get(key), dict):
            place[key].setdefault("kind", default.__struct_config__.tag)
