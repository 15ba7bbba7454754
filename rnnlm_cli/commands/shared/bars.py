"""Progress bars on standard error, if it is a terminal."""

from __future__ import annotations

from typing import Any

from tqdm import tqdm

from rnnlm_cli.commands.shared.messages import on_terminal


def bar(total: int, unit: str, **options: Any) -> Any:
    """Return a progress bar; if standard error is not a terminal, it does nothing.

    It follows the terminal's width and disappears when it is done.
    """
    return tqdm(
        total=total,
        unit=unit,
        unit_scale=True,
        leave=False,
        dynamic_ncols=True,
        disable=not on_terminal(),
        **options,
    )
