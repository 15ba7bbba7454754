"""Options that need others, or exclude them: declared beside the options, refused where they clash.

A default does not count as given. An option that would be ignored is refused, so that nobody takes
a figure for what it is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click
from click.core import ParameterSource

Command = Callable[..., Any]


def parameter_of(context: click.Context, name: str) -> click.Parameter:
    """Return the option or argument of a name, such as ``--beam`` or ``what``."""
    return next(p for p in context.command.params if name in (p.name, *p.opts))


def given(context: click.Context, name: str) -> bool:
    """Whether somebody gave it."""
    source = context.get_parameter_source(str(parameter_of(context, name).name))
    return source not in (None, ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP)


def anything(value: Any) -> bool:
    """Admit every value."""
    return True


@dataclass(frozen=True)
class Needs:
    """Options that have a meaning only beside another.

    Attributes:
        options: Their names, with blanks between.
        partners: Of these one must be given.
        when: Which of its values will do.
        said: What the message calls the partner; by default its name.
    """

    options: str
    partners: str
    when: Callable[[Any], bool] = anything
    said: str = ""

    def check(self, context: click.Context) -> None:
        """Refuse an option without its partner.

        Raises:
            click.UsageError: One is given alone.
        """
        if any(
            given(context, partner)
            and self.when(context.params[str(parameter_of(context, partner).name)])
            for partner in self.partners.split()
        ):
            return
        said = self.said or " or ".join(self.partners.split())
        for option in self.options.split():
            if given(context, option):
                raise click.UsageError(f"{option} needs {said}; add it or omit {option}")


@dataclass(frozen=True)
class Excludes:
    """An option beside which others have no meaning.

    Attributes:
        option: Its name.
        others: Their names, with blanks between.
        when: Which of its values exclude them.
        because: Why, for the message.
    """

    option: str
    others: str
    when: Callable[[Any], bool] = anything
    because: str = ""

    def check(self, context: click.Context) -> None:
        """Refuse both.

        Raises:
            click.UsageError: Both are given.
        """
        value = context.params[str(parameter_of(context, self.option).name)]
        if not given(context, self.option) or not self.when(value):
            return
        for other in self.others.split():
            if given(context, other):
                why = f" ({self.because})" if self.because else ""
                raise click.UsageError(
                    f"{self.option} and {other} exclude each other{why}; omit one of them"
                )


Rule = Needs | Excludes


def partners(*rules: Rule) -> Callable[[Command], Command]:
    """Hold a command's options against rules before it runs."""

    def decorate(command: Command) -> Command:
        @wraps(command)
        def checked(*args: Any, **options: Any) -> Any:
            context = click.get_current_context()
            for rule in rules:
                rule.check(context)
            return command(*args, **options)

        return checked

    return decorate
