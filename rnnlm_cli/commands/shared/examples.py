"""Examples in the help: one command per line, below a comment, so that a line can be copied."""

from __future__ import annotations

from collections.abc import Iterator

UNWRAPPED = "\b"
"""The line with which click keeps the lines of a paragraph as they are."""


def examples(*pairs: str) -> str:
    r"""Return the text that ends a command's help.

    Args:
        pairs: What an example does, then its command line, and so on.

    >>> examples("say it", "rnnlm generate")
    '\x08\nExamples:\n  # say it\n  rnnlm generate'
    """
    rows = [f"  # {does}\n  {line}" for does, line in zip(pairs[::2], pairs[1::2], strict=True)]
    return "\n".join([UNWRAPPED, "Examples:", *rows])


def examples_in(epilog: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs of ``examples``."""
    rows = [line.strip() for line in epilog.splitlines()[2:]]
    for does, line in zip(rows[::2], rows[1::2], strict=True):
        yield does.removeprefix("# "), line
