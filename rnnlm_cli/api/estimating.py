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
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.ngram import held_out_figures
from rnnlm_cli.evaluate.perplexity import Perplexity
from rnnlm_cli.exchange.arpa_writer import write_arpa
from rnnlm_cli.learned.approximation import Generated, estimate_ngrams
from rnnlm_cli.ngrams.kneser_ney import Discounts
from rnnlm_cli.system.whole_file import existing_files


@dataclass(frozen=True)
class Ngram:
    """An n-gram model that was written.

    Attributes:
        path: The ARPA file.
        sizes: The number of n-grams in it, per order.
        discounts: Of modified Kneser-Ney smoothing, per order, from the training text.
        valid: How well it predicts the validation text; ``None`` if the config names none.
        test: The same for the test text.
        generated: Of the text that a network wrote: how many tokens, the weight of their model in
            the mixture, and its discounts; ``None`` without ``generated``.
    """

    path: str
    sizes: list[int]
    discounts: list[Discounts]
    valid: Perplexity | None
    test: Perplexity | None
    generated: Generated | None


def ngram(
    config: Path | Mapping[str, Any] | Config,
    path: Path | None = None,
    *,
    order: int = 5,
    prune: Sequence[int] = (),
    checkpoint: Path | None = None,
    generated: int | None = None,
    seed: int = 1,
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
        generated: Mix with the model of this many tokens that ``checkpoint`` writes (Deoras et al.,
            2011), with weights fitted on the validation text.
        seed: Of the generated text.
        overrides: Other values of some keys.
        overwrite: Replace an existing file.

    Raises:
        ConfigError: The configuration is wrong.
        UsageError: An argument is wrong, or needs another one; the file already exists; a text is
            missing; or the model finishes no line.
        CorpusError, CheckpointError: A text or the model is not valid.
        OSError: The file cannot be written.

    >>> held_out = {"corpus.valid": "corpora/hello.txt"}
    >>> both = {"checkpoint": "checkpoints/hello.pkl", "generated": 2000}  # the network's text too
    >>> found = ngram("configs/hello.yaml", "n.arpa", order=3, **both, overrides=held_out)
    >>> found.generated.tokens > 1000, found.valid.perplexity < 2
    (True, True)
    """
    check_flag("overwrite", overwrite)
    if generated is None and seed != 1:
        raise UsageError("is of the generated text; give generated too", field="seed")
    read = read_config(config, overrides or {})
    target = arpa_of(read.checkpoint.path, order) if path is None else path_of("path", path)
    existing_files([target], overwrite)  # before any work
    known = (
        None if checkpoint is None else checkpoints.load(path_of("checkpoint", checkpoint)).model
    )
    model, mixed_in = estimate_ngrams(read, order, prune, known, generated, seed)
    figures = held_out_figures(model, read)
    write_arpa(target, model.estimate.model, model.names, overwrite)
    sizes = [len(table) for table in model.estimate.model.tables]
    discounts = model.estimate.discounts
    valid, test = figures.get("valid"), figures.get("test")
    return Ngram(target, sizes, discounts, valid, test, mixed_in)
