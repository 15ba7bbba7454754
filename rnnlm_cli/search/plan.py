"""A search as it was asked for: what is tried, how, how often, and in which directory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from rnnlm_cli.config import Config, Mark, config_to_plain, keys_marked, load_config
from rnnlm_cli.config.differences import as_written, flattened
from rnnlm_cli.config.load import written_config
from rnnlm_cli.config.raw import move_paths
from rnnlm_cli.errors import UsageError
from rnnlm_cli.search.axis import MOST_VALUES, Axis
from rnnlm_cli.search.directory import StorageName, StudyDirectory
from rnnlm_cli.search.records import Objective
from rnnlm_cli.search.space import Space, Values, override_of
from rnnlm_cli.search.study import PrunerName, SamplerName
from rnnlm_cli.system.paths import relative_to
from rnnlm_cli.tasks import measure_of
from rnnlm_cli.train.tuning import model_to_continue

MOST_CHECKED = 256
"""Combinations of values that are checked before the first trial."""

TRIALS = 20
"""Trials of a search, if it is not said how many; of a grid, all its combinations."""

FREE = (*keys_marked(Mark.TOLD_ON_RESUME), "training.report_every", "checkpoint")
"""Keys and sections that may differ between processes: figures do not depend on them."""


@dataclass(frozen=True)
class Plan:
    """A search.

    Attributes:
        path: The config file.
        sets: Overrides of it, ``KEY=VALUE`` each.
        option: What gave the values, for messages.
        base: The config with these overrides.
        axes: What is searched.
        directory: Where the study is.
        storage: The kind of the study's file.
        sampler: How values are drawn.
        pruner: Which trials are ended early.
        seed: Of the sampler.
        wanted: Trials of the whole study; ``None`` for the default.
        keep_models: Keep the model of each trial, not only the best.
        cache: Cache the ids of a large text beside it.
    """

    path: str
    sets: Sequence[str]
    option: str
    base: Config
    axes: Sequence[Axis]
    directory: StudyDirectory
    storage: StorageName = "journal"
    sampler: SamplerName = "tpe"
    pruner: PrunerName = "median"
    seed: int = 1
    wanted: int | None = None
    keep_models: bool = False
    cache: bool = True

    @cached_property
    def space(self) -> Space:
        """What is searched, in order."""
        return Space(self.axes, config_to_plain(self.base))

    @cached_property
    def objective(self) -> Objective:
        """The figure by which trials are compared."""
        return Objective.of(self.base, self.space)

    @cached_property
    def trials(self) -> int:
        """Trials of the whole study, not more than there are combinations of values."""
        combinations = self.space.combinations
        if combinations is None:
            return self.wanted or TRIALS
        default = len(combinations) if self.sampler == "grid" else TRIALS
        return min(self.wanted or default, len(combinations))

    def check(self) -> None:
        """Check everything before the first trial.

        Raises:
            UsageError: There is no validation text, or a range where only lists are allowed.
            ConfigError: A value is not allowed.
        """
        if self.base.corpus.valid is None:
            raise UsageError(
                "corpus.valid is not given, and trials are compared on the validation text",
                remedy="set corpus.valid to a file or a fraction such as 0.05",
            )
        if self.sampler == "grid" and self.space.combinations is None:
            raise UsageError(
                "needs lists of values, or ranges in steps such as 0.0..0.6/0.1, with at most "
                f"{MOST_VALUES:,} combinations",
                field="sampler",
                place="grid",
            )
        unused = {axis.key for axis in self.space.axes}
        for values in self.space.corners(MOST_CHECKED):
            loaded = self._load(overrides_of(values))
            if measure_of(loaded) != self.objective.measure:
                raise UsageError(
                    "task: its values have different measures, so that trials could not be "
                    "compared; search the options of one task"
                )
            unused -= values.keys()
        for key in unused:
            kind = f"{key.rpartition('.')[0]}.kind"
            raise UsageError(f"{key}: no trial would use it; set {kind}, or search it too")

    def config_of(self, number: int, values: Values) -> Config:
        """Return the config of a trial, whose files are in the study's directory.

        Raises:
            ConfigError: The values are not allowed together.
        """
        path = override_of("checkpoint.path", str(self.directory.model(number)))
        return self._load([*overrides_of(values), path])

    def written(self, values: Values) -> dict[str, Any]:
        """Return what the config writes, with the values of a trial; see ``written_config``."""
        return written_config(self.path, [*self.sets, *overrides_of(values)])

    @property
    def identity(self) -> dict[str, Any]:
        """Return what must be the same in all processes of a study, as plain values."""
        plain = config_to_plain(self.base)
        move_paths(plain, partial(relative_to, folder=str(self.directory.path)))
        identity = {
            "search": {axis.key: axis.text for axis in self.axes},
            "sampler": self.sampler,
            "pruner": self.pruner,
            "seed": self.seed,
            "config": {k: v for k, v in flattened(plain).items() if not k.startswith(FREE)},
        }
        plain_json: dict[str, Any] = json.loads(json.dumps(identity))  # as a study returns it
        return plain_json

    def check_same(self, stored: dict[str, Any]) -> None:
        """Refuse to continue a study that was begun with other values.

        Raises:
            UsageError: Something differs; all is named.
        """
        old, new = flattened(stored), flattened(self.identity)
        found = [
            f"{key.removeprefix('config.')} was {as_written(old.get(key))} and is "
            f"{as_written(new.get(key))}"
            for key in old | new
            if old.get(key) != new.get(key)
        ]
        if found:
            raise UsageError(
                f"the study was begun with other values: {'; '.join(found)}",
                place=str(self.directory.path),
                remedy="use the same, or {overwrite=True} to start over, or another {study}",
            )

    def _load(self, overrides: Sequence[str]) -> Config:
        changes = [*self.sets, *overrides]
        return load_config(self.path, changes, self.option, model_to_continue(resume=True))


def overrides_of(values: Values) -> list[str]:
    """Return the overrides that give a trial its values."""
    return [override_of(key, value) for key, value in values.items()]
