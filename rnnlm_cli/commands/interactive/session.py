"""A session: a model, the settings, and the text so far."""

from __future__ import annotations

import secrets

from rnnlm_cli.commands.interactive.settings import Settings, values_of, with_change
from rnnlm_cli.commands.shared.messages import note, print_result
from rnnlm_cli.commands.shared.models import known_ids
from rnnlm_cli.commands.shared.writing import stream
from rnnlm_cli.evaluate.next_token import TOP, next_tokens
from rnnlm_cli.generate.filters import Filters
from rnnlm_cli.generate.limits import check_room, skipped_ids
from rnnlm_cli.generate.start import look_up_start
from rnnlm_cli.generate.text import ending
from rnnlm_cli.generate.written import WrittenText
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.report.texts import next_row

DEFAULT_TOP = 10


class Session:
    """Writes texts.

    Attributes:
        saved: The model.
        at_terminal: Ctrl-C stops what a line does, and not the program.
        settings: The settings for the next text.
        text: The text so far, if there is one.
    """

    def __init__(self, saved: TrainedModel, settings: Settings, at_terminal: bool = False) -> None:
        """Begin without a text.

        Args:
            saved: The model.
            settings: Its first settings.
            at_terminal: Ctrl-C stops what a line does, and not the program.
        """
        self.saved, self.at_terminal = saved, at_terminal
        self.settings = settings
        self.text: WrittenText | None = None

    def change(self, name: str, rest: str) -> None:
        """Change a setting.

        Raises:
            UsageError: A value is not allowed.
        """
        changed = with_change(self.settings, name, values_of(name, rest))
        if name == "skip":
            known_ids(self.saved, changed["skip"], "/skip")  # prints a note for an unknown one
        self.settings = changed

    def begin(self, words: str | None = None) -> None:
        """Write a new text.

        Args:
            words: Its start; ``None`` for the beginning of a line.

        Raises:
            UsageError: The model does not know the words, or the settings allow no such text.
        """
        seed = self.settings["seed"]
        if seed is None:
            seed = secrets.randbelow(1_000_000)
        self.write(WrittenText(self.saved, self.known(words), seed))

    def write(self, text: WrittenText) -> None:
        """Write a text, or go on with it; it is the text so far, also if it is interrupted.

        Raises:
            UsageError: The settings allow no such text.
        """
        chosen = dict(self.settings)
        length, sentences = chosen.pop("length"), chosen.pop("sentences")
        del chosen["seed"], chosen["allow_unknown"]
        filters = Filters(**{**chosen, "skip": skipped_ids(self.saved, chosen["skip"])})
        ends = ending(self.saved, (), sentences or None)
        if not sentences:
            check_room(self.saved, filters, text.tokens, length)
        self.text = text
        try:
            stream(text.go_on(length, filters.in_order(), ends))
        except KeyboardInterrupt:
            print_result("")
            if not self.at_terminal:
                raise
        note(f"(seed {text.seed})")

    def top(self, rest: str) -> None:
        """Print what may come next: after words, after the text so far, or at a line's beginning.

        Args:
            rest: How many tokens, and the words; both may be absent.

        Raises:
            UsageError: The model does not know the words.
        """
        number, _, words = rest.partition(" ")
        if number.isdecimal():
            TOP.check("top", top := int(number))
        else:
            top, words = DEFAULT_TOP, rest
        if self.text and not words:
            tokens = self.text.read
        else:
            tokens = WrittenText(self.saved, self.known(words or None), 0).read
        for candidate in next_tokens(self.saved, tokens, top):
            print_result(next_row(candidate))

    def known(self, words: str | None) -> list[str]:
        """Return the tokens of a start.

        Raises:
            UsageError: The model does not know one of them, or it cannot begin a line.
        """
        return look_up_start(self.saved, words, self.settings["allow_unknown"])
