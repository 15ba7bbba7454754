"""Parquet files, by the package ``pyarrow``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rnnlm_cli.system.optional import extra
from rnnlm_cli.text.sources.guarded import of_the_system
from rnnlm_cli.text.sources.records import RecordFile, Texts

ROWS = 32
"""Rows in memory at a time; a hundred bytes can stand for many rows of a megabyte each."""

CHUNK = 1 << 20
"""Bytes that are read at a time."""


def parquet_texts(given: RecordFile) -> Texts:
    """Yield the texts of a Parquet file, some rows at a time.

    Raises:
        UsageError: ``pyarrow`` is not installed.
        CorpusError: It is not a Parquet file or is damaged, lacks the field, or it holds no
            strings.
    """
    arrow, parquet = extra("pyarrow", "parquet"), extra("pyarrow.parquet", "parquet")
    with _damage_told(given, arrow, "the file"):
        opened = parquet.ParquetFile(given.file, buffer_size=CHUNK, pre_buffer=False)
        schema = opened.schema_arrow
        _check_field(given, arrow, schema)
        batches = opened.iter_batches(ROWS, columns=[given.field], use_threads=False)
    row = characters = 0
    while True:
        with _damage_told(given, arrow, f"row {row + 1}"):
            batch = next(batches, None)
            values = [] if batch is None else batch.column(0).to_pylist()
        if batch is None:
            return
        for value in values:
            row += 1
            text = given.text_of(place := f"row {row}", value)
            characters += len(text)
            if characters > given.most:
                reason = "the texts are too long for the size of the file"
                raise given.error(place, reason, "raise corpus.max_expansion if this is intended")
            if text:
                yield place, text


def _check_field(given: RecordFile, arrow: Any, schema: Any) -> None:
    """Check that there is one field of this name, and that it holds strings.

    Raises:
        CorpusError: It does not.
    """
    indices = schema.get_all_field_indices(given.field)
    if not indices:
        raise given.no_field("the file", schema.names)
    if len(indices) > 1:
        reason = f"{len(indices)} fields are named {given.field}"
        raise given.error("the file", reason, "rename all but one")
    kind, types = schema.field(indices[0]).type, arrow.types
    if types.is_dictionary(kind):
        kind = kind.value_type
    if not any(is_one(kind) for is_one in (types.is_string, types.is_large_string, types.is_null)):
        raise given.not_text("the file", str(kind))


@contextmanager
def _damage_told(given: RecordFile, arrow: Any, place: str) -> Iterator[None]:
    """Turn errors of ``pyarrow`` about a file's contents into one line."""
    try:
        yield
    except (arrow.ArrowException, OSError, ValueError, LookupError) as error:
        if of_the_system(error):
            raise
        reason = f"not valid Parquet ({error})"
        raise given.error(place, reason, "write the file again") from None
