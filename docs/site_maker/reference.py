"""The pages of the Python reference: which modules each has. Their docstrings are the text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from site_maker.addresses import ROOT

TABLE = {
    "python": ("The Python interface", ("rnnlm_cli.api", "rnnlm_cli.errors", "rnnlm_cli.kenlm")),
    "cells": ("Cells", ("rnnlm_cli.nn.cells",)),
    "time": ("Through time", ("rnnlm_cli.nn.engines.base", "rnnlm_cli.nn.engines.plain")),
    "layers": ("Layers", ("rnnlm_cli.nn.layers",)),
    "outputs": ("Output layers", ("rnnlm_cli.nn.outputs",)),
    "model": ("The model", ("rnnlm_cli.model.rnnlm", "rnnlm_cli.model.initialization")),
    "training": (
        "Training",
        (
            "rnnlm_cli.data.streams",
            "rnnlm_cli.train.loop",
            "rnnlm_cli.train.clipping",
            "rnnlm_cli.train.schedules",
            "rnnlm_cli.train.optimizers",
        ),
    ),
    "use": (
        "Perplexity and generation",
        (
            "rnnlm_cli.evaluate.perplexity",
            "rnnlm_cli.generate.sampling",
            "rnnlm_cli.generate.filters",
        ),
    ),
}
"""For each page its title, and its modules; of a package all modules."""

WHOLE = ("rnnlm_cli.api", "rnnlm_cli.kenlm")
"""Packages that are used by what they hand on, and not by their modules."""


def pages() -> dict[str, str]:
    """Return the Markdown of each page."""
    return {f"reference/{name}.md": page(*TABLE[name]) for name in TABLE}


def page(title: str, names: tuple[str, ...]) -> str:
    """Return a page of modules, one after the other."""
    modules = [module for name in names for module in modules_of(name)]
    return "\n\n".join([f"# {title}", *(f"::: {name}{options(name)}" for name in modules)])


def modules_of(name: str) -> Iterator[str]:
    """Yield a module; of a package itself and then its modules."""
    yield name
    directory = ROOT / name.replace(".", "/")
    if name not in WHOLE and directory.is_dir():
        found = sorted(path.stem for path in directory.glob("*.py"))
        yield from (f"{name}.{stem}" for stem in found if not stem.startswith("_"))


def options(name: str) -> str:
    """Return what mkdocstrings shall do otherwise than for a module.

    Of a package only its text is shown; of one that is used as a whole also what its classes take
    from others; of the errors no helpers.
    """
    own: dict[str, bool | list[str]] = {}
    if name in WHOLE:
        own["inherited_members"] = True
    elif (ROOT / name.replace(".", "/")).is_dir():
        own["members"] = False
    elif name == "rnnlm_cli.errors":
        text = (ROOT / "rnnlm_cli" / "errors.py").read_text(encoding="utf-8")
        own["members"] = re.findall(r"^class (\w+)", text, re.MULTILINE)
    return f"\n    options: {json.dumps(own)}" if own else ""
