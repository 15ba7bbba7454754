"""Progress bars on standard error, where that is a terminal."""

from __future__ import annotations

from typing import Any

from tqdm import tqdm

from rnnlm_cli.commands.shared.messages import on_terminal


def bar(total: int, unit: str, **options: Any) -> Any:
    """Return a progress bar; where standard error is no terminal it does nothing.

    It scales with the terminal's width and disappears when it is done.
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
