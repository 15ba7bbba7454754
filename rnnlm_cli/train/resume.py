"""Whether a saved state and a configuration go together."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from rnnlm_cli.checkpoint import SavedModel, TrainingState
from rnnlm_cli.config import Config, config_to_plain
from rnnlm_cli.errors import CheckpointError, UsageError

HARMLESS = {
    "training.epochs",
    "training.max_seconds",
    "training.patience",
    "training.on_nan",
    "training.report_every",
    "training.threads",
    "training.init_from",  # it has had its effect
    "checkpoint.path",
    "checkpoint.every_seconds",
    "corpus.test",
    "corpus.train",  # a text may have moved; its content is compared
    "corpus.valid",
    "corpus.max_token_bytes",
    "corpus.max_expansion",
}
"""Keys that may be another when a training goes on."""


def training_state(path: str, stored: SavedModel) -> TrainingState:
    """Return the state in a checkpoint.

    Raises:
        CheckpointError: The file holds a model without one.
    """
    if stored.training_state is None:
        raise CheckpointError(
            f"{path}: holds a model, but no state to go on from; --overwrite starts again"
        )
    return stored.training_state


@contextlib.contextmanager
def sound_state(path: str) -> Iterator[None]:
    """Turn what a forged state makes the code stumble over into an error with the file's name."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        what: object = error if type(error) is ValueError else repr(error)
    except msgspec.ValidationError as error:
        what = error
    else:
        return
    raise CheckpointError(f"{path}: its state is not sound ({what}); --overwrite starts again")


def check_resumable(path: str, stored: Config, config: Config) -> None:
    """Refuse to go on with another configuration than the saved one.

    Raises:
        UsageError: Keys that matter differ; all are named with both values.
    """
    changes = changed_keys(stored, config)
    differences = [said for key, said in changes.items() if key not in HARMLESS]
    if differences:
        raise UsageError(
            f"{path}: was trained with another configuration: {'; '.join(differences)}; "
            "give the same one, or --overwrite to start again"
        )


def check_same_text(path: str, stored: Mapping[str, str], digests: Mapping[str, str]) -> None:
    """Refuse to go on with texts of other content than before, or with more or fewer of them.

    Raises:
        UsageError: A text has changed, is new or is missing.
    """
    names = stored.keys() | digests.keys()
    # a text that is held out, or no longer, changes the one that it is cut from
    for name in sorted(names, key=lambda name: (name in stored and name in digests, name)):
        if stored.get(name) == digests.get(name):
            continue
        how = "its content has changed"
        if name not in digests:
            how = "there is none now"
        elif name not in stored:
            how = "there was none"
        raise UsageError(
            f"{path}: was trained with another corpus.{name} ({how}); "
            "give the same text, or --overwrite to start again"
        )


def changed_keys(stored: Config, config: Config) -> dict[str, str]:
    """Say of each key with another value what it was and what it is."""
    old = dict(flatten(config_to_plain(stored)))
    new = dict(flatten(config_to_plain(config)))
    return {
        key: f"{key} was {old.get(key)} and is {new.get(key)}"
        for key in old | new
        if old.get(key) != new.get(key)
    }


def flatten(plain: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Give every dotted key of nested dicts with its value."""
    for key, value in plain.items():
        if isinstance(value, dict):
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
