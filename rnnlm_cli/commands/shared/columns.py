"""Which text of lines with two columns a command reads."""

from __future__ import annotations

from rnnlm_cli.commands.shared.models import ChosenNetwork
from rnnlm_cli.commands.shared.texts import GivenText, config_of_texts
from rnnlm_cli.data.columns import ColumnsReader, OwnLines
from rnnlm_cli.data.named import named_limits, with_encoding
from rnnlm_cli.tasks import known_by


def chosen_columns(
    reader: ColumnsReader[OwnLines],
    chosen: ChosenNetwork,
    corpus: GivenText | None,
    split: str | None,
    encoding: str | None,
) -> OwnLines:
    """Read the text that the options name.

    Raises:
        UsageError: No text is named.
        CorpusError: A line does not have the two columns, or has a label that the model lacks.
    """
    known = known_by(chosen.saved)
    if corpus is not None:
        config = chosen.saved.config
        return reader.one(config, corpus.path, known, named_limits(config, encoding))
    config = with_encoding(config_of_texts(chosen, split), encoding)
    return reader.split(config, split, known)
