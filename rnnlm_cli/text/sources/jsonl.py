"""Files with one JSON object per line."""

from __future__ import annotations

import json

from rnnlm_cli.errors import quoted
from rnnlm_cli.text.sources.records import RecordFile, Texts


def json_texts(given: RecordFile) -> Texts:
    """Yield the texts of a file with one JSON object per line; blank lines are ignored.

    Raises:
        CorpusError: A line is not a JSON object, lacks the field, or has no string in it.
    """
    for number, line in enumerate(given.lines, 1):
        if line.isspace():
            continue
        place = f"line {number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            reason = f"not valid JSON ({error})"
            raise given.error(place, reason, "write one object per line") from None
        if not isinstance(record, dict):
            reason = f"{quoted(record)} is not a JSON object"
            raise given.error(place, reason, "write one object per line")
        if given.field not in record:
            raise given.no_field(place, list(record))
        if text := given.text_of(place, record[given.field]):
            yield place, text
