"""The JSON Schema of a configuration, for editors, and the line that leads an editor to it.

The schema says what one key allows. It has no rules between keys (``rules.RULES``), and does not
know Python's encodings or whether a list is ascending: what it refuses is refused when a
configuration is loaded, but not the other way round.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import NODEFAULT, Struct, inspect, to_builtins

from rnnlm_cli.config.describe import documented
from rnnlm_cli.config.keys import default_where_of
from rnnlm_cli.config.schema import Config

SCHEMA_NAME = "rnnlm.schema.json"
"""The schema's file beside a config."""

MODELINE = f"# yaml-language-server: $schema={SCHEMA_NAME}\n"
"""The first line of a config: editors look for the schema beside it, so they need no network."""

DRAFT = "http://json-schema.org/draft-07/schema#"
"""The draft that editors know best."""

ABOUT = (
    "The configuration of rnnlm. Rules between keys are not part of it: rnnlm config check FILE "
    "checks them too."
)

LIMITS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "min_length": "minLength",
    "max_length": "maxLength",
}
ITEMS = {"min_length": "minItems", "max_length": "maxItems"}
"""Names of a limit in a type of msgspec and in a schema."""

Schema = dict[str, Any]


class Companion(NamedTuple):
    """What belongs to a config that is written."""

    modeline: str  # its first line, with a line end
    path: Path  # the file beside it
    content: bytes  # of that file


def companion(config: str | Path) -> Companion:
    """Return the first line of a config at a path, and the schema to write beside it."""
    return Companion(MODELINE, Path(config).parent / SCHEMA_NAME, schema_text().encode())


def schema_text() -> str:
    """Return the schema as a JSON text of several lines."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def json_schema() -> Schema:
    """Return the schema as dicts and lists."""
    about = {"$schema": DRAFT, "title": "rnnlm config", "description": ABOUT}
    return {**_of(inspect.type_info(Config)), **about}


def _of(kind: inspect.Type, default_kind: str | None = None) -> Schema:
    """Return the schema of a type.

    Args:
        kind: The type.
        default_kind: The kind of a section, such as an optimizer, that does not write its kind.
    """
    match kind:
        case inspect.Metadata(type=inner, extra_json_schema=extra):
            own = dict(extra or {})
            title = own.pop("title", None)  # the allowed values, which editors show as a heading
            if "pattern" in own:
                own["patternErrorMessage"] = f"expected: {title}"
            return {**_of(inner, default_kind), **own}
        case inspect.StructType():
            return _of_section(kind, default_kind)
        case inspect.UnionType(types=types):
            return _of_union([_of(one, default_kind) for one in types])
        case inspect.LiteralType(values=values):
            return {"enum": list(values)}
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return {"type": "array", "items": _of(item), **_limits(kind, ITEMS)}
        case inspect.IntType():
            return {"type": "integer", **_limits(kind, LIMITS)}
        case inspect.FloatType():
            return {"type": "number", **_limits(kind, LIMITS)}
        case inspect.StrType():
            return {"type": "string", **_limits(kind, LIMITS)}
        case inspect.BoolType():
            return {"type": "boolean"}
        case inspect.NoneType():
            return {"type": "null"}
        case _:
            raise TypeError(f"{kind}: has no schema; add it to json_schema")


def _of_section(part: inspect.StructType, default_kind: str | None) -> Schema:
    """Return the schema of a section: its keys and no others."""
    keys: Schema = {}
    required = [field.name for field in part.fields if field.required]
    if part.tag is not None:
        keys["kind"] = {"const": part.tag, "description": documented(part.cls)}
        if part.tag != default_kind:
            required.insert(0, "kind")
    for field in part.fields:
        keys[field.name] = _of_key(field)
    section: Schema = {"description": documented(part.cls), "type": "object", "properties": keys}
    if required:
        section["required"] = required
    return {**section, "additionalProperties": False}


def _of_key(field: inspect.Field) -> Schema:
    """Return the schema of a key, with its default."""
    if isinstance(field.default, Struct):
        tag = field.default.__struct_config__.tag
        return _of(field.type, None if tag is None else str(tag))
    found = _of(field.type)
    if field.default is not NODEFAULT:
        found["default"] = to_builtins(field.default)
    if (where := default_where_of(field.type)) is not None:
        values = " or ".join(map(str, where.values))
        other = f"{json.dumps(where.default)} by default with {where.key}: {values}"
        found["description"] += f"; {other}"
    return found


def _of_union(kinds: list[Schema]) -> Schema:
    """Return the schema of a value of one of several types; null joins a single other type."""
    others = [one for one in kinds if one != {"type": "null"}]
    if len(others) > 1:
        return {"anyOf": kinds}
    (found,) = others
    if "enum" in found:
        return {**found, "enum": [*found["enum"], None]}
    return {**found, "type": [found["type"], "null"]}


def _limits(kind: inspect.Type, names: dict[str, str]) -> Schema:
    found = {name: getattr(kind, own, None) for own, name in names.items()}
    return {name: limit for name, limit in found.items() if limit is not None}
