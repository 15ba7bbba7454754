"""Which text of lines with two columns a command reads."""

from __future__ import annotations

from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.models import ChosenNetwork
from rnnlm_cli.commands.shared.texts import WantedText, config_of_texts
from rnnlm_cli.data.columns import ColumnsReader, OwnLines
from rnnlm_cli.data.named import named_limits, with_encoding
from rnnlm_cli.tasks import known_by


def chosen_columns(
    reader: ColumnsReader[OwnLines], chosen: ChosenNetwork, wanted: WantedText
) -> OwnLines:
    """Read the text that the options name; print notes about what is odd in it.

    Raises:
        UsageError: No text is named.
        CorpusError: A line does not have the two columns, or has a label that the model lacks.
    """
    saved, known = chosen.saved, known_by(chosen.saved)
    if wanted.corpus is not None:
        limits = named_limits(saved.config, wanted.encoding)
        lines = reader.one(saved.config, wanted.corpus, known, limits)
    else:
        config = with_encoding(config_of_texts(chosen, wanted.split), wanted.encoding)
        lines = reader.split(config, wanted.split, known)
    for line in lines.notes(saved.codec, saved.vocabulary):
        note(line)
    return lines
