"""N-gram models from Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnnlm_cli import checkpoint as checkpoints
from rnnlm_cli.api.arguments import Path, path_of
from rnnlm_cli.api.training import read_config
from rnnlm_cli.checks import check_flag
from rnnlm_cli.config import Config
from rnnlm_cli.config.run_names import arpa_of
from rnnlm_cli.evaluate.ngram import held_out_figures
from rnnlm_cli.evaluate.perplexity import Perplexity
from rnnlm_cli.exchange.arpa_writer import write_arpa
from rnnlm_cli.ngrams.kneser_ney import Discounts
from rnnlm_cli.ngrams.text_model import estimate_text


@dataclass(frozen=True)
class Ngram:
    """An n-gram model that was written.

    Attributes:
        path: The ARPA file.
        sizes: The number of n-grams in it, per order.
        discounts: Of modified Kneser-Ney smoothing, per order.
        valid: How well it predicts the validation text; ``None`` if the config names none.
        test: The same for the test text.
    """

    path: str
    sizes: list[int]
    discounts: list[Discounts]
    valid: Perplexity | None
    test: Perplexity | None


def ngram(
    config: Path | Mapping[str, Any] | Config,
    path: Path | None = None,
    *,
    order: int = 5,
    prune: Sequence[int] = (),
    checkpoint: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    overwrite: bool = False,
) -> Ngram:
    """Estimate an n-gram model of a config's training text, and write it as an ARPA file.

    Modified Kneser-Ney smoothing, interpolated, as KenLM's ``lmplz`` estimates it. Tokens and
    vocabulary are those of the network that the config trains, so that both can be mixed.

    Args:
        config: A YAML file, or its keys as nested mappings.
        path: The file to write, compressed if it ends in ``.gz``; by default ``NAME.5gram.arpa``
            beside the config's ``checkpoint.path``.
        order: The length of the longest n-grams.
        prune: Per order, drop n-grams that occur at most so often; the last number is for all
            longer ones, and the first is 0.
        checkpoint: A model whose vocabulary to use.
        overrides: Other values of some keys.
        overwrite: Replace an existing file.

    Raises:
        ConfigError: The configuration is wrong.
        UsageError: An argument is wrong, the file already exists, or a text is missing.
        CorpusError, CheckpointError: A text or the model is not valid.
        OSError: The file cannot be written.
    """
    check_flag("overwrite", overwrite)
    read = read_config(config, overrides or {})
    target = arpa_of(read.checkpoint.path, order) if path is None else path_of("path", path)
    known = (
        None if checkpoint is None else checkpoints.load(path_of("checkpoint", checkpoint)).model
    )
    model = estimate_text(read, order, prune, known)
    figures = held_out_figures(model, read)
    write_arpa(target, model.estimate.model, model.names, overwrite)
    sizes = [len(table) for table in model.estimate.model.tables]
    discounts = model.estimate.discounts
    return Ngram(target, sizes, discounts, figures.get("valid"), figures.get("test"))
