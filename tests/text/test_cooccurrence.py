"""Co-occurrences against dense matrices and LAPACK's singular value decomposition."""

import numpy as np
import pytest

from rnnlm_cli.text import cooccurrence, storage
from rnnlm_cli.text.cooccurrence import Sparse, pairs, ppmi, top_eigenvectors

V = 30


def dense(matrix):
    full = np.zeros((matrix.size, matrix.size))
    full[matrix.rows, matrix.columns] = matrix.values
    assert (np.diff(matrix.rows * matrix.size + matrix.columns) > 0).all(), "in order, each once"
    return full


def ids():
    rng = np.random.default_rng(0)
    return np.minimum(rng.zipf(1.5, 400), V - 1).astype(np.uint16)


def counted(text):
    full = np.zeros((V, V))
    for place, token in enumerate(text):
        for other in text[place + 1 : place + 3]:
            full[token, other] += 1
            full[other, token] += 1
    return full


@pytest.mark.parametrize("chunk", [7, 10_000])
def test_it_counts_tokens_at_most_two_apart_in_any_chunks(monkeypatch, chunk):
    monkeypatch.setattr(storage, "CHUNK", chunk)
    np.testing.assert_array_equal(dense(pairs(ids(), V)), counted(ids().tolist()))


@pytest.mark.parametrize("text", [[], [3], [3, 3]])
def test_a_text_of_a_few_tokens_is_counted(text):
    np.testing.assert_array_equal(dense(pairs(np.array(text, np.uint16), V)), counted(text))


def test_the_beginning_of_a_long_text_is_counted(monkeypatch):
    monkeypatch.setattr(cooccurrence, "MOST_TOKENS", 100)
    near = dense(pairs(ids(), V)).sum()
    assert near == 2 * (100 + 100)  # each token with the next two


def test_ppmi_follows_its_definition():
    counts = counted(ids().tolist())
    sums = counts.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.log(counts * counts.sum() / (sums[:, np.newaxis] * sums))
    expected = np.where(counts > 0, np.maximum(expected, 0), 0)
    np.testing.assert_allclose(dense(ppmi(pairs(ids(), V))), expected, rtol=1e-5, atol=1e-6)


def test_the_main_directions_are_those_of_the_singular_value_decomposition(monkeypatch):
    monkeypatch.setattr(cooccurrence, "GATHERED", 90)  # rows of the matrix cut between parts
    matrix = ppmi(pairs(ids(), V))
    u, s, _ = np.linalg.svd(dense(matrix))
    values, vectors = top_eigenvectors(matrix, 12, np.random.default_rng(1))
    np.testing.assert_allclose(np.abs(values[:3]), s[:3], rtol=1e-3)
    np.testing.assert_allclose(np.abs((vectors * u[:, :12]).sum(axis=0))[:3], 1, atol=0.01)


def test_a_matrix_without_entries_has_no_directions():
    empty = Sparse(*(np.empty(0, kind) for kind in (np.int64, np.int64, np.float32)), V)
    values, _ = top_eigenvectors(empty, 3, np.random.default_rng(1))
    assert not values.any()
