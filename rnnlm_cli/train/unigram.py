"""A new training whose output layer starts at the frequencies of the tokens."""

from __future__ import annotations

from rnnlm_cli.config import Config
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.model.network import Network
from rnnlm_cli.model.trained import line_edge


def start_from_frequencies(config: Config, texts: TrainingTexts, network: Network) -> None:
    """Set a new network's output bias as ``model.output_bias`` says.

    With ``unigram`` the network begins near the entropy of the tokens' frequencies instead of
    ``ln V``. Each token is counted once more than it occurs. A bidirectional model reads the ends
    of lines but never predicts them, so they count as a token that does not occur.
    """
    if config.model.output_bias != "unigram":
        return
    counts = texts.vocabulary.counts + 1.0
    if network.bidirectional:
        counts[line_edge(texts.codec, texts.vocabulary, config)] = 1.0
    network.output.begin_at(counts / counts.sum())
