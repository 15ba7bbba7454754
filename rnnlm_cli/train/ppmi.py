"""A new training whose embedding starts from the co-occurrences in its text."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.config import Config
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.model.network import Network
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.text.cooccurrence import Sparse, pairs, ppmi, top_eigenvectors


def start_from_cooccurrences(config: Config, texts: TrainingTexts, network: Network) -> None:
    """Set a new network's embedding as ``model.embedding_start`` says.

    With ``ppmi`` the vectors are those of the positive pointwise mutual information of tokens near
    each other, reduced to ``E`` numbers by a singular value decomposition, and scaled to the
    standard deviation of the weights that were drawn. A token without a neighbour that it prefers
    keeps the vector that was drawn.
    """
    if config.model.embedding_start != "ppmi":
        return
    weight = network.embedding.weight.value
    matrix = ppmi(pairs(texts.train.ids, len(weight)))
    found = reduced(matrix, weight.shape[1], np.random.default_rng([config.training.seed, 6]))
    known = np.unique(matrix.rows)
    deviation = weight.std()
    if len(known):
        weight[known] = found[known] * (deviation / found[known].std())


def reduced(matrix: Sparse, size: int, rng: np.random.Generator) -> Array:
    """Return vectors ``(V, size)`` float32: ``U sqrt(S)`` of the singular value decomposition.

    (Levy et al., 2015, found it better than ``U S``.) If the vocabulary is smaller than ``size``,
    the last columns are zero.
    """
    values, vectors = top_eigenvectors(matrix, min(size, matrix.size), rng)
    found = np.zeros((matrix.size, size), np.float32)
    found[:, : len(values)] = vectors * np.sqrt(np.abs(values))
    return found
