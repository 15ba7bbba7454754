"""Tokens to readable text, one at a time, so that text can appear as it is generated."""

from __future__ import annotations

from rnnlm_cli.text.tokenizer import Tokenizer

NO_SPACE_BEFORE = frozenset([*".,;:!?)]}%…'”’", "...", "''", "n't"])
"""Closing punctuation, and the second part of a contraction as the Penn Treebank splits it."""

NO_SPACE_AFTER = frozenset([*"([{$#`“‘£€", "``"])
"""Opening punctuation and signs that stand before a number."""


class Detokenizer:
    """Joins tokens readably: punctuation attached, an end of line as a new line.

    Characters are joined as they are.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self._last: str | None = None

    def piece(self, token: str) -> str:
        """Return what to write for the next token: the separator before it, and its text."""
        last, self._last = self._last, token
        if token == self.tokenizer.end_of_line:
            return "\n"
        if self.tokenizer.unit == "char" or last in (None, self.tokenizer.end_of_line):
            return token
        return token if attached(str(last), token) else f" {token}"


def attached(last: str, token: str) -> bool:
    """Whether no space stands between two words."""
    return (
        token in NO_SPACE_BEFORE
        or last in NO_SPACE_AFTER
        or (len(token) > 1 and token[0] in "'’" and token[1].isalpha())
    )


def join_tokens(tokens: list[str], tokenizer: Tokenizer) -> str:
    """Join a whole list of tokens."""
    detokenizer = Detokenizer(tokenizer)
    return "".join(detokenizer.piece(token) for token in tokens)
