"""A new training that starts from pretrained word vectors."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.config import Config
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.model.network import Network
from rnnlm_cli.text.vectors import WordVectors, read_vectors
from rnnlm_cli.text.vocabulary import Vocabulary


def start_from_vectors(config: Config, vocabulary: Vocabulary, network: Network) -> list[str]:
    """Set a new network's embedding from ``model.embeddings``; return a note on its coverage.

    Tokens without a vector get one drawn from a normal distribution with the mean and the
    deviation, number by number, of the vectors of the others. Without the key nothing changes.

    Args:
        config: Names the file.
        vocabulary: The tokens.
        network: The network; one without memory of its own, of a dry run, stays as it is.

    Raises:
        UsageError: The file cannot be opened, or its vectors are of another size.
        CorpusError: It is damaged, or has no token of the vocabulary.
    """
    path, model = config.model.embeddings, config.model
    if path is None:
        return []
    expansion, weight = config.corpus.max_expansion, network.embedding.weight
    vectors = read_vectors(
        path, vocabulary.tokens, model.embedding_size, weight.value.dtype, expansion
    )
    known = vectors.exact | vectors.lowered
    if not known.any():
        raise CorpusError(
            f"has no vector for any of the {len(known):,} types of the vocabulary",
            place=path,
            remedy="name vectors of the same language and unit",
        )
    if weight.value.flags.writeable:
        found = vectors.values[known]
        rng = np.random.default_rng([config.training.seed, 2])  # [seed, 0] drew the other weights
        missing = (int((~known).sum()), model.embedding_size)
        drawn = found.mean(axis=0) + found.std(axis=0) * rng.standard_normal(missing)
        for embedding in network.embeddings:
            embedding.weight.value[known] = found
            embedding.weight.value[~known] = drawn
    return [_coverage(path, vocabulary, vectors)]


def _coverage(path: str, vocabulary: Vocabulary, vectors: WordVectors) -> str:
    known = vectors.exact | vectors.lowered
    share = vocabulary.counts[known].sum() / max(vocabulary.counts.sum(), 1)
    said = (
        f"{path}: {int(known.sum()):,} of {len(known):,} types ({share:.1%} of tokens) have a "
        "vector"
    )
    if lowered := int(vectors.lowered.sum()):
        said += f", {lowered:,} of them that of the word in lower case"
    return said
