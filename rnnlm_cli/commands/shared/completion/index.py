"""Writes ``index.json``, from which ``answer.py`` completes: ``python -m`` this module.

It holds every command with its options and arguments, and every config key with its values.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from rnnlm_cli.commands.main import cli
from rnnlm_cli.commands.shared.completion.answer import INDEX, Node
from rnnlm_cli.commands.shared.group import LazyGroup
from rnnlm_cli.commands.shared.options import PathName, TextEncoding, Word
from rnnlm_cli.config import Mark, as_written, keys_marked
from rnnlm_cli.config.json_schema import Schema, json_schema
from rnnlm_cli.config.run_names import LAST, ROLLBACK

LONGEST_HELP = 70
"""Maximum characters of the help beside a candidate."""


def index() -> Node:
    """Return the index of all commands and keys."""
    keys: Node = {}
    paths = keys_marked(Mark.PATH)
    for name, values, meaning in _keys(json_schema(), ""):
        known = keys.setdefault(name, {"help": meaning, "values": [], "path": name in paths})
        known["values"] += [value for value in values if value not in known["values"]]
    return {
        **_command(cli, cli.make_context("rnnlm", [], resilient_parsing=True), ""),
        "keys": keys,
    }


def _command(command: click.Command, context: click.Context, said: str) -> Node:
    options = [p for p in command.get_params(context) if isinstance(p, click.Option)]
    node: Node = {"help": said, "options": [_option(option) for option in options]}
    if isinstance(command, LazyGroup):
        node["commands"] = {}
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            said = command.listed[name].rstrip(".")
            node["commands"][name] = _command(inner, click.Context(inner, context, name), said)
    else:
        arguments = [p for p in command.params if isinstance(p, click.Argument)]
        node["arguments"] = [{"offer": _offer(p), "many": p.nargs == -1} for p in arguments]
    return node


def _option(option: click.Option) -> Node:
    return {
        # click before 8.5 has no order for those of --help
        "names": sorted([*option.opts, *option.secondary_opts], key=len),
        "help": brief(option.help or ""),
        "repeatable": option.multiple,
        "offer": None if option.is_flag or option.count else _offer(option),
    }


def _offer(parameter: click.Parameter) -> Node:
    """Return what may be offered for a value."""
    match parameter.type:
        case click.Choice(choices=values):
            return {"kind": "values", "values": list(values)}
        case PathName(offers=kind, suffixes=suffixes):
            states = [LAST, ROLLBACK] if kind == "models" else []
            return {"kind": kind, "suffixes": list(suffixes), "states": states}
        case Word(offers=kind, values=values) | TextEncoding(offers=kind, values=values):
            return {"kind": kind, "values": list(values)}
        case _:
            return {"kind": "values", "values": []}


def _keys(part: Schema, prefix: str) -> Iterator[tuple[str, list[str], str]]:
    """Yield each key of a section: its dotted name, its known values and its meaning."""
    for name, key in part["properties"].items():
        kinds = [one for one in key.get("anyOf", [key]) if "properties" in one]
        for kind in kinds:
            yield from _keys(kind, f"{prefix}{name}.")
        if not kinds:
            yield f"{prefix}{name}", [*_values(key)], brief(key["description"])


def _values(key: Schema) -> Iterator[str]:
    types: Any = key.get("type", [])
    for kind in types if isinstance(types, list) else [types]:
        yield from {"boolean": ["true", "false"], "null": ["null"]}.get(kind, [])
    for value in [*key.get("enum", []), *([key["const"]] if "const" in key else [])]:
        yield as_written(value)
    for kind in key.get("anyOf", []):
        yield from _values(kind)
    yield from key.get("examples", [])


def brief(text: str) -> str:
    """Return the beginning of a help text in one line: a sentence, as far as there is room."""
    said = " ".join(text.replace("`", "").split("\n\n")[0].split())
    sentence = said.partition(".  ")[0].partition(". ")[0].rstrip(".")
    if len(sentence) <= LONGEST_HELP:
        return sentence
    return sentence[: LONGEST_HELP - 3].rsplit(" ", 1)[0].rstrip(",;:") + "..."


def index_text() -> str:
    """Return the file's content."""
    return json.dumps(index(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    INDEX.write_text(index_text(), encoding="utf-8")
