"""How a command is spelled that the other rooms name by its arguments."""

from __future__ import annotations

import shlex

from rnnlm_cli.commands.shared.messages import as_option
from rnnlm_cli.report.html.call import Call


def spelled(call: Call) -> str:
    """Return a command as a user types it in a shell."""
    words = ["rnnlm", *call.command.split()]
    for name, value in call.options.items():
        for one in value if isinstance(value, tuple) else (value,):
            if one is not None:
                words += [as_option(name)] if one is True else [as_option(name), str(one)]
    if any(argument.startswith("-") for argument in call.arguments):
        words.append("--")
    return shlex.join([*words, *call.arguments])
