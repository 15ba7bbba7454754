import json
import math

from rnnlm_cli.system.json_line import json_line


def test_numbers_that_are_not_finite_become_null():
    values = {
        "a": math.inf,
        "b": [math.nan, 1.5],
        "c": {"d": -math.inf, "e": "안녕"},
        "f": (1, True),
    }
    line = json_line(values)
    assert "\n" not in line
    assert "안녕" in line
    assert json.loads(line) == {
        "a": None,
        "b": [None, 1.5],
        "c": {"d": None, "e": "안녕"},
        "f": [1, True],
    }
