"""The best config of a study, as a file that trains to the same figure."""

from __future__ import annotations

from functools import partial

import yaml

from rnnlm_cli.config.document import parse_yaml
from rnnlm_cli.config.json_schema import companion
from rnnlm_cli.config.raw import move_paths
from rnnlm_cli.config.run_names import LOG, MODEL
from rnnlm_cli.errors import one_line
from rnnlm_cli.search.plan import Plan
from rnnlm_cli.search.records import Record
from rnnlm_cli.system.paths import relative_to
from rnnlm_cli.system.whole_file import whole_file


def write_best(plan: Plan, best: Record) -> None:
    """Write the config of the best trial, and beside it the schema for editors."""
    modeline, schema, content = companion(plan.directory.best)
    texts = {plan.directory.best: (modeline + best_text(plan, best)).encode(), schema: content}
    for path, text in texts.items():
        with whole_file(path) as file:
            file.write(text)


def has_best(plan: Plan, best: Record) -> bool:
    """Whether the file is there and is that of the best trial."""
    path = plan.directory.best
    return path.is_file() and _heading(best) in path.read_text(encoding="utf-8")


def _heading(best: Record) -> str:
    return f"# Found by rnnlm tune: trial {best.number} is the best so far."


def best_text(plan: Plan, best: Record) -> str:
    """Return what the base config writes, with the values of a trial; each searched key is marked.

    Paths are relative to the study's directory. The model is written where the base config says.
    """
    data = plan.written(best.values)
    move_paths(data, partial(relative_to, folder=str(plan.directory.path)))
    body = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=1_000)
    places, lines = parse_yaml(body, "best.yaml")[1], body.splitlines()
    for axis in plan.space.axes:
        if axis.key in best.values:
            lines[places[axis.key] - 1] += f"  # searched: {one_line(axis.text)}"
    stem = plan.directory.model(best.number).stem
    value = best.outcome.value
    return "\n".join(
        [
            _heading(best),
            f"# A training with this config ends with the {plan.objective.name} {value:.6g}, as",
            f"# that trial did. The model of the trial is {stem}{MODEL}, its log {stem}{LOG}.",
            *lines,
            "",
        ]
    )
