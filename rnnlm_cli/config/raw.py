"""Functions on a configuration's raw values, nested dicts, before they are checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnnlm_cli.config.describe import describe, keys_marked
from rnnlm_cli.config.keys import Mark
from rnnlm_cli.config.schema import Config, config_to_plain


def move_paths(data: Any, move: Callable[[str], str]) -> Any:
    """Apply a function to every path of a configuration's raw values in place; return them."""
    for key in keys_marked(Mark.PATH):
        section, last = _section_of(data, key)
        value = section.get(last)
        if isinstance(value, str):
            section[last] = move(value)
        elif isinstance(value, list):
            section[last] = [move(v) if isinstance(v, str) else v for v in value]
    return data


def fill_defaults(data: Any) -> None:
    """Fill in, in place, the defaults that depend on other keys, and default kinds.

    The schema marks such defaults: characters, for example, have no end-of-line token by default. A
    section with kinds, such as the optimizer, gets its default kind.
    """
    for key in describe():
        section, last = _section_of(data, key.name)
        if last == "kind":
            section.setdefault(last, key.default)
        if (where := key.default_where) is not None:
            other, name = _section_of(data, where.key)
            if other.get(name) in where.values:
                section.setdefault(last, where.default)


def inherit(data: Any, source: Config) -> None:
    """Fill in, in place, what is not written from the configuration of a model to fine-tune.

    That is the section ``model`` and every other key that shapes the model, except what belongs to
    one training. A section of another kind (of output layer, say) than the source's keeps its own
    defaults.
    """
    plain = config_to_plain(source)
    for key in describe():
        shapes = key.name.startswith("model.") or Mark.SHAPES_MODEL in key.marks
        if not shapes or Mark.NOT_INHERITED in key.marks:
            continue
        theirs, last = _section_of(plain, key.name)
        section = _section_for(data, key.name)
        kind = theirs.get("kind")
        if section is not None and last in theirs and section.get("kind", kind) == kind:
            section.setdefault(last, theirs[last])


def written(data: Any, key: str) -> str:
    """Return the text that a dotted key of raw values has; empty if it has none."""
    section, last = _section_of(data, key)
    value = section.get(last)
    return value if isinstance(value, str) else ""


def _section_for(data: Any, key: str) -> dict[str, Any] | None:
    """Return the section that a dotted key belongs to, made where it is missing.

    Where something else than a mapping is in its place, return ``None``.
    """
    for section in key.split(".")[:-1]:
        data = data.setdefault(section, {})
        if not isinstance(data, dict):
            return None
    found: dict[str, Any] = data
    return found


FORMER = {"corpus.field": None, "corpus.normalize": None, "model.output_bias": "zero"}
"""What a configuration of an earlier version means, where it lacks a key and not the default."""


def fill_former(data: Any) -> Any:
    """Fill in, in place, the keys that the configuration in an older model file lacks."""
    for key, value in FORMER.items():
        section, last = _section_of(data, key)
        section.setdefault(last, value)
    return data


def _section_of(data: Any, key: str) -> tuple[dict[str, Any], str]:
    """Return the section that a dotted key belongs to, and the key's name in it.

    If the section is missing or is not a mapping, return a new empty dict.
    """
    *sections, last = key.split(".")
    for section in sections:
        data = data.get(section) if isinstance(data, dict) else None
    return (data if isinstance(data, dict) else {}), last
