"""TensorBoard's event file: scalars, samples and histograms, without gaps or duplicates.

The file is a sequence of records (TFRecord), each with its length and two checksums, so it can be
cut after any record, as the log is cut after a line. Each step is in it once for every reader;
TensorBoard's own way, a second file whose first record tells the reader to forget later steps,
leaves the steps twice on disk.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any

import numpy as np

from rnnlm_cli.system.arrays import Array
from rnnlm_cli.system.optional import extra
from rnnlm_cli.train.appended import AppendedFile

HEAD, CHECKSUM = struct.Struct("<Q"), struct.Struct("<I")
"""Of a record: the length of its data; a checksum follows it, and another one the data."""

BINS = 64
"""Bins of a histogram. The number is fixed, so that a record's size does not depend on weights."""


def check_tensorboard() -> None:
    """Check that event files can be written.

    Raises:
        UsageError: tensorboardX is not installed.
    """
    extra("tensorboardX", "tensorboard")


class EventFile(AppendedFile):
    """An event file of one training."""

    def __init__(self, path: str) -> None:
        """Open the file.

        Raises:
            UsageError: tensorboardX is not installed.
            OSError: The file cannot be opened.
        """
        self._event = extra("tensorboardX.proto.event_pb2", "tensorboard").Event
        self._summary = extra("tensorboardX.summary", "tensorboard")
        self._checksum = extra("tensorboardX.record_writer", "tensorboard").masked_crc32c
        super().__init__(path)

    def cut(self, length: int) -> None:
        """Cut the file, and begin it if it is empty."""
        super().cut(length)
        if self.length == 0:
            self._record(file_version="brain.Event:2")

    def scalars(self, step: int, values: Mapping[str, float | None]) -> None:
        """Write numbers of a step; those that are ``None`` are left out."""
        found = [self._summary.scalar(tag, v) for tag, v in values.items() if v is not None]
        self._write(step, found)

    def text(self, step: int, tag: str, text: str) -> None:
        """Write a text, with its lines and spaces as they are: TensorBoard reads Markdown."""
        indented = "\n".join(f"    {line}" for line in text.split("\n"))
        self._write(step, [self._summary.text(tag, indented)])

    def histograms(self, step: int, arrays: Mapping[str, Array]) -> None:
        """Write how the values of arrays are distributed."""
        raw = self._summary.histogram_raw
        found = [raw(tag, **histogram(array)) for tag, array in arrays.items()]
        self._write(step, found)

    def _write(self, step: int, summaries: list[Any]) -> None:
        if not summaries:
            return
        summary = summaries[0]
        for other in summaries[1:]:
            summary.MergeFrom(other)
        self._record(step=step, summary=summary)

    def _record(self, **content: Any) -> None:
        event = self._event(wall_time=time.time(), **content)
        data: bytes = event.SerializeToString()
        head = HEAD.pack(len(data))
        self.append(b"".join([head, self._sum(head), data, self._sum(data)]))

    def _sum(self, data: bytes) -> bytes:
        return CHECKSUM.pack(self._checksum(data))

    def _whole(self, length: int) -> int:
        return max(takewhile(lambda end: end <= length, self._ends()), default=0)

    def _ends(self) -> Iterator[int]:
        """Yield where each record ends."""
        end, size = 0, self.length
        while end + HEAD.size <= size:
            self._file.seek(end)
            (length,) = HEAD.unpack(self._file.read(HEAD.size))
            end += HEAD.size + 2 * CHECKSUM.size + length
            if end > size:
                return
            yield end


def histogram(array: Array) -> dict[str, Any]:
    """Return a histogram as TensorBoard stores it: a bin's count, and its upper end.

    Args:
        array: ``(...)``, finite.
    """
    counts, edges = np.histogram(array, BINS)
    flat = np.asarray(array, np.float64).ravel()
    return {
        "min": float(edges[0]),
        "max": float(edges[-1]),
        "num": array.size,
        "sum": float(flat.sum()),
        "sum_squares": float(flat @ flat),
        "bucket_limits": edges[1:].tolist(),
        "bucket_counts": counts.astype(float).tolist(),
    }
