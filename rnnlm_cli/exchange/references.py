"""Right texts of utterances: ``id w1 w2 ...`` on a line, or only the words, line by line."""

from __future__ import annotations

from collections.abc import Iterable

from rnnlm_cli.errors import CorpusError


def read_references(lines: Iterable[str], with_ids: bool, name: str) -> dict[str, list[str]]:
    """Return the words of each utterance by its id.

    Args:
        lines: The lines; blank ones are skipped if they have ids, and are empty texts else.
        with_ids: Whether a line begins with an id; else it is the line's number, from 0.
        name: The file's name in messages.

    Raises:
        CorpusError: An id is given twice.
    """
    found = dict[str, list[str]]()
    for number, line in enumerate(lines):
        words = line.split()
        if with_ids and not words:
            continue
        key = words.pop(0) if with_ids else str(number)
        if key in found:
            raise CorpusError(
                f"{key[:40]!r} is given twice; delete one of the lines",
                place=f"{name}: line {number + 1}",
            )
        found[key] = words
    return found
