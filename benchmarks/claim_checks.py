"""Claims of the course notes that need no training: seconds of arithmetic with the program's parts.

Each function is of one claim and returns figures by name; ``claims.py`` keeps them in its log, and
``tests/test_claims.py`` measures them again.
"""

from __future__ import annotations

from collections.abc import Callable

from claim_recurrence import Figures, clipping, figure, flow, loop, stateful
from claim_sizes import initial, measure, offsets, output, parameters

CHECKS: dict[str, Callable[[], Figures]] = {
    "loop": loop,
    "figure": figure,
    "flow": flow,
    "clipping": clipping,
    "offsets": offsets,
    "stateful": stateful,
    "parameters": parameters,
    "output": output,
    "initial": initial,
    "measure": measure,
}
"""The function of each group of figures."""
