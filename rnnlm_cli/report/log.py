"""A training's log, ``NAME.jsonl``: its lines, and a summary as plain values and as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, BinaryIO

import msgspec

from rnnlm_cli.config.run_names import LOG
from rnnlm_cli.errors import RnnlmError, UsageError
from rnnlm_cli.evaluate.measure import MEASURES, PERPLEXITY, Measure
from rnnlm_cli.report.table import (
    NOTHING,
    abridged,
    cell,
    duration,
    figure,
    grid,
    visible,
    with_values,
)
from rnnlm_cli.text.opened import open_bytes

MOST_LINE_BYTES = 1 << 20
"""Maximum bytes per line of a log; training writes lines of a few hundred."""

MOST_EXPANSION = 30.0
"""Maximum ratio of a log's size to its compressed size; typical ratios are six to ten."""

BITS = "bits_per_character"


class LogLine(msgspec.Struct, omit_defaults=True):
    """The fields of a line that a reader needs; numbers are ``None`` where they are not finite."""

    event: str
    epoch: int = 0
    part: float = 1.0
    step: int | None = None
    nats_per_token: float | None = None
    gradient_norm: float | None = None
    learning_rate: float | None = None
    tokens_per_second: float | None = None
    seconds: float | None = None
    best: bool = False
    date: str = ""
    engine: str = ""
    level: str | None = None
    precision: str = ""
    unit: str = ""
    threads: int | None = None
    message: str = ""
    reason: str = ""
    epochs: int = 0
    best_epoch: int = 0


FigureLine: type[Any] = msgspec.defstruct(
    "FigureLine",
    [
        (key, float | None, None)
        for key in dict.fromkeys(
            key
            for measure in MEASURES
            for split in ("train", "valid")
            for key in (measure.key(split), *measure.text_values(None, split))
        )
    ],
    bases=(LogLine,),
    omit_defaults=True,
)
"""``LogLine`` with the figures of an epoch or a validation, for every measure."""


def is_log(path: str) -> bool:
    """Whether a path has the name of a log, which may be compressed."""
    return path.removesuffix(".gz").endswith(LOG)


def read_log(path: str) -> list[LogLine]:
    """Read a log, which may be compressed and end in ``.gz``.

    Raises:
        UsageError: There is no such file.
        RnnlmError: A line is not a valid log line.
    """
    try:
        with open_bytes(path, MOST_EXPANSION) as file:
            return list(_lines(path, file))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path}: {reason}; name a log (rnnlm train writes NAME.jsonl)") from None


def _lines(path: str, file: BinaryIO) -> Iterator[LogLine]:
    decoder, number = msgspec.json.Decoder(FigureLine), 0
    while line := file.readline(MOST_LINE_BYTES + 1):
        number += 1
        try:
            if len(line) > MOST_LINE_BYTES:
                raise ValueError(f"it is longer than {MOST_LINE_BYTES:,} bytes")
            found: LogLine = decoder.decode(line)
        except (ValueError, RecursionError, msgspec.MsgspecError) as error:
            raise RnnlmError(
                f"{path}:{number}: not a line of a training log: {error}; name a NAME.jsonl that "
                "rnnlm train wrote"
            ) from None
        yield found


def measure_in(lines: list[LogLine]) -> Measure:
    """Return the measure whose figures a log has; perplexity if there are none."""

    def is_there(split: str, one: Measure) -> bool:
        return any(getattr(line, one.key(split)) is not None for line in lines)

    valid = (one for one in MEASURES if is_there("valid", one))
    train = (one for one in MEASURES if one.of_training is one and is_there("train", one))
    return next(chain(valid, train), PERPLEXITY)


def validations(lines: Sequence[LogLine]) -> list[LogLine]:
    """Return the ends of epochs and the validations within them, in order.

    An epoch that was cut short by the time limit is logged again when it is complete.
    """
    found = (line for line in lines if line.event in ("epoch", "validation"))
    return list({(e.event, e.epoch, e.event == "validation" and e.part): e for e in found}.values())


def log_values(path: str, lines: list[LogLine]) -> dict[str, Any]:
    """Return a summary of a log as plain values."""

    def plain(line: LogLine | None) -> dict[str, Any] | None:
        return None if line is None else {**msgspec.to_builtins(line)}

    def last(event: str) -> LogLine | None:
        return next((line for line in reversed(lines) if line.event == event), None)

    start = next((line for line in lines if line.event == "start"), None)
    return {
        "log": path,
        "start": plain(start),
        "epochs": [plain(line) for line in validations(lines)],
        "last_step": plain(last("step")),
        "warnings": [line.message for line in lines if line.event == "warning"],
        "rollbacks": sum(line.event == "rollback" for line in lines),
        "end": plain(last("end")),
    }


def log_table(values: Mapping[str, Any], lines: list[LogLine]) -> str:
    """Format a log as text, from the values of ``log_values``."""
    measure, shown = measure_in(lines), [f"log          {visible(values['log'])}"]
    if start := values["start"]:
        threads = f", {start['threads']} threads" if start.get("threads") else ""
        level = f" ({start['level']})" if start.get("level") else ""
        figures = f"{start.get('engine', '')}{level}, {start.get('precision', '')}{threads}"
        shown += [f"begun        {visible(start['date'])}"] if start.get("date") else []
        shown.append(f"engine       {visible(figures)}")
    if step := values["last_step"]:
        shown.append(f"last step    {_step(step, measure)}")
    for epoch in values["warnings"][-3:]:
        shown.append(f"warning      {visible(epoch)}")
    if len(values["warnings"]) > 3:
        shown.append(f"             ({len(values['warnings']) - 3} earlier warnings)")
    if values["rollbacks"]:
        shown.append(f"rollbacks    {values['rollbacks']}")
    if epochs := values["epochs"]:
        header = ["epoch", "step", f"train {measure.of_training.name}", f"valid {measure.name}"]
        header += ["valid bits/character", "learning rate", "time", ""]
        table = grid(with_values([header, *(_epoch(epoch, measure) for epoch in epochs)]))
        shown += ["", table[0], *abridged(table[1:])]
    return "\n".join([*shown, "", _end(values["end"], measure)])


def _step(step: Mapping[str, Any], measure: Measure) -> str:
    rate = step.get("tokens_per_second")
    parts = [
        f"{step.get('step') or 0:,} (epoch {step.get('epoch', 0):,})",
        f"{cell(step.get('nats_per_token'), ',.4f')} nats per {measure.counted}",
        f"learning rate {cell(step.get('learning_rate'), 'g')}",
        f"{cell(rate, ',.0f')} {measure.counted}s per second",
    ]
    return ", ".join(parts)


def _epoch(epoch: Mapping[str, Any], measure: Measure) -> list[str]:
    part = epoch.get("part", 1.0)
    number = epoch.get("epoch", 0) - (part < 1) + (part if part < 1 else 0)
    step, seconds = epoch.get("step"), epoch.get("seconds")
    return [
        f"{number:g}" if part == 1 else f"{number:.2f}",
        NOTHING if step is None else f"{step:,}",
        cell(epoch.get(measure.key("train"))),
        cell(epoch.get(measure.key("valid")), f",{measure.form}"),
        cell(epoch.get(f"valid_{BITS}"), ".4f"),
        cell(epoch.get("learning_rate"), "g"),
        NOTHING if seconds is None else duration(seconds),
        "best" * (bool(epoch.get("best")) and epoch.get(measure.key("valid")) is not None),
    ]


def _end(end: Mapping[str, Any] | None, measure: Measure) -> str:
    if end is None:
        return "not ended: it is running, or it was stopped and can be resumed"
    valid = end.get(measure.key("valid"))
    shown = "" if valid is None else figure(valid, f",{measure.form}")
    how = " in one stream" * measure.of_text
    figures = f", valid {measure.name} {shown}{how}" * (valid is not None)
    date = f" on {visible(end['date'])}" if end.get("date") else ""
    seconds = "" if end.get("seconds") is None else f" after {duration(end['seconds'])}"
    best = f", best epoch {end['best_epoch']}" if end.get("best_epoch") else ""
    return f"ended{date}{seconds}: {visible(end.get('reason', ''))}{best}{figures}"
