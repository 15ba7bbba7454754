"""``rnnlm`` that counts the bytes which a rank sends, as ``make averaging`` starts it.

Rank 0 writes their number to the file ``SENT``. In ``Ranks.sum`` a rank sends ``2 (N-1)/N`` times
the bytes of an array, or a small one to all; other values are pickled and sent to all.
"""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

from rnnlm_cli import __main__
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.train.parallel import SMALL, Ranks

sent = 0.0
real_sum, real_exchange = Ranks.sum, Ranks._exchange


def counted_sum(group: Ranks, values: Array, how: str = "fixed") -> None:
    """Replace ``Ranks.sum``."""
    global sent
    ring = 2 * (group.size - 1) / group.size
    sent += values.nbytes * (group.size - 1 if len(values) <= SMALL else ring)
    real_sum(group, values, how)


def counted_exchange(group: Ranks, value: Any) -> list[Any]:
    """Replace ``Ranks._exchange``."""
    global sent
    sent += len(pickle.dumps(value)) * (group.size - 1)
    found = real_exchange(group, value)
    if group.rank == 0:
        Path(os.environ["SENT"]).write_text(f"{sent:.0f}", encoding="utf-8")
    return found


if __name__ == "__main__":
    Ranks.sum = counted_sum  # type: ignore[method-assign]
    Ranks._exchange = counted_exchange  # type: ignore[method-assign]
    __main__.main()
