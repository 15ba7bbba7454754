"""``rnnlm completion``."""

from __future__ import annotations

from pathlib import Path

import click

from rnnlm_cli.commands.shared import completion
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import print_result

SHELLS = ["bash", "zsh", "fish"]


@click.command(
    epilog=examples(
        "bash, from the next terminal on",
        "rnnlm completion bash >> ~/.bashrc",
        "zsh",
        "rnnlm completion zsh >> ~/.zshrc",
        "fish",
        "rnnlm completion fish > ~/.config/fish/completions/rnnlm.fish",
    )
)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print a script that lets a shell complete commands by Tab.

    It completes commands, options and their values, files with the right suffix, models, and after
    --set the keys of a config and their values. Only for the present terminal, in bash or zsh:
    eval "$(rnnlm completion bash)"
    """
    script = Path(completion.__file__).parent / f"rnnlm.{shell}"
    print_result(script.read_text(encoding="utf-8"), end="")
