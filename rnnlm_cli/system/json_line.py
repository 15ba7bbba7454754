"""Values as one line of JSON that any reader accepts."""

from __future__ import annotations

import json
import math
from typing import Any

from rnnlm_cli.errors import printable


def json_line(values: dict[str, Any]) -> str:
    """Return values as one line of JSON; numbers that are not finite, which JSON lacks, as null.

    Control characters that a terminal would execute are escaped, as JSON allows.
    """
    line = json.dumps(_finite(values), ensure_ascii=False, allow_nan=False)
    if line.isprintable():
        return line
    return "".join(c if printable(c) == c else json.dumps(c)[1:-1] for c in line)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(v) for v in value]
    return value
