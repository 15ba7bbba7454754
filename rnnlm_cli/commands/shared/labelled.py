"""Which text of labelled lines a command reads."""

from __future__ import annotations

from rnnlm_cli.commands.shared.models import ChosenNetwork
from rnnlm_cli.commands.shared.texts import GivenText, config_of_texts
from rnnlm_cli.data.labelled import LabelledLines, read_labelled, read_labelled_split
from rnnlm_cli.data.named import named_limits, with_encoding
from rnnlm_cli.tasks import known_by


def chosen_lines(
    chosen: ChosenNetwork, corpus: GivenText | None, split: str | None, encoding: str | None
) -> LabelledLines:
    """Read the text that the options name.

    Raises:
        UsageError: No text is named.
        CorpusError: A line is not label, tab and text, or has a label that the model lacks.
    """
    known = known_by(chosen.saved)
    if corpus is not None:
        config = chosen.saved.config
        return read_labelled(config, corpus.path, known, named_limits(config, encoding))
    config = with_encoding(config_of_texts(chosen, split), encoding)
    return read_labelled_split(config, split, known)
