"""Turns messages of msgspec into errors for users: place, key, value, allowed values, remedy."""

from __future__ import annotations

import difflib
import json
import re
from typing import Any

from rnnlm_cli.config.describe import describe, keys_marked
from rnnlm_cli.config.keys import Mark
from rnnlm_cli.errors import shortened
from rnnlm_cli.system.text_encodings import near_encodings


def explain(message: str, data: Any, name: str, places: dict[str, str]) -> str:
    """Return a user's message for one of msgspec.

    Args:
        message: The text of msgspec's ValidationError.
        data: The raw values.
        name: The file.
        places: The place of each dotted key.
    """
    what, key = _what_and_key(message, data)
    if found := re.fullmatch(r"Object contains unknown field `(.*)`", what, re.DOTALL):
        key = f"{key}.{found[1]}" if key else found[1]
        return f"{_place(key, name, places)}: {key}: {_kinds(data, key) or nearest(key)}"
    if found := re.match(r"Object missing required field `(.*)`", what):
        key = f"{key}.{found[1]}" if key else found[1]
        return f"{places.get(key.rpartition('.')[0], name)}: {key} is missing; {_allowed(key)}"
    if found := re.match(r"Invalid field `(.*)`", what):
        key = f"{key}.{found[1]}"
    plain = re.sub(r"\[.*?\]", "", key)
    place = places.get(plain) or places.get(plain.rpartition(".")[0], name)
    if found := re.fullmatch(r"Expected `str` of length <= (\d+)", what):
        return f"{place}: {key}: is longer than {int(found[1]):,} characters; write a shorter one"
    shown = _shown(data, key)
    near = _near_encodings(plain, shown)
    return f"{place}: {key or 'the config'}: {shown} is not allowed; {_allowed(plain)}{near}"


def _near_encodings(key: str, shown: str) -> str:
    """Return a message with encodings of similar names, if a key names an encoding."""
    near = near_encodings(shown.strip('"')) if key in keys_marked(Mark.ENCODING) else []
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _what_and_key(message: str, data: Any) -> tuple[str, str]:
    """Split msgspec's message into the problem and the dotted key.

    The message quotes keys and values, which may contain text that looks like a key; the key itself
    has only the schema's names. Without a key the message is about the whole configuration.
    """
    found = re.fullmatch(r"(.*) - at `\$\.?([\w.\[\]]*)`", message, re.DOTALL)
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", message, re.DOTALL)
    if found is None or (unknown and isinstance(data, dict) and unknown[1] in data):
        return message, ""
    return found[1], found[2]


def _place(key: str, name: str, places: dict[str, str]) -> str:
    """Return the place of a key, or else that of its section."""
    while key not in places and "." in key:
        key = key.rpartition(".")[0]
    return places.get(key, name)


def _kinds(data: Any, key: str) -> str:
    """Return a message with the kinds that have a key, if the section is of another kind."""
    kinds = _kinds_with(key)
    if not kinds:
        return ""
    section = data
    for part in key.split(".")[:-1]:
        section = section[part]
    return (
        f"only for kind: {kinds}, but here it is {section['kind']}; set "
        f"{key.rpartition('.')[0]}.kind or omit the key"
    )


def _kinds_with(key: str) -> str:
    """Return the kinds that have a key; empty if the key does not depend on a kind."""
    return " or ".join(str(k.kind) for k in describe() if k.name == key and k.kind is not None)


def nearest(key: str) -> str:
    """Return a message for an unknown key, with the key that was probably meant."""
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
    """Return a message with the allowed values of a key, or the keys of a section."""
    exact = [k.allowed for k in describe() if k.name == key]
    if exact:
        return f"expected: {exact[0]}"
    inner = [
        k.name[len(key) + 1 :] for k in describe() if k.name.startswith(f"{key}." if key else "")
    ]
    return f"expected: a mapping with keys such as {', '.join(dict.fromkeys(inner[:4]))}"


def _shown(data: Any, key: str) -> str:
    """Return the value of a dotted key as JSON, shortened."""
    for part in re.findall(r"[^.\[\]]+", key):
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and part.isdigit():
            data = data[int(part)]
    try:
        text = json.dumps(data, ensure_ascii=False, default=str)
    except ValueError:  # Python refuses to print very long numbers
        return "a number of thousands of digits"
    return shortened(text)
