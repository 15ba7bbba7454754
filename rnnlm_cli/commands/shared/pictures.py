"""Messages about a picture."""

from __future__ import annotations

from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.errors import shortened


def note_picture(path: str, missing: str) -> None:
    """Print that a picture was written, and which letters it lacks, from ``draw``."""
    note(f"wrote {path}")
    if missing:
        note(
            f"no installed font has {shortened(missing)}, so boxes are drawn instead; install a "
            "font that has them, such as Noto Sans CJK"
            + (
                ""
                if path.endswith(".svg")
                else ", or write an .svg, where the viewer's fonts count"
            )
        )
