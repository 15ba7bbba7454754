"""The formats of records: one table, one row per format."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import BinaryIO, NamedTuple

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.text.opened import open_regular
from rnnlm_cli.text.sources.compression import split_compression
from rnnlm_cli.text.sources.jsonl import json_texts
from rnnlm_cli.text.sources.named import File
from rnnlm_cli.text.sources.parquet import parquet_texts
from rnnlm_cli.text.sources.records import RecordFile, Texts
from rnnlm_cli.text.sources.tables import csv_texts


class Format(NamedTuple):
    """A format of records.

    Attributes:
        texts: Yields the texts of an open file.
        binary: Whether it is not a text file: it is compressed itself, and read from its end.
    """

    texts: Callable[[RecordFile], Texts]
    binary: bool = False


FORMATS = {
    "jsonl": Format(json_texts),
    "csv": Format(partial(csv_texts, delimiter=",")),
    "tsv": Format(partial(csv_texts, delimiter="\t")),
    "parquet": Format(parquet_texts, binary=True),
}
"""The formats by their ending, in lower case and without the dot."""


def holds_records(name: str) -> bool:
    """Whether a file of this name holds records, by its ending."""
    return _ending(name) in FORMATS


def format_of(file: File) -> Format | None:
    """Return the format of a file of records; ``None`` for a file that is read line by line."""
    return None if file.field is None else FORMATS.get(_ending(file.name))


def open_from_end(file: File) -> BinaryIO:
    """Open a file of a binary format, which begins to be read at its end.

    Raises:
        UsageError: It is a pipe and so on.
        CorpusError: It is in an archive, or is compressed once more.
        OSError, ValueError: It does not exist or cannot be opened.
    """
    packed = file.archive is not None or split_compression(file.path)[1]
    if packed:
        raise CorpusError(
            f"{file.name}: this format is read from its end; extract the file first (it is "
            "compressed itself)"
        )
    return open_regular(file.path)


def _ending(name: str) -> str:
    plain, _ = split_compression(name)
    return plain.rpartition(".")[2].lower()
