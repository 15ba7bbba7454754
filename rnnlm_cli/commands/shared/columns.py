"""Which text of lines with two columns a command reads."""

from __future__ import annotations

from rnnlm_cli.commands.shared.models import ChosenNetwork
from rnnlm_cli.commands.shared.texts import WantedText, config_of_texts
from rnnlm_cli.data.columns import ColumnsReader, OwnLines
from rnnlm_cli.data.named import named_limits, with_encoding
from rnnlm_cli.tasks import known_by


def chosen_columns(
    reader: ColumnsReader[OwnLines], chosen: ChosenNetwork, wanted: WantedText
) -> OwnLines:
    """Read the text that the options name.

    Raises:
        UsageError: No text is named.
        CorpusError: A line does not have the two columns, or has a label that the model lacks.
    """
    known = known_by(chosen.saved)
    if wanted.corpus is not None:
        config, limits = chosen.saved.config, named_limits(chosen.saved.config, wanted.encoding)
        return reader.one(config, wanted.corpus, known, limits)
    config = with_encoding(config_of_texts(chosen, wanted.split), wanted.encoding)
    return reader.split(config, wanted.split, known)
