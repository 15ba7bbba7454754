"""Lines that a user types: the prompt, history and Tab."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rnnlm_cli.commands.shared.messages import note, print_result
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.report.table import padded
from rnnlm_cli.system.width import display_width

PROMPT = "> "

Offers = Callable[[str], list[str]]
"""Takes the line up to the cursor; returns what may replace its last word, the best first."""


def typed(offers: Offers) -> Iterator[str]:
    """Yield the lines that a user types.

    Args:
        offers: What Tab completes to.

    Raises:
        CorpusError: A line is not in the terminal's encoding.
    """
    edit_lines(offers)
    note("type a start; Enter goes on with the text; help lists the rest")
    while True:
        try:
            line = ask()
        except EOFError:
            note("")
            return
        except UnicodeDecodeError as error:
            raise CorpusError(
                f"standard input: not in the terminal's encoding ({error}); set LANG to match it"
            ) from None
        except KeyboardInterrupt:  # it stops a text, and none is being written
            note("")
            continue
        yield line


def ask() -> str:
    """Return the next line.

    Raises:
        EOFError: There is none.
    """
    if sys.stdout.isatty():
        return input(PROMPT)
    # the results go elsewhere, where a prompt would be a part of them
    note(PROMPT, end="")
    if not (line := sys.stdin.readline()):
        raise EOFError
    return line


def edit_lines(offers: Offers) -> None:
    """Let the arrow keys edit and recall lines, and Tab complete them, if possible."""
    try:
        import readline
    except ImportError:  # some systems have none
        return
    completer = Completer(offers, readline)
    readline.set_completer(completer)
    readline.set_completer_delims(" ")
    readline.set_completion_display_matches_hook(completer.show)
    is_libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")


class Completer:
    """Answers readline, which asks for one candidate after another."""

    def __init__(self, offers: Offers, readline: Any) -> None:
        """Take what may be offered.

        Args:
            offers: What may replace the last word.
            readline: The module, which knows the line and the cursor.
        """
        self._offers, self._readline = offers, readline
        self._found: list[str] = []

    def __call__(self, word: str, number: int) -> str | None:
        """Return a candidate, or ``None`` after the last."""
        if number == 0:
            line = self._readline.get_line_buffer()[: self._readline.get_endidx()]
            self._found = self._offers(line)
        return self._found[number] if number < len(self._found) else None

    def show(self, *matches: object) -> None:
        """List the candidates in their own order, where readline would sort them."""
        rows = in_rows(self._found, shutil.get_terminal_size().columns)
        print_result("\n".join(["", *rows, PROMPT + self._readline.get_line_buffer()]), end="")


def in_rows(words: Sequence[str], width: int) -> list[str]:
    """Return rows of words in columns of equal width, the first words in the first row.

    >>> in_rows(["you", "say", "goodbye"], 20)
    ['you      say', 'goodbye']
    """
    cell = max(map(display_width, words)) + 2
    each = max(width // cell, 1)
    cells = [padded(word, cell) for word in words]
    return ["".join(cells[k : k + each]).rstrip() for k in range(0, len(cells), each)]
