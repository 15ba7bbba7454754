"""What is refused as a training's log, with its place."""

import pytest

from rnnlm_cli.errors import RnnlmError, UsageError
from rnnlm_cli.report.log import MOST_LINE_BYTES, read_log

STEP = '{"event": "step", "step": 1}\n'


@pytest.mark.parametrize(
    "line",
    [
        "corpus: {train: a.txt}",
        '{"event": "step", "step": ',
        '{"event": "step", "step": "one"}',
        "[" * 100_000,
        "x" * (MOST_LINE_BYTES + 1),
    ],
    ids=["yaml", "cut short", "another type", "deep", "long"],
)
def test_a_line_that_is_not_of_a_log_is_named(tmp_path, line):
    path = tmp_path / "a.jsonl"
    path.write_text(f"{STEP}{line}\n", encoding="utf-8")
    with pytest.raises(RnnlmError, match=r"a\.jsonl:2: not a line of a training log: "):
        read_log(str(path))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.jsonl: No such file or directory; name a log"):
        read_log(str(tmp_path / "none.jsonl"))
