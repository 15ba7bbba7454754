"""The memory of this machine."""

from __future__ import annotations

import os


def physical_memory() -> int:
    """Return the bytes of memory of this machine; 0 where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # no such call, or no such name
        return 0
