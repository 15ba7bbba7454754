"""What was counted, as Prometheus reads it (text format 0.0.4)."""

from __future__ import annotations

import os
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnlm_cli.serve.served import Served

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Upper bounds of the classes of seconds."""


class Seconds:
    """A histogram of durations."""

    def __init__(self) -> None:
        self.counts, self.sum = [0] * (len(BOUNDS) + 1), 0.0

    def add(self, seconds: float) -> None:
        """Count a duration."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.sum += seconds

    def rows(self, name: str, labels: str) -> Iterable[str]:
        """Return the lines of the histogram."""
        total = 0
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self.counts, strict=True):
            total += count
            yield f'{name}_bucket{{{labels}le="{bound}"}} {total}'
        inner = f"{{{labels.rstrip(',')}}}" if labels else ""
        yield f"{name}_sum{inner} {self.sum:.6f}"
        yield f"{name}_count{inner} {total}"


class Metrics:
    """Counts of one server; only its event loop changes them.

    Attributes:
        running: Requests at the moment.
    """

    def __init__(self) -> None:
        self.running, self.begun = 0, time.time()
        self.requests: Counter[tuple[str, int]] = Counter()
        self.seconds: dict[str, Seconds] = {}
        self.first_token = Seconds()

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Count a request.

        Args:
            path: One of the server's own, so that strangers cannot make new rows.
            status: Of the answer.
            seconds: From its beginning to the end of the answer.
        """
        self.requests[path, status] += 1
        self.seconds.setdefault(path, Seconds()).add(seconds)

    def text(self, models: Mapping[str, Served]) -> str:
        """Return all of it."""
        rows = [
            *head("rnnlm_requests_total", "counter", "Requests by path and status."),
            *(
                f'rnnlm_requests_total{{path="{path}",status="{status}"}} {count}'
                for (path, status), count in sorted(self.requests.items())
            ),
            *head("rnnlm_requests_running", "gauge", "Requests at the moment."),
            f"rnnlm_requests_running {self.running}",
            *head("rnnlm_request_seconds", "histogram", "Duration of requests."),
        ]
        for path, seconds in sorted(self.seconds.items()):
            rows += seconds.rows("rnnlm_request_seconds", f'path="{path}",')
        rows += head("rnnlm_first_token_seconds", "histogram", "Wait for a text's first token.")
        rows += self.first_token.rows("rnnlm_first_token_seconds", "")
        for name, kind, meaning, value in OF_MODELS:
            rows += head(name, kind, meaning)
            rows += [f'{name}{{model="{escaped(key)}"}} {value(m)}' for key, m in models.items()]
        rows += head("process_start_time_seconds", "gauge", "When the server began.")
        rows.append(f"process_start_time_seconds {self.begun:.3f}")
        if memory := resident_bytes():
            rows += head("process_resident_memory_bytes", "gauge", "Memory in use.")
            rows.append(f"process_resident_memory_bytes {memory}")
        return "\n".join(rows) + "\n"


OF_MODELS = (
    (
        "rnnlm_tokens_drawn_total",
        "counter",
        "Tokens drawn.",
        lambda served: served.worker.counts.drawn,
    ),
    ("rnnlm_steps_total", "counter", "Batches read.", lambda served: served.worker.counts.steps),
    (
        "rnnlm_step_seconds_total",
        "counter",
        "Seconds in batches.",
        lambda served: f"{served.worker.counts.step_seconds:.6f}",
    ),
    (
        "rnnlm_failures_total",
        "counter",
        "Tasks that failed by the server's own fault.",
        lambda served: served.worker.counts.failures,
    ),
    ("rnnlm_streams", "gauge", "Texts written now.", lambda served: served.worker.written),
    ("rnnlm_waiting", "gauge", "Texts and tasks waiting.", lambda served: served.worker.waiting),
)
"""Figures per model: name, kind, meaning, value."""


def head(name: str, kind: str, meaning: str) -> list[str]:
    """Return the lines before a figure."""
    return [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]


def escaped(label: str) -> str:
    """Return a label's value as the format wants it."""
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def resident_bytes() -> int:
    """Return the memory that this process has; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
