"""Which text of labelled lines a command reads."""

from __future__ import annotations

from rnnlm_cli.commands.shared.models import ChosenNetwork
from rnnlm_cli.commands.shared.texts import WantedText, config_of_texts
from rnnlm_cli.data.labelled import LabelledLines, read_labelled, read_labelled_split
from rnnlm_cli.data.named import named_limits, with_encoding
from rnnlm_cli.tasks import known_by


def chosen_lines(chosen: ChosenNetwork, wanted: WantedText) -> LabelledLines:
    """Read the text that the options name.

    Raises:
        UsageError: No text is named.
        CorpusError: A line is not label, tab and text, or has a label that the model lacks.
    """
    known = known_by(chosen.saved)
    if wanted.corpus is not None:
        config = chosen.saved.config
        limits = named_limits(config, wanted.encoding)
        return read_labelled(config, wanted.corpus, known, limits)
    config = with_encoding(config_of_texts(chosen, wanted.split), wanted.encoding)
    return read_labelled_split(config, wanted.split, known)
