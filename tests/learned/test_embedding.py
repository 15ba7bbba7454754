"""Neighbours and maps, with vectors that are given."""

import sys

import numpy as np
import pytest

from rnnlm_cli.errors import UsageError
from rnnlm_cli.learned.embedding import neighbors, principal, word_map


@pytest.fixture
def model(make):
    found = make()
    found.network.embedding.weight.value[...] = [
        [0, 0, 0],
        [1, 0, 0],
        [5, 5, 0],
        [-2, 0, 0],
        [3, 0.3, 0],
        [0, 0, 4],
    ]
    return found


def test_neighbours_are_by_angle_not_by_length(model):
    found = neighbors(model, "a", 4)
    assert [one.token for one in found] == ["d", "b", "<eos>", "<unk>"]
    assert found[0].similarity == pytest.approx(3 / np.hypot(3, 0.3))
    assert found[1].similarity == pytest.approx(np.sqrt(0.5))
    assert [one.times for one in found] == [5, 7, 9, 4]
    assert [one.token for one in neighbors(model, "a", 99)][-1] == "c"
    assert len(neighbors(model, "a", 99)) == 5


def test_an_unknown_word_is_told_with_those_like_it(model):
    with pytest.raises(UsageError, match=r"does not know 'A'; it knows a"):
        neighbors(model, "A", 1)


def test_principal_components_are_those_of_the_covariance():
    vectors = np.random.default_rng(0).standard_normal((20, 3)) * [1, 5, 2]
    xy, shares = principal(vectors)
    values, axes = np.linalg.eigh(np.cov(vectors.T))
    for k in (0, 1):
        expected = (vectors - vectors.mean(axis=0)) @ axes[:, 2 - k]
        np.testing.assert_allclose(np.abs(xy[:, k]), np.abs(expected), rtol=1e-9)
        assert xy[np.abs(xy[:, k]).argmax(), k] > 0
        assert shares[k] == pytest.approx(values[2 - k] / values.sum())


def test_a_map_of_words_and_those_near_them(model):
    found = word_map(model, ["a", "<unk>"], most=9, top=1, method="pca")
    assert [(place.token, place.group) for place in found.places] == [
        ("a", "a"),
        ("<unk>", "<unk>"),
        ("d", "a"),
        ("<eos>", "<unk>"),
    ]
    frequent = word_map(model, [], most=3, top=1, method="pca")
    assert [place.token for place in frequent.places] == ["<eos>", "a", "b"]
    with pytest.raises(UsageError, match="needs 3 words, and there are 2"):
        word_map(model, ["a"], most=9, top=1, method="pca")


def test_tsne_needs_scikit_learn(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.manifold", None)
    with pytest.raises(UsageError, match=r"sklearn is not installed; .*\[tsne\]"):
        word_map(model, [], most=3, top=1, method="tsne")


def test_tsne_keeps_neighbours_together(model):
    pytest.importorskip("sklearn")
    found = word_map(model, [], most=6, top=1, method="tsne")
    at = {place.token: np.array([place.x, place.y]) for place in found.places}
    assert np.linalg.norm(at["a"] - at["d"]) < np.linalg.norm(at["a"] - at["<unk>"])
    assert found.explained is None
