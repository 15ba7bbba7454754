"""The names of a training's files, all derived from ``checkpoint.path``."""

from __future__ import annotations

import os

MODEL, LAST, ROLLBACK, LOG = ".pkl", ".last.pkl", ".rollback.pkl", ".jsonl"
"""Suffixes of the model, the state to resume from, the state to roll back to, and the log."""

EVENTS = "events.out.tfevents.rnnlm"
"""The name of TensorBoard's event file, in a directory of its own; it reads all ``*tfevents*``."""

MODEL_NAMES = (
    f"NAME{MODEL}, with no NAME that ends in {LAST.removesuffix(MODEL)} or "
    f"{ROLLBACK.removesuffix(MODEL)}"
)
"""The allowed names of a model, for messages."""


MODEL_PATTERN = r"^([^/]*/)*(?![^/]*\.(last|rollback)\.pkl$)[^/]+\.pkl$"
"""The same as a regular expression, for a schema."""


def is_model_name(path: str) -> bool:
    """Whether a path can be a model's: ``NAME.pkl``, and not the name of a state.

    >>> [is_model_name(p) for p in ("a/m.pkl", "m.last.pkl", "m.rollback.pkl", "a/.pkl", "m.npz")]
    [True, False, False, False, False]
    """
    name = os.path.basename(path)
    return name.endswith(MODEL) and name != MODEL and not name.endswith((LAST, ROLLBACK))


def stem_of(path: str) -> str:
    """Return the common stem of a training's file names, from any of them.

    >>> {stem_of(p) for p in ("a/m.pkl", "a/m.last.pkl", "a/m.rollback.pkl", "a/m.jsonl")}
    {'a/m'}
    """
    for suffix in (LAST, ROLLBACK, MODEL, LOG):
        if path.endswith(suffix):
            return path.removesuffix(suffix)
    return path


def arpa_of(path: str, order: int) -> str:
    """Return the default name of an n-gram model beside a model.

    >>> arpa_of("a/m.pkl", 5)
    'a/m.5gram.arpa'
    """
    return f"{stem_of(path)}.{order}gram.arpa"


def lock_of(stem: str) -> str:
    """Return the hidden lock file of the files with this stem.

    >>> lock_of("a/m")
    'a/.m.lock'
    """
    directory, name = os.path.split(stem)
    return os.path.join(directory, f".{name}.lock")
