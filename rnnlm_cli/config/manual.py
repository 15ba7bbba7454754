"""What ``rnnlm config explain`` says: every key with its values, default, rules and meaning."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from msgspec import NODEFAULT

from rnnlm_cli.config.describe import Key, describe, kinds, sections
from rnnlm_cli.config.differences import as_written
from rnnlm_cli.config.explain import nearest
from rnnlm_cli.config.keys import MAY_CHANGE, Mark
from rnnlm_cli.config.rules import laws_about
from rnnlm_cli.errors import ConfigError, shortened

WIDTH = 80

FIXED = "fixed"
RESUME = {
    Mark.FREE_ON_RESUME: "free",
    Mark.TOLD_ON_RESUME: "noted",
    Mark.SAME_CONTENT_ON_RESUME: "same content",
    Mark.OF_THE_MODEL: "the model's",
}
"""A word for each mark of ``MAY_CHANGE``."""

MEANING = {
    FIXED: "must not change when a training is resumed",
    "free": "may change when a training is resumed",
    "noted": "may change when a training is resumed; a note says that figures differ by rounding",
    "same content": "a path or an encoding may change when a training is resumed, but not the text",
    "the model's": "a resumed training keeps the model's value; a note says so if another is given",
}


def resume_word(key: Key) -> str:
    """Return whether the value may change on resume, in a word or two."""
    return next((RESUME[mark] for mark in MAY_CHANGE if mark in key.marks), FIXED)


def explained(name: str) -> str:
    """Return the lines that explain a key, a section, or with ``""`` every key.

    Raises:
        ConfigError: There is no such key; names the nearest one.
    """
    name = name.partition("=")[0].rstrip(".")
    keys = [key for key in describe() if key.name == name]
    if keys:
        return _key(name, keys)
    titles = sections()
    if name and name not in titles:
        raise ConfigError(f"{shortened(name)}: {nearest(name)}")
    if name:
        return _section(name, titles[name])
    return "\n\n".join(_section(top, said) for top, said in titles.items() if "." not in top)


def _key(name: str, keys: Sequence[Key]) -> str:
    """Explain one key; there are several of a name if several kinds have it."""
    meaning = _by_kind((key.meaning, key.kind) for key in keys)
    rows = [
        ("values", _values(name, keys)),
        ("default", _by_kind((default_of(key), key.kind) for key in keys)),
        ("resume", f"{resume_word(keys[0])}: {MEANING[resume_word(keys[0])]}"),
    ]
    if own := [str(key.kind) for key in keys if key.kind is not None]:
        rows.insert(0, ("kinds", f"only for {name.rpartition('.')[0]}.kind: {' or '.join(own)}"))
    if Mark.PATH in keys[0].marks:
        rows.append(("path", "relative to the config; in an override, to the working directory"))
    rows += [("rules", law) for law in laws_about(name)]
    return "\n".join([name, *_filled(meaning, "  "), "", *_rows(rows)])


def _values(name: str, keys: Sequence[Key]) -> str:
    if (of_kind := kinds().get(name)) is None:
        return _by_kind((key.allowed, key.kind) for key in keys)
    return "\n".join(f"{kind}: {said}" for kind, said in of_kind.items())


def _section(name: str, said: str) -> str:
    """Explain a section: each of its keys, in order."""
    lines = [f"{name}: {said}"]
    inside = [key for key in describe() if key.name.startswith(f"{name}.")]
    for own in dict.fromkeys(key.name for key in inside):
        keys = [key for key in inside if key.name == own]
        defaults = _by_kind((default_of(key), key.kind) for key in keys)
        lines += ["", f"  {own} = {defaults}"]
        meaning = _by_kind((key.meaning, key.kind) for key in keys)
        allowed = _by_kind((key.allowed, key.kind) for key in keys)
        lines += _filled(f"{allowed}: {meaning}", "      ")
    return "\n".join(lines)


def default_of(key: Key) -> str:
    """Return the default as it is written in a config, and where it is another one."""
    shown = "required" if key.default is NODEFAULT else as_written(key.default)
    if (where := key.default_where) is None:
        return shown
    values = " or ".join(map(str, where.values))
    return f"{shown}; {as_written(where.default)} with {where.key}: {values}"


def _by_kind(said: Iterable[tuple[str, str | None]]) -> str:
    """Join what several kinds say; what all say alike is said once."""
    found: dict[str, list[str]] = {}
    for text, kind in said:
        found.setdefault(text, []).append(str(kind))
    if len(found) == 1:
        return next(iter(found))
    return "; ".join(f"{text} ({', '.join(names)})" for text, names in found.items())


def _rows(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Lay out names and texts in two columns."""
    lines: list[str] = []
    before = ""
    for name, text in rows:
        label = "" if name == before else name
        for line in text.split("\n"):
            first = f"  {label:<9}"
            lines += _filled(line, first, " " * len(first))
            label = ""
        before = name
    return lines


def _filled(text: str, first: str, other: str | None = None) -> list[str]:
    """Break a text into lines that begin with ``first``, or ``other`` after the first one."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=first if other is None else other,
        break_long_words=False,
        break_on_hyphens=False,
    )
