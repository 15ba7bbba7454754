"""The processor of this machine."""

from __future__ import annotations

import platform
import re
from pathlib import Path


def processor_name() -> str:
    """Return the processor's name, as in ``AMD EPYC 9354``; its family where it has no name."""
    try:
        described = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux
        described = ""
    found = re.search(r"^model name\s*:\s*(\S.*)$", described, re.MULTILINE)
    return found[1].strip() if found else platform.processor() or platform.machine()
