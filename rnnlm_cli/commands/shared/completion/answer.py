"""What may come next on a command line, for the scripts of the shells.

A script puts the line up to the cursor into the environment variable ``_RNNLM_COMPLETE`` and reads
lines: the part of the word that stays, the part that is completed, then a line per candidate, its
kind, value and help between tabs.

=============  =====================================================================
``word``       a whole word
``part``       the beginning of one: nothing is typed after it
``files``      the shell's own file names, with one of these suffixes, and directories
``directories``  the shell's own directory names
=============  =====================================================================

The answer must come at once, so this module imports neither click nor a command: it reads
``index.json``, which ``index.py`` writes from the commands (``make docs``).
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

INDEX = Path(__file__).parent / "index.json"
MODELS = Path("checkpoints")

Node = dict[str, Any]
"""A part of the index."""


class Candidate(NamedTuple):
    """One thing that may come next."""

    kind: str
    value: str
    help: str = ""


class Answer(NamedTuple):
    """What may come next."""

    prefix: str  # the part of the word that stays, such as training.on_nan=
    typed: str  # the part that is completed
    candidates: list[Candidate]


def print_answer(line: str) -> None:
    """Print the answer for the line up to the cursor."""
    index = json.loads(INDEX.read_text(encoding="utf-8"))
    prefix, typed, candidates = answer(line, index)
    rows = [prefix, typed, *("\t".join(candidate) for candidate in candidates)]
    sys.stdout.buffer.write("".join(f"{row}\n" for row in rows).encode("utf-8", "surrogateescape"))


def answer(line: str, index: Node) -> Answer:
    """Return what may come next on a line that ends at the cursor."""
    _, *words = split(line) or [""]
    if not words:
        return Answer("", "", [])
    incomplete = words.pop()
    place = Place(index)
    for word in words:
        place.read(word)
    if place.pending is not None:
        return offered(place.pending, "", incomplete, place, index)
    if incomplete.startswith("-") and not place.ended:
        name, equals, typed = incomplete.partition("=")
        if equals and (option := place.option(name)):
            return offered(option["offer"], f"{name}=", typed, place, index)
        return Answer("", incomplete, [*place.options(incomplete)])
    if "commands" in place.node:
        return Answer("", incomplete, [*commands(place.node, incomplete)])
    found = offered(place.argument(), "", incomplete, place, index)
    if not found.candidates and not incomplete:
        return Answer("", "", [*place.options("")])
    return found


def split(line: str) -> list[str]:
    r"""Split a line that ends at the cursor as a shell does; the last word may be empty.

    >>> split("rnnlm "), split("rnnlm show 'my mod"), split(r"rnnlm a\ b")
    (['rnnlm', ''], ['rnnlm', 'show', 'my mod'], ['rnnlm', 'a b'])
    """
    cursor = "\0"
    lexer = shlex.shlex(line + cursor, posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        words.extend(lexer)
    except ValueError:  # a quotation mark that is still open
        words.append(lexer.token)
    return [word.replace(cursor, "") for word in words]


class Place:
    """Where a line has come to: a command, and what it has been given."""

    def __init__(self, index: Node) -> None:
        """Begin before the first command."""
        self.node = index
        self.pending: Node | None = None  # the offer of an option that has no value yet
        self.given: list[str] = []  # arguments
        self.used: set[str] = set()  # options
        self.ended = False  # after --, no word is an option

    def read(self, word: str) -> None:
        """Go on by one word."""
        if self.pending is not None:
            self.pending = None
        elif not self.ended and word == "--":
            self.ended = True
        elif not self.ended and word.startswith("-") and word != "-":
            name, equals, _ = word.partition("=")
            option = self.option(name)
            self.used.update(option["names"] if option else [])
            self.pending = option["offer"] if option and not equals else None
        elif "commands" in self.node:
            self.node = self.node["commands"].get(word, {})
        else:
            self.given.append(word)

    def option(self, name: str) -> Node | None:
        """Return the option of a name."""
        return next((one for one in self.node.get("options", []) if name in one["names"]), None)

    def options(self, typed: str) -> Iterator[Candidate]:
        """Yield the options that may still be given."""
        for one in self.node.get("options", []):
            if one["repeatable"] or not self.used & set(one["names"]):
                for name in one["names"]:
                    if name.startswith(typed) and (name.startswith("--") or typed == name):
                        yield Candidate("word", name, one["help"])

    def argument(self) -> Node | None:
        """Return the offer of the argument that comes next."""
        arguments = self.node.get("arguments", [])
        if len(self.given) < len(arguments):
            offer: Node = arguments[len(self.given)]["offer"]
            return offer
        return arguments[-1]["offer"] if arguments and arguments[-1]["many"] else None


def offered(offer: Node | None, prefix: str, typed: str, place: Place, index: Node) -> Answer:
    """Return the candidates of an option's or an argument's value."""
    if offer is None:
        return Answer(prefix, typed, [])
    kind = offer["kind"]
    if kind == "settings" and "=" in typed:
        key, _, value = typed.partition("=")
        found = index["keys"].get(key, {"values": [], "path": False})
        files = [Candidate("files", "")] if found["path"] else []
        words = [*matching(found["values"], value), *files]
        return Answer(f"{prefix}{key}=", value, words)
    return Answer(prefix, typed, [*candidates_of(kind, offer, typed, place, index)])


def candidates_of(
    kind: str, offer: Node, typed: str, place: Place, index: Node
) -> Iterator[Candidate]:
    """Yield the candidates of one kind; see ``options.Offers``."""
    match kind:
        case "values":
            yield from matching(offer["values"], typed)
        case "directories":
            yield Candidate("directories", "")
        case "commands":
            node = index
            for name in place.given:
                node = node.get("commands", {}).get(name, {})
            yield from commands(node, typed)
        case "keys" | "settings":
            yield from steps(index["keys"], typed, kind == "settings")
        case _:
            found = models(offer) if kind == "models" else []
            files = [Candidate("files", " ".join(offer["suffixes"]))]
            # with both, a shell would complete to checkpoints/ only
            yield from [*matching(found, typed)] or files


def commands(node: Node, typed: str) -> Iterator[Candidate]:
    """Yield the commands of a group."""
    for name, inner in node.get("commands", {}).items():
        if name.startswith(typed):
            yield Candidate("word", name, inner["help"])


def matching(values: Sequence[str], typed: str) -> Iterator[Candidate]:
    """Yield the values that begin with what is typed."""
    yield from (Candidate("word", value) for value in values if value.startswith(typed))


def steps(keys: Node, typed: str, setting: bool) -> Iterator[Candidate]:
    """Yield the next steps to a dotted key: a section, or a key; in a setting with ``=``."""
    section = typed[: typed.rfind(".") + 1]
    found: dict[str, Candidate] = {}
    for name, key in keys.items():
        if name.startswith(typed):
            step, dot, _ = name[len(section) :].partition(".")
            if dot:
                found.setdefault(step, Candidate("part", f"{section}{step}."))
            elif setting:
                found.setdefault(step, Candidate("part", f"{section}{step}=", key["help"]))
            else:
                found.setdefault(step, Candidate("word", f"{section}{step}", key["help"]))
    yield from found.values()


def models(offer: Node) -> list[str]:
    """Return the models in ``checkpoints/``, where commands look for one, the newest first."""
    try:
        found = [entry for entry in os.scandir(MODELS) if is_model(entry.name, offer)]
        found.sort(key=lambda entry: -entry.stat().st_mtime_ns)
    except OSError:
        return []
    return [entry.path for entry in found]


def is_model(name: str, offer: Node) -> bool:
    """Whether a file has the name of a model, and not that of a training's state."""
    return name.endswith(tuple(offer["suffixes"])) and not name.endswith(tuple(offer["states"]))
