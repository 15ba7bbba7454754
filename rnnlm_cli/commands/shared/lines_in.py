"""Lines of standard input, typed at a prompt or from a file or a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.evaluate.lines import whole_lines
from rnnlm_cli.system.text_encodings import UTF8
from rnnlm_cli.text.facts import found_notes
from rnnlm_cli.text.reader import STANDARD_INPUT, Limits, display_name, read_pieces


def typed() -> Iterator[str]:
    """Yield the lines that a user types.

    Raises:
        CorpusError: A line is not in the terminal's encoding.
    """
    give_history()
    note("type a start; /help lists the settings")
    while True:
        try:
            line = input("> ")
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


def piped(encoding: str | None) -> Iterator[str]:
    """Yield the lines of a file or a pipe as they arrive, read like any other text."""
    limits = Limits(encoding=encoding or UTF8, remedy="use {encoding}")
    pieces = read_pieces(STANDARD_INPUT, limits, lambda *found: note(*found_notes([found])))
    lines = whole_lines(pieces, display_name(STANDARD_INPUT))
    return (piece.text for piece in lines)


def give_history() -> None:
    """Let the arrow keys edit the line and recall earlier ones, if the system supports it."""
    with suppress(ImportError):
        import readline  # noqa: F401 (the import has the effect)
