"""Options that need or exclude others: rules declared beside the options and checked before a run.

A default does not count as given. An option that would be ignored is refused, so that no figure is
misunderstood.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click
from click.core import ParameterSource

Command = Callable[..., Any]


def parameter_of(context: click.Context, name: str) -> click.Parameter:
    """Return the option or argument with a name, such as ``--beam`` or ``what``."""
    return next(p for p in context.command.params if name in (p.name, *p.opts))


def given(context: click.Context, name: str) -> bool:
    """Whether the user gave an option, or at least one value of an argument."""
    key = str(parameter_of(context, name).name)
    source = context.get_parameter_source(key)
    defaults = (None, ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP)
    # click before 8.2 calls an argument given that has no values
    return source not in defaults and context.params.get(key) != ()


def anything(value: Any) -> bool:
    """Admit every value."""
    return True


@dataclass(frozen=True)
class Rule:
    """Options that make sense only with others, or only without them.

    Attributes:
        options: Names of the options that are refused, separated by spaces.
        partners: Names of the others, separated by spaces.
        needed: True: one of the others must be given. False: none may be given.
        when: Which values of the others count.
        said: Name of the needed ones in the message; by default their own names.
        because: The reason, for the message.
    """

    options: str
    partners: str
    needed: bool
    when: Callable[[Any], bool]
    said: str
    because: str

    def check(self, context: click.Context) -> None:
        """Check the given options against the rule.

        Raises:
            click.UsageError: An option is given without its partner, or with one it excludes.
        """
        beside = [
            partner
            for partner in self.partners.split()
            if given(context, partner)
            and self.when(context.params[str(parameter_of(context, partner).name)])
        ]
        for option in self.options.split():
            if given(context, option) and bool(beside) != self.needed:
                raise click.UsageError(self._refusal(option, beside))

    def _refusal(self, option: str, beside: Sequence[str]) -> str:
        why = f" ({self.because})" if self.because else ""
        if self.needed:
            said = self.said or " or ".join(self.partners.split())
            return f"{option} needs {said}{why}; add it or omit {option}"
        return f"{beside[0]} and {option} exclude each other{why}; omit one of them"


def needs(
    options: str,
    partners: str,
    when: Callable[[Any], bool] = anything,
    said: str = "",
    because: str = "",
) -> Rule:
    """Return the rule that options make sense only with one of their partners."""
    return Rule(options, partners, True, when, said, because)


def excludes(
    option: str, others: str, when: Callable[[Any], bool] = anything, because: str = ""
) -> Rule:
    """Return the rule that others make no sense with an option, if ``when(value)`` is true."""
    return Rule(others, option, False, when, "", because)


def partners(*rules: Rule) -> Callable[[Command], Command]:
    """Check a command's options against rules before it runs."""

    def decorate(command: Command) -> Command:
        @wraps(command)
        def checked(*args: Any, **options: Any) -> Any:
            context = click.get_current_context()
            for rule in rules:
                rule.check(context)
            return command(*args, **options)

        return checked

    return decorate
