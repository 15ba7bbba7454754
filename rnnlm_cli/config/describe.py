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
        name, meaning = prefix + field.name, _said(field.type, "description")
        bare = _bare(field.type)
        kinds = [t for t in _members(bare) if isinstance(t, inspect.StructType)]
        if not kinds:
            yield Key(name, allowed(field.type), field.default, meaning, kind)
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
    if title := _said(kind, "title"):
        return title
    bare = _bare(kind)
    match bare:
        case inspect.UnionType(types=types):
            return ", or ".join(allowed(t) for t in types)
        case inspect.IntType() | inspect.FloatType():
            what = "whole number" if isinstance(bare, inspect.IntType) else "number"
            return f"{what} {' and '.join(_bounds(bare))}".rstrip()
        case inspect.LiteralType(values=values):
            return ", ".join(str(v) for v in values)
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return f"list of {allowed(item)}"
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
        if limit is not None:
            yield (
                f"{sign} {limit:,}" if isinstance(number, inspect.IntType) else f"{sign} {limit:g}"
            )


def _said(kind: inspect.Type, what: str) -> str:
    """Return the title or the description that a type was given, or an empty string."""
    said = ""
    while isinstance(kind, inspect.Metadata):
        said = said or str((kind.extra_json_schema or {}).get(what, ""))
        kind = kind.type
    return said


def _bare(kind: inspect.Type) -> inspect.Type:
    """Take title and description off a type."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    return kind


def _members(kind: inspect.Type) -> tuple[inspect.Type, ...]:
    return kind.types if isinstance(kind, inspect.UnionType) else (kind,)


__all__ = ["NODEFAULT", "Key", "allowed", "describe"]
