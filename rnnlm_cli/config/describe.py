"""The schema as a table, for the documentation, messages and queries by mark."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from msgspec import inspect

from rnnlm_cli.config.keys import DefaultWhere, Mark, default_where_of, marks_of
from rnnlm_cli.config.schema import Config


class Key(NamedTuple):
    """One key of the configuration."""

    name: str  # dotted
    allowed: str
    default: Any  # NODEFAULT where the key is required
    meaning: str
    kind: str | None  # the kind (of optimizer, say) that has the key, if only one does
    marks: frozenset[Mark]
    default_where: DefaultWhere | None  # another default that depends on another key
    number: type[int] | type[float] | None = None  # the numbers it takes, if any


@cache
def describe() -> tuple[Key, ...]:
    """List every key, in the schema's order."""
    return tuple(_keys(inspect.type_info(Config), "", None))


@cache
def keys_marked(*marks: Mark) -> tuple[str, ...]:
    """Return the distinct dotted keys with any of these marks, in the schema's order."""
    return tuple(dict.fromkeys(key.name for key in describe() if key.marks & set(marks)))


@cache
def sections() -> dict[str, str]:
    """Return what each section is, by its dotted name, in the schema's order."""
    found = _sections(inspect.type_info(Config), "")
    return {name: meaning or documented(inner[0].cls) for name, inner, meaning in found}


@cache
def kinds() -> dict[str, dict[str, str]]:
    """Return the kinds of each key that names one, and what they are."""
    return {
        f"{name}.kind": {str(kind.tag): documented(kind.cls) for kind in inner}
        for name, inner, _ in _sections(inspect.type_info(Config), "")
        if len(inner) > 1
    }


def documented(section: type) -> str:
    """Return the first line of a section's docstring."""
    return (section.__doc__ or "").partition("\n")[0].replace("``", "")


def _sections(
    part: inspect.Type, prefix: str
) -> Iterator[tuple[str, list[inspect.StructType], str]]:
    """Yield each section, those in it too: its name, its kinds and its meaning."""
    assert isinstance(part, inspect.StructType)
    for field in part.fields:
        inner = [t for t in _members(_bare(field.type)) if isinstance(t, inspect.StructType)]
        if inner:
            name = prefix + field.name
            yield name, inner, _said(field.type, "description")
            yield from _sections(inner[0], f"{name}.") if len(inner) == 1 else ()


def _keys(part: inspect.Type, prefix: str, kind: str | None) -> Iterator[Key]:
    assert isinstance(part, inspect.StructType)
    for field in part.fields:
        name, meaning = prefix + field.name, _said(field.type, "description")
        bare, marks = _bare(field.type), marks_of(field.type)
        where = default_where_of(field.type)
        kinds = [t for t in _members(bare) if isinstance(t, inspect.StructType)]
        if not kinds:
            number = _number(bare)
            yield Key(name, allowed(field.type), field.default, meaning, kind, marks, where, number)
        elif len(kinds) == 1:
            yield from _keys(kinds[0], f"{name}.", None)
        else:
            tags = ", ".join(str(k.tag) for k in kinds)
            default = field.default.__struct_config__.tag
            yield Key(f"{name}.kind", tags, default, meaning, None, marks, where)
            for k in kinds:
                yield from _keys(k, f"{name}.", str(k.tag))


def allowed(kind: inspect.Type) -> str:
    """Describe the allowed values of a type in a few words."""
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


def _number(kind: inspect.Type) -> type[int] | type[float] | None:
    """Return which numbers a type allows: whole ones, any, or none."""
    members = [_bare(one) for one in _members(kind)]
    if any(isinstance(one, inspect.FloatType) for one in members):
        return float
    return int if any(isinstance(one, inspect.IntType) for one in members) else None


def _bounds(number: inspect.IntType | inspect.FloatType) -> Iterator[str]:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    for attribute, sign in signs.items():
        limit = getattr(number, attribute)
        if limit is not None:
            yield (
                f"{sign} {limit:,}" if isinstance(number, inspect.IntType) else f"{sign} {limit:g}"
            )


def _said(kind: inspect.Type, what: str) -> str:
    """Return the title or the description of a type, or an empty string."""
    said = ""
    while isinstance(kind, inspect.Metadata):
        said = said or str((kind.extra_json_schema or {}).get(what, ""))
        kind = kind.type
    return said


def _bare(kind: inspect.Type) -> inspect.Type:
    """Return a type without its title and description."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    return kind


def _members(kind: inspect.Type) -> tuple[inspect.Type, ...]:
    return kind.types if isinstance(kind, inspect.UnionType) else (kind,)
