"""From a YAML file and ``--set`` options to a checked configuration."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from rnnlm_cli.config.describe import describe
from rnnlm_cli.config.document import MOST_SCALAR, parse_yaml
from rnnlm_cli.config.schema import (
    AdaptiveSoftmax,
    Config,
    ModelConfig,
    NtAsgd,
    Plateau,
    TrainingConfig,
    config_from_plain,
)
from rnnlm_cli.errors import ConfigError, is_unicode
from rnnlm_cli.paths import rebase

MOST_BYTES = 1_000_000
"""Of a config file; a longer one is another file, named by mistake."""

PATH_KEYS = ("corpus.train", "corpus.valid", "corpus.test", "training.init_from", "checkpoint.path")


def load_config(path: str, overrides: Iterable[str] = ()) -> Config:
    """Read and check a configuration.

    Paths in the file are relative to it, paths in the overrides to the working directory; in the
    result all are relative to the working directory, or absolute.

    Args:
        path: The YAML file.
        overrides: ``KEY=VALUE`` each, the key dotted, the value YAML.

    Raises:
        ConfigError: The file, an override, a key or a value is wrong; the first one found.
    """
    data, lines = parse_yaml(_read(path), path)
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: not a mapping; a config has the keys corpus and checkpoint")
    places = {key: f"{path}:{line}" for key, line in lines.items()}
    move_paths(data, partial(rebase, folder=os.path.dirname(path)))
    for override in overrides:
        key = _override(data, override)
        places[key] = f"--set {override}"
        while key := key.rpartition(".")[0]:  # a section that only the option made is its own too
            places.setdefault(key, f"--set {override}")
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
            raise ConfigError(f"{place}: {key}: {text!a} is no text; write Unicode without NUL")
    try:
        config = config_from_plain(data)
    except msgspec.ValidationError as error:
        raise ConfigError(_explain(str(error), data, name, places)) from None
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
        raise ConfigError(f"{path!r}: {error}; name a config file") from None


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


def _override(data: dict[str, Any], override: str) -> str:
    """Set one ``KEY=VALUE``; return the key."""
    key, separator, text = override.partition("=")
    if not separator or not key:
        raise ConfigError(f"--set {override}: expected KEY=VALUE, such as training.epochs=2")
    # a lone dash is standard input; YAML would read a list
    value = text if text == "-" else parse_yaml(text, f"--set {override}")[0]
    *sections, last = key.split(".")
    if len(sections) > 9 or len(key) > MOST_SCALAR:
        raise ConfigError(
            f"--set {key[:40]}...: no key is so long; write it like training.optimizer.kind"
        )
    place = data
    for section in sections:
        inner = place.setdefault(section, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"--set {override}: {section} holds {inner!r}, not a mapping")
        place = inner
    place[last] = value
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


def _explain(message: str, data: Any, name: str, places: dict[str, str]) -> str:
    """Turn the checker's message into ours: place, key, value, what is allowed, the remedy."""
    what, key = _what_and_key(message, data)
    if found := re.fullmatch(r"Object contains unknown field `(.*)`", what, re.DOTALL):
        key = f"{key}.{found[1]}" if key else found[1]
        return f"{_place(key, name, places)}: {key}: {_kinds(data, key) or _nearest(key)}"
    if found := re.match(r"Object missing required field `(.*)`", what):
        key = f"{key}.{found[1]}" if key else found[1]
        return f"{places.get(key.rpartition('.')[0], name)}: {key} is missing; {_allowed(key)}"
    if found := re.match(r"Invalid field `(.*)`", what):
        key = f"{key}.{found[1]}"
    plain = re.sub(r"\[.*?\]", "", key)
    place = places.get(plain) or places.get(plain.rpartition(".")[0], name)
    if found := re.fullmatch(r"Expected `str` of length <= (\d+)", what):
        return f"{place}: {key}: is longer than {int(found[1]):,} characters; write a shorter one"
    return f"{place}: {key or 'the config'}: {_shown(data, key)} is not allowed; {_allowed(plain)}"


def _what_and_key(message: str, data: Any) -> tuple[str, str]:
    """Split the checker's message into what is wrong and the dotted key where it is.

    The message quotes keys and values, which may hold anything, a place among it; the place
    itself is made of the schema's names. Without one the message is of the whole configuration.
    """
    found = re.fullmatch(r"(.*) - at `\$\.?([\w.\[\]]*)`", message, re.DOTALL)
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", message, re.DOTALL)
    if found is None or (unknown and isinstance(data, dict) and unknown[1] in data):
        return message, ""
    return found[1], found[2]


def _place(key: str, name: str, places: dict[str, str]) -> str:
    """Return where a key stands, or where the section stands that holds it."""
    while key not in places and "." in key:
        key = key.rpartition(".")[0]
    return places.get(key, name)


def _kinds(data: Any, key: str) -> str:
    """Name the kinds that have a key, where the section is of another."""
    kinds = _kinds_with(key)
    if not kinds:
        return ""
    section = data
    for part in key.split(".")[:-1]:
        section = section[part]
    return (
        f"only with kind: {kinds}, and here it is {section['kind']}; set "
        f"{key.rpartition('.')[0]}.kind or omit the key"
    )


def _kinds_with(key: str) -> str:
    """Name the kinds that have a key; none for one that does not depend on a kind."""
    return " or ".join(str(k.kind) for k in describe() if k.name == key and k.kind is not None)


def _nearest(key: str) -> str:
    """Say that there is no such key, and name the one that was probably meant."""
    names = list(dict.fromkeys(k.name for k in describe()))
    section, _, last = key.rpartition(".")
    elsewhere = [n for n in names if n.rpartition(".")[2] == last]
    siblings = {n[len(section) :].lstrip(".").split(".")[0] for n in names if n.startswith(section)}
    if close := difflib.get_close_matches(last, siblings, n=1, cutoff=0.5):
        meant = f"{section + '.' if section else ''}{close[0]}"
    elif elsewhere:
        meant = elsewhere[0]
    else:
        return f"unknown key; allowed here: {', '.join(sorted(siblings))}"
    kinds = _kinds_with(meant)
    return f"unknown key; did you mean {meant}{f' (kind: {kinds})' if kinds else ''}?"


def _allowed(key: str) -> str:
    """Say what a key takes; for a section, its keys."""
    exact = [k.allowed for k in describe() if k.name == key]
    if exact:
        return f"expected: {exact[0]}"
    inner = [
        k.name[len(key) + 1 :] for k in describe() if k.name.startswith(f"{key}." if key else "")
    ]
    return f"expected: a mapping with keys such as {', '.join(dict.fromkeys(inner[:4]))}"


def _shown(data: Any, key: str) -> str:
    """Return the value at a dotted key as a user would recognize it."""
    for part in re.findall(r"[^.\[\]]+", key):
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and part.isdigit():
            data = data[int(part)]
    try:
        text = json.dumps(data, ensure_ascii=False, default=str)
    except ValueError:  # Python writes no number of so many digits
        return "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}..."
