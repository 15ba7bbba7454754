"""Words by their vectors: the nearest ones, and a map of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.checks import Range
from rnnlm_cli.errors import UsageError, quoted
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Array, Ids
from rnnlm_cli.system.optional import extra
from rnnlm_cli.text.vocabulary import Vocabulary

METHODS = ("pca", "tsne")

TOP = Range(1, whole=True)
"""How many neighbours."""

MOST = Range(3, 2000, whole=True)
"""How many words a map may have."""

PERPLEXITY = 30.0
"""Of t-SNE: about how many neighbours a word has; fewer in a small map."""


class Neighbor(NamedTuple):
    """A word near another one."""

    token: str
    similarity: float  # cosine, from -1 to 1
    times: int  # how often it occurs in the training text


class Place(NamedTuple):
    """A word on a map."""

    token: str
    x: float
    y: float
    group: str  # the word whose neighbour it is; empty for a map of the most frequent words
    times: int


class WordMap(NamedTuple):
    """Words in two dimensions.

    Attributes:
        method: A name in ``METHODS``.
        places: The words.
        explained: The share of the vectors' variance that each axis has; ``None`` for t-SNE,
            whose axes and distances between groups mean nothing.
    """

    method: str
    places: list[Place]
    explained: tuple[float, float] | None


def neighbors(model: TrainedModel, word: str, top: int) -> list[Neighbor]:
    """Return the words whose vectors have the smallest angle to a word's, the nearest first.

    The vectors are the rows of the embedding, what the network knows of a word that it reads:
    words are near that have the same words after them (Mikolov, Yih and Zweig, 2013).

    Raises:
        UsageError: The model does not know the word.
    """
    vectors, own = _directions(model), known_id(model, word)
    similarity = vectors @ vectors[own]  # (V,)
    similarity[own] = -np.inf
    order = np.argsort(-similarity, kind="stable")[:top]
    return [
        Neighbor(model.vocabulary.tokens[k], float(similarity[k]), int(model.vocabulary.counts[k]))
        for k in order
        if k != own
    ]


def known_id(model: TrainedModel, word: str) -> int:
    """Return the id of the token that a user means.

    Raises:
        UsageError: The model does not know it.
    """
    vocabulary = model.vocabulary
    forms = model.codec.forms(word)
    for form in forms:
        if form in vocabulary:
            return vocabulary.index[form]
    near = vocabulary.near(word)
    raise UsageError(
        f"the model does not know {quoted(word)}"
        + (f"; it knows {', '.join(near)}" if near else "; use a word of its training text"),
    )


def word_map(
    model: TrainedModel, words: Sequence[str], most: int, top: int, method: str, seed: int = 1
) -> WordMap:
    """Return words in two dimensions, so that near vectors are near.

    Args:
        model: The model.
        words: Draw these and the ``top`` nearest of each; if there are none, the ``most`` most
            frequent words.
        most: How many words without ``words``.
        top: How many neighbours of each.
        method: ``pca``: the two directions in which the vectors differ most (Pearson, 1901);
            ``tsne``: neighbours stay neighbours (van der Maaten and Hinton, 2008), by scikit-learn.
        seed: Seed of t-SNE.

    Raises:
        UsageError: The model does not know a word, there are fewer than three, or scikit-learn is
            not installed.
    """
    groups: dict[int, str] = {}
    for word in words:
        groups.setdefault(known_id(model, word), word)
    for word in words:
        for near in neighbors(model, word, top):
            groups.setdefault(model.vocabulary.index[near.token], word)
    if not words:
        groups = dict.fromkeys(_most_frequent(model.vocabulary, most).tolist(), "")
    if len(groups) < MOST.low:
        raise UsageError(f"a map needs {MOST.low:g} words, and there are {len(groups)}; name more")
    ids = np.array(list(groups))
    vectors = model.network.embedding.weight.weights[ids].astype(np.float64)
    if method == "tsne":
        xy, explained = _tsne(vectors, seed), None
    else:
        xy, explained = principal(vectors)
    places = [
        Place(
            model.vocabulary.tokens[k], float(x), float(y), group, int(model.vocabulary.counts[k])
        )
        for (k, group), (x, y) in zip(groups.items(), xy, strict=True)
    ]
    return WordMap(method, places, explained)


def principal(vectors: Array) -> tuple[Array, tuple[float, float]]:
    """Return the two principal components ``(n, 2)`` of vectors, and their shares of the variance.

    The sign of a component is free; here its largest value is positive.
    """
    centred = vectors - vectors.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    xy = np.zeros((len(vectors), 2))
    axes = min(2, len(s))
    xy[:, :axes] = u[:, :axes] * s[:axes]
    largest = xy[np.abs(xy).argmax(axis=0), [0, 1]]
    total = float((s * s).sum()) or 1.0
    shares = [float(x * x) / total for x in (*s[:2], 0.0)]
    return xy * np.where(largest < 0, -1, 1), (shares[0], shares[1])


def _tsne(vectors: Array, seed: int) -> Array:
    manifold = extra("sklearn.manifold", "tsne")
    spread = min(PERPLEXITY, (len(vectors) - 1) / 3)
    made = manifold.TSNE(perplexity=spread, init="pca", metric="cosine", random_state=seed)
    return np.asarray(made.fit_transform(vectors.astype(np.float32)))


def _directions(model: TrainedModel) -> Array:
    vectors = model.network.embedding.weight.weights
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)


def _most_frequent(vocabulary: Vocabulary, most: int) -> Ids:
    return np.argsort(-vocabulary.counts, kind="stable")[:most]
