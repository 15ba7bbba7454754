"""The names of a training's files, all made from ``checkpoint.path``."""

from __future__ import annotations

import os

MODEL, LAST, ROLLBACK, LOG = ".pkl", ".last.pkl", ".rollback.pkl", ".jsonl"
"""What follows the stem: the model, the states to resume from and to go back to, the log."""

MODEL_NAMES = (
    f"NAME{MODEL}, with no NAME that ends in {LAST.removesuffix(MODEL)} or "
    f"{ROLLBACK.removesuffix(MODEL)}"
)
"""What a model may be called, for messages."""


def is_model_name(path: str) -> bool:
    """Whether a path can be that of a model: ``NAME.pkl``, and not the name of a state.

    >>> [is_model_name(p) for p in ("a/m.pkl", "m.last.pkl", "m.rollback.pkl", "a/.pkl", "m.npz")]
    [True, False, False, False, False]
    """
    name = os.path.basename(path)
    return name.endswith(MODEL) and name != MODEL and not name.endswith((LAST, ROLLBACK))


def stem_of(path: str) -> str:
    """Return what the names of one training have in common, from any of them.

    >>> {stem_of(p) for p in ("a/m.pkl", "a/m.last.pkl", "a/m.rollback.pkl", "a/m.jsonl")}
    {'a/m'}
    """
    for suffix in (LAST, ROLLBACK, MODEL, LOG):
        if path.endswith(suffix):
            return path.removesuffix(suffix)
    return path


def lock_of(stem: str) -> str:
    """Return the hidden file that is locked while files with this stem are written.

    >>> lock_of("a/m")
    'a/.m.lock'
    """
    folder, name = os.path.split(stem)
    return os.path.join(folder, f".{name}.lock")
