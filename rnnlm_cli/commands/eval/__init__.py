"""``rnnlm eval``: the group of evaluations."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.group import LazyGroup

COMMANDS = {
    "perplexity": ("rnnlm_cli.commands.eval.perplexity", "Exact perplexity of a corpus."),
    "accuracy": ("rnnlm_cli.commands.eval.accuracy", "How often a classifier is right."),
    "translation": ("rnnlm_cli.commands.eval.translation", "How well a model translates."),
    "words": ("rnnlm_cli.commands.eval.words", "Log-probability of every token of a text."),
    "sentences": ("rnnlm_cli.commands.eval.sentences", "Log-probability of every line of a text."),
    "next": ("rnnlm_cli.commands.eval.next", "The most likely next tokens after a start."),
    "rescore": (
        "rnnlm_cli.commands.eval.rescore",
        "Rescore the hypotheses of n-best lists, or lattices.",
    ),
    "compare": ("rnnlm_cli.commands.eval.compare", "Which of two models is better on a text."),
    "tune": (
        "rnnlm_cli.commands.eval.tune",
        "Find settings for --cache, --dynamic or eval rescore.",
    ),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    epilog=examples(
        "how well a model predicts a text",
        "rnnlm eval perplexity --corpus corpora/hello.txt",
        "the probability of each line",
        "rnnlm eval sentences --corpus corpora/hello.txt",
        "what may come next",
        "rnnlm eval next --start 'you say'",
    ),
)
def command() -> None:
    """Measure how well a model predicts a text."""
