"""The schema as a table, for the documentation and for error messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec import NODEFAULT, inspect

from rnnlm_cli.config.schema import Config


class Key(NamedTuple):
    """One key of the configuration."""

    name: str  # dotted
    allowed: str
    default: Any  # NODEFAULT where the key is required
    meaning: str
    kind: str | None  # of optimizer or schedule, where the key belongs to one kind


def describe() -> list[Key]:
    """List every key, in the schema's order."""
    return list(_keys(inspect.type_info(Config), "", None))


def _keys(part: inspect.Type, prefix: str, kind: str | None) -> Iterator[Key]:
    assert isinstance(part, inspect.StructType)
    for field in part.fields:
        name, meaning, bare = prefix + field.name, *_bare(field.type)
        kinds = [t for t in _members(bare) if isinstance(t, inspect.StructType)]
        if not kinds:
            yield Key(name, allowed(bare), field.default, meaning, kind)
        elif len(kinds) == 1:
            yield from _keys(kinds[0], f"{name}.", None)
        else:
            tags = ", ".join(str(k.tag) for k in kinds)
            default = kinds[0].tag
            yield Key(f"{name}.kind", tags, default, meaning, None)
            for k in kinds:
                yield from _keys(k, f"{name}.", str(k.tag))


def allowed(kind: inspect.Type) -> str:
    """Say what values a type admits, in a few words."""
    _, bare = _bare(kind)
    match bare:
        case inspect.UnionType(types=types):
            return ", or ".join(allowed(t) for t in types)
        case inspect.IntType() | inspect.FloatType():
            what = "whole number" if isinstance(bare, inspect.IntType) else "number"
            return f"{what} {' and '.join(_bounds(bare))}".rstrip()
        case inspect.LiteralType(values=values):
            return ", ".join(str(v) for v in values)
        case inspect.ListType(item_type=item):
            return f"list of {allowed(item)}"
        case inspect.StrType(min_length=1):
            return "path"
        case inspect.StrType(pattern=pattern):
            return {None: "text", r"\.pkl$": "path ending in .pkl"}.get(pattern, "word")
        case inspect.BoolType():
            return "true or false"
        case inspect.NoneType():
            return "null"
        case _:
            return "mapping"


def _bounds(number: inspect.IntType | inspect.FloatType) -> Iterator[str]:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    for attribute, sign in signs.items():
        limit = getattr(number, attribute)
        if limit is not None and not (sign == "≤" and limit >= 1e18):
            yield f"{sign} {limit:g}" if limit < 1e6 else f"{sign} {limit:,}"


def _bare(kind: inspect.Type) -> tuple[str, inspect.Type]:
    """Take the description off a type."""
    meaning = ""
    while isinstance(kind, inspect.Metadata):
        meaning = meaning or str((kind.extra_json_schema or {}).get("description", ""))
        kind = kind.type
    return meaning, kind


def _members(kind: inspect.Type) -> tuple[inspect.Type, ...]:
    return kind.types if isinstance(kind, inspect.UnionType) else (kind,)


__all__ = ["NODEFAULT", "Key", "allowed", "describe"]
