"""The checker's messages in a user's words: place, key, value, what is allowed, the remedy."""

from __future__ import annotations

import difflib
import json
import re
from typing import Any

from rnnlm_cli.config.describe import describe
from rnnlm_cli.errors import shortened


def explain(message: str, data: Any, name: str, places: dict[str, str]) -> str:
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
    return shortened(text)
