"""What was noticed in a text while it was read, and the sentences that tell of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnlm_cli.text.tokenizer import Tokenizer

SENTENCE_MARKS = ("<s>", "</s>")
"""Words that mark lines for other programs."""


@dataclass(frozen=True)
class TextFacts:
    """What was noticed.

    Attributes:
        lines: How many.
        returns: Carriage returns that no newline follows.
        words: How often the words stand in it that look like marks of lines.
        starts: The first token of each of its files.
        twice: Pairs of its files that hold the same tokens.
    """

    lines: int = 0
    returns: int = 0
    words: dict[str, int] = field(default_factory=dict)
    starts: tuple[int, ...] = ()
    twice: tuple[tuple[str, str], ...] = ()


def text_notes(name: str, facts: TextFacts, tokenizer: Tokenizer) -> list[str]:
    """Return a sentence for each oddity of a text.

    Args:
        name: What messages call the text.
        facts: What was noticed in it.
        tokenizer: How it was cut.
    """
    return [
        *returns_note(name, facts.lines, facts.returns),
        *_marks_note(name, facts, tokenizer),
        *(
            f"{one} and {other} hold the same text, which is trained on twice; "
            "leave one out of corpus.train"
            for one, other in facts.twice
        ),
    ]


def returns_note(name: str, lines: int, returns: int) -> list[str]:
    r"""Return a sentence if more lines seem to end in a lone ``\r`` than in ``\n``."""
    if returns <= lines and not (lines == 1 and returns):
        return []
    read_as = "one line" if lines == 1 else f"{lines:,} lines"
    return [
        f"{name}: has {returns:,} carriage returns (\\r) without a newline and is read as "
        f"{read_as}; if they end its lines, convert it, for example with tr '\\r' '\\n'"
    ]


def _marks_note(name: str, facts: TextFacts, tokenizer: Tokenizer) -> list[str]:
    end = tokenizer.end_of_line
    found = [f"{word} {times:,} times" for word, times in facts.words.items() if times]
    if not found or end is None:
        return []
    inside = "; inside a line the model takes it for the line's end" * (end in facts.words)
    return [
        f"{name}: holds {', '.join(found)} as words, though {end} is put at each line's end"
        f"{inside.replace(' it ', f' {end} ')}; remove them, or set corpus.end_of_line: null"
    ]
