"""Writing n-gram models in the ARPA format; ``arpa.py`` reads it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, cast

import numpy as np

from rnnlm_cli.exchange.backoff import ZERO
from rnnlm_cli.ngrams.tables import BackoffTables
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.system.whole_file import whole_file

ROWS = 1 << 16
"""Lines that are written at a time."""


def write_arpa(
    path: str | Path, model: BackoffTables, names: Sequence[str], replace: bool = True
) -> None:
    """Write a model; it is compressed if the name ends in ``.gz``.

    Args:
        path: The file.
        model: The model.
        names: Its words, by id.
        replace: Replace an existing file.

    Raises:
        UsageError: The file already exists and ``replace`` is false.
        OSError: It cannot be written; an old file is unchanged.
    """
    with whole_file(path, replace) as file, ExitStack() as closing:
        if str(path).endswith(".gz"):  # without a time, so that equal models are equal files
            zipped = gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0)
            file = cast(IO[bytes], closing.enter_context(zipped))
        for part in arpa_text(model, names):
            file.write(part.encode())


def arpa_text(model: BackoffTables, names: Sequence[str]) -> Iterator[str]:
    """Yield the text of an ARPA file, some lines at a time."""
    sizes = (f"ngram {n}={len(t)}\n" for n, t in enumerate(model.tables, 1))
    yield "\\data\\\n" + "".join(sizes)
    by_id = np.array(names, dtype=object)
    for order, table in enumerate(model.tables, 1):
        yield f"\n\\{order}-grams:\n"
        last = order == len(model.tables)
        line = "%.7g\t" + " ".join(["%s"] * order) + ("\n" if last else "\t%.7g\n")
        for start in range(0, len(table), ROWS):
            part = slice(start, start + ROWS)
            words = by_id[model.ngrams(order, part)].T.tolist()
            numbers = [written(table.log_probs[part])]
            numbers += [] if last else [written(table.backoffs[part])]
            yield "".join(map(line.__mod__, zip(numbers[0], *words, *numbers[1:], strict=True)))
    yield "\n\\end\\\n"


def written(logs: Array) -> list[float]:
    """Return logarithms as an ARPA file has them: no minus infinity."""
    numbers: list[float] = np.maximum(logs, ZERO).tolist()
    return numbers
